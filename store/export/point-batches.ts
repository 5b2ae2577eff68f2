import { writeInt64s } from './int64.ts'
import type { PointPage } from './point-page.ts'

/** Points in the columns of a table, one row a point; the names once, and by index in each row. */
export interface PointBatch {
  rows: number
  runs: string[]
  run: Int32Array
  metrics: string[]
  metric: Int32Array
  steps: BigInt64Array
  /** Microseconds since the epoch. */
  timestamps: BigInt64Array
  values: Float64Array
}

/**
 * Readers decode a batch at a time, and each carries its names: few, large ones are a smaller file that opens faster.
 * At 28 bytes a point these are 3 MB, and some 30 MB while the slower of the two libraries works on them.
 */
const batchRowsMin = 100_000

/** The same points in batches of whole pages, each as few as make 100,000 points; the last may have fewer. */
export async function* batchesOf(pages: AsyncIterable<PointPage>): AsyncGenerator<PointBatch> {
  let gathered: PointPage[] = []
  let rows = 0
  for await (const page of pages) {
    gathered.push(page)
    rows += page.values.length
    if (rows < batchRowsMin) continue
    const batch = joinPages(gathered, rows)
    gathered = []
    rows = 0
    yield batch
  }
  if (rows > 0) yield joinPages(gathered, rows)
}

function joinPages(pages: PointPage[], rows: number): PointBatch {
  const runs = new Names()
  const metrics = new Names()
  const run = new Int32Array(rows)
  const metric = new Int32Array(rows)
  const steps = new BigInt64Array(rows)
  const timestamps = new BigInt64Array(rows)
  const values = new Float64Array(rows)
  let at = 0
  for (const page of pages) {
    const end = at + page.values.length
    run.fill(runs.indexOf(page.run), at, end)
    const indexes = page.metrics.map((name) => metrics.indexOf(name))
    for (let row = at; row < end; row++) metric[row] = indexes[page.metric[row - at]]
    writeInt64s(steps, at, page.steps, 1)
    writeInt64s(timestamps, at, page.timestamps, 1000)
    values.set(page.values, at)
    at = end
  }
  return { rows, runs: runs.inOrder, run, metrics: metrics.inOrder, metric, steps, timestamps, values }
}

/** Names, numbered in the order in which they are first asked for. */
class Names {
  readonly inOrder: string[] = []
  #indexes = new Map<string, number>()

  indexOf(name: string): number {
    let index = this.#indexes.get(name)
    if (index === undefined) {
      index = this.inOrder.push(name) - 1
      this.#indexes.set(name, index)
    }
    return index
  }
}
