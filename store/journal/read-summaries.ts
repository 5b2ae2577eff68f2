import { jsonNumber } from '@aspara/protocol/json.ts'
import type { MetricSummary } from '@aspara/protocol/metrics.ts'
import type { Database } from '../engines/engine.ts'
import type { RunSummaries } from '../series/run-summaries.ts'
import type { RunId } from '../tables.ts'
import { decodeEntry, type Entry } from './entry.ts'

/** What the values of one metric come to, folded entry by entry in the order of the journal. */
export interface Summary {
  count: number
  firstStep: number
  first: number
  lastStep: number
  last: number
  /** Of the finite values: Infinity and -Infinity while there is none. */
  min: number
  max: number
  minStep: number
  maxStep: number
  nonfinite: number
  sum: number
}

interface Folded {
  /** Entries before this position are in. */
  position: number
  summaries: Map<string, Summary>
}

/** Metrics kept folded, of all runs together: about 150 bytes each. */
const keptMetricsMax = 200_000
/** Read at a time between two looks at other questions. */
const entriesPerRead = 64

/**
 * Reads what each metric of a run came to. What has been folded once is kept, least recently used runs leave first, so a
 * page that asks again pays for what is new.
 */
export class SummaryReader implements RunSummaries {
  #db: Database
  #kept = new Map<RunId, Folded>()
  #keptMetrics = 0

  constructor(db: Database) {
    this.#db = db
  }

  async liveRuns(): Promise<RunId[]> {
    const rows = await this.#db.selectFrom('journal').select('run').distinct().execute()
    return rows.map((row) => row.run)
  }

  /** The metrics of a run, in the order in which they first came. */
  async read(run: RunId): Promise<MetricSummary[]> {
    const folded = this.#take(run) ?? { position: 0, summaries: new Map() }
    for (;;) {
      const entries = await this.#db
        .selectFrom('journal')
        .select(['position', 'body'])
        .where('run', '=', run)
        .where('position', '>=', folded.position)
        .orderBy('position')
        .limit(entriesPerRead)
        .execute()
      for (const { position, body } of entries) {
        foldEntry(folded.summaries, decodeEntry(body))
        folded.position = position + 1
      }
      if (entries.length < entriesPerRead) break
      await new Promise(setImmediate)
    }
    this.#keep(run, folded)
    return Array.from(folded.summaries, ([metric, summary]) => ({
      metric,
      count: summary.count,
      first_step: summary.firstStep,
      first: jsonNumber(summary.first),
      last_step: summary.lastStep,
      last: jsonNumber(summary.last),
      nonfinite: summary.nonfinite,
      min: summary.min <= summary.max ? summary.min : null,
      min_step: summary.min <= summary.max ? summary.minStep : null,
      max: summary.min <= summary.max ? summary.max : null,
      max_step: summary.min <= summary.max ? summary.maxStep : null,
      mean: summary.min <= summary.max ? summary.sum / (summary.count - summary.nonfinite) : null,
    }))
  }

  /** Taken out while it is being folded: two questions at once must not fold the same entry twice. */
  #take(run: RunId): Folded | undefined {
    const folded = this.#kept.get(run)
    if (folded) this.#drop(run, folded)
    return folded
  }

  #keep(run: RunId, folded: Folded): void {
    const other = this.#kept.get(run)
    if (other) this.#drop(run, other)
    this.#kept.set(run, folded)
    this.#keptMetrics += folded.summaries.size
    for (const [oldest, its] of this.#kept) {
      if (this.#keptMetrics <= keptMetricsMax) break
      this.#drop(oldest, its)
    }
  }

  #drop(run: RunId, folded: Folded): void {
    this.#kept.delete(run)
    this.#keptMetrics -= folded.summaries.size
  }
}

/** Adds an entry's values. Among equal steps the first that came is the first, and the last the last. */
export function foldEntry(summaries: Map<string, Summary>, entry: Entry): void {
  for (const { metric, values, rows } of entry.columns) {
    if (values.length === 0) continue // It has no step to begin with.
    let summary = summaries.get(metric)
    if (!summary) {
      const step = entry.steps[rows ? rows[0] : 0]
      summary = {
        count: 0,
        firstStep: step,
        first: values[0],
        lastStep: step,
        last: values[0],
        min: Infinity,
        max: -Infinity,
        minStep: 0,
        maxStep: 0,
        nonfinite: 0,
        sum: 0,
      }
      summaries.set(metric, summary)
    }
    summary.count += values.length
    for (let index = 0; index < values.length; index++) {
      const value = values[index]
      const step = entry.steps[rows ? rows[index] : index]
      if (step < summary.firstStep) {
        summary.firstStep = step
        summary.first = value
      }
      if (step >= summary.lastStep) {
        summary.lastStep = step
        summary.last = value
      }
      if (Number.isFinite(value)) {
        summary.sum += value
        if (value < summary.min) [summary.min, summary.minStep] = [value, step]
        if (value > summary.max) [summary.max, summary.maxStep] = [value, step]
      } else summary.nonfinite++
    }
  }
}
