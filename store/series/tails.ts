import { problem } from '@aspara/protocol/errors.ts'
import type { Database } from '../engines/engine.ts'
import { decodeEntry } from '../journal/entry.ts'
import type { RunId } from '../tables.ts'
import { splitByMetric } from './compact.ts'
import { type LiveRun, readLiveRun } from './live-runs.ts'
import { noPoints, type Points, sortPoints } from './points.ts'
import { addTotals, type Rollups, totalOfPoints } from './rollups.ts'

/** Points kept in memory, of all runs together, 24 bytes each. A metric by itself takes about as much as so many. */
const keptWeightMax = 2_000_000
const metricWeight = 150
/** Read at a time: an entry is as large as a batch. */
const entriesPerRead = 16
/**
 * More than all runs together have in the journal (threads/compaction-desk.ts), but after an older version, which compacted
 * nothing: such a run can be read when the tracker has been up for some seconds.
 */
const bytesMax = 64 * 1024 * 1024

/** What a run has in the journal: acknowledged, and not in its chunks yet. */
export class Tail {
  /** The entries from one position to before another. */
  readonly from: number
  before: number
  pointCount = 0
  /** What the points of each metric come to; in the order in which the metrics first came. */
  readonly totals = new Map<string, Rollups>()
  #columns = new Map<string, TailColumn>()

  constructor(from: number) {
    this.from = from
    this.before = from
  }

  /** What it takes in memory, in points. */
  get weight(): number {
    return this.pointCount + this.totals.size * metricWeight
  }

  /** The points of a metric in the order of their steps. */
  points(metric: string): Points {
    return this.#columns.get(metric)?.sorted() ?? noPoints
  }

  add(bodies: Uint8Array[]): void {
    for (const [metric, points] of splitByMetric(bodies.map(decodeEntry))) {
      let column = this.#columns.get(metric)
      if (!column) {
        column = new TailColumn()
        this.#columns.set(metric, column)
      }
      column.add(points)
      const total = totalOfPoints(points)
      const before = this.totals.get(metric)
      this.totals.set(metric, before ? addTotals(before, total) : total)
      this.pointCount += points.steps.length
    }
  }
}

/** Points of one metric as they arrive; put in order when somebody looks. */
class TailColumn {
  #arrived: Points = noPoints
  #length = 0
  #sorted: Points | undefined

  add(points: Points): void {
    const length = this.#length + points.steps.length
    if (length > this.#arrived.steps.length) {
      const capacity = Math.max(length, this.#length * 2)
      const grow = (column: Float64Array) => {
        const grown = new Float64Array(capacity)
        grown.set(column.subarray(0, this.#length))
        return grown
      }
      const { steps, times, values } = this.#arrived
      this.#arrived = { steps: grow(steps), times: grow(times), values: grow(values) }
    }
    this.#arrived.steps.set(points.steps, this.#length)
    this.#arrived.times.set(points.times, this.#length)
    this.#arrived.values.set(points.values, this.#length)
    this.#length = length
    this.#sorted = undefined
  }

  sorted(): Points {
    const { steps, times, values } = this.#arrived
    const part = (column: Float64Array) => column.subarray(0, this.#length)
    this.#sorted ??= sortPoints({ steps: part(steps), times: part(times), values: part(values) })
    return this.#sorted
  }
}

/**
 * Tails of runs, kept between questions: the next one pays for what is new. When compaction has taken a part away, what
 * is left is read again. The least recently asked leave first.
 */
export class Tails {
  #kept = new Map<RunId, Tail>()
  #weight = 0

  /** `db`: the snapshot in which the rest of the question is answered. @throws tooBusy while there is too much to read */
  async read(db: Database, run: RunId): Promise<Tail> {
    const live = await readLiveRun(db, run)
    if (live) return this.readLive(db, live)
    this.#take(run)
    return new Tail(0)
  }

  /** The same for a run of which it is known already where its entries stand. */
  async readLive(db: Database, { run, first, next }: LiveRun): Promise<Tail> {
    let tail = this.#take(run)
    if (tail?.from !== first) tail = new Tail(first)
    if (tail.before < next) await this.#readRest(db, run, tail)
    this.#keep(run, tail)
    return tail
  }

  async #readRest(db: Database, run: RunId, tail: Tail): Promise<void> {
    const fresh = db.selectFrom('journal').where('run', '=', run).where('position', '>=', tail.before)
    const { bytes } = await fresh
      .select((eb) => eb.fn.coalesce(eb.fn.sum<number>(eb.fn('length', ['body'])), eb.lit(0)).as('bytes'))
      .executeTakeFirstOrThrow()
    if (bytes > bytesMax) throw problem('tooBusy')
    for (;;) {
      const entries = await fresh
        .select(['position', 'body'])
        .where('position', '>=', tail.before)
        .orderBy('position')
        .limit(entriesPerRead)
        .execute()
      if (entries.length > 0) {
        tail.add(entries.map((entry) => entry.body))
        tail.before = entries[entries.length - 1].position + 1
      }
      if (entries.length < entriesPerRead) return
    }
  }

  #take(run: RunId): Tail | undefined {
    const tail = this.#kept.get(run)
    if (!tail) return undefined
    this.#kept.delete(run)
    this.#weight -= tail.weight
    return tail
  }

  #keep(run: RunId, tail: Tail): void {
    this.#kept.set(run, tail)
    this.#weight += tail.weight
    for (const [oldest, its] of this.#kept) {
      if (this.#weight <= keptWeightMax) break
      this.#kept.delete(oldest)
      this.#weight -= its.weight
    }
  }
}
