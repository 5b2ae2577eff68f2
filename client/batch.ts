import type { Source } from './keeper.ts'

export const batchRowsMax = 20_000
/** The tracker counts steps and timestamps, too. */
const cellsMax = 1_000_000
/** Metrics of one batch, as the tracker takes them; a row has no more. */
const metricsMax = 10_000

/** Where there is little, it matters little how much of it is null. */
const sparseCells = 10_000

export interface Batch {
  rows: number
  /** `"steps":[…],"timestamps":[…],"metrics":{…}` */
  text: string
}

/**
 * Rows from where the source stands as columns of JSON, until `rowsMax`, about `charsMax` of text, a document, or what one
 * request carries well. Rows of other metrics may stand in one batch as long as a good part of its cells has a value.
 * @returns undefined when what comes next is no row
 */
export function takeBatch(
  source: Pick<Source, 'peek' | 'pass'>,
  rowsMax: number,
  charsMax = 250_000,
): Batch | undefined {
  const columns = new Map<string, { text: string; rows: number }>()
  let steps = ''
  let times = ''
  let rows = 0
  let filled = 0
  let chars = 0
  for (let row = source.peek(); row && !row.document; row = source.peek()) {
    const { keys, values, at, step, time } = row
    let width = columns.size + 2
    for (const key of keys) if (!columns.has(key)) width++
    const cells = (rows + 1) * width
    const isFull = rows >= rowsMax || chars > charsMax || cells > cellsMax || width > metricsMax + 2
    if (rows > 0 && (isFull || cells > 4 * filled + sparseCells)) break
    steps += `,${step}`
    times += `,${time}`
    for (let index = 0; index < keys.length; index++) {
      const column = columns.get(keys[index]) ?? { text: '', rows: 0 }
      columns.set(keys[index], column)
      const value = values[at + index]
      // JSON has no word for what is not finite, and JavaScript no minus for 0.
      const text = Number.isFinite(value) ? (Object.is(value, -0) ? '-0' : `${value}`) : `"${value}"`
      column.text += `${',null'.repeat(rows - column.rows)},${text}`
      column.rows = rows + 1
      chars += text.length + 1
    }
    rows++
    filled += keys.length + 2
    source.pass()
  }
  if (rows === 0) return undefined
  const metrics = Array.from(columns, ([key, column]) => {
    const text = column.text + ',null'.repeat(rows - column.rows)
    return `${JSON.stringify(key)}:[${text.slice(1)}]`
  })
  const [stepList, timeList] = [steps.slice(1), times.slice(1)]
  return { rows, text: `"steps":[${stepList}],"timestamps":[${timeList}],"metrics":{${metrics}}` }
}
