import { jsonNumber } from '@aspara/protocol/json.ts'
import type { MetricSummary } from '@aspara/protocol/metrics.ts'
import type { Database } from '../engines/engine.ts'
import type { RunId } from '../tables.ts'
import { decodeTotal, totalValues } from './chunk.ts'
import { readLiveRuns } from './live-runs.ts'
import { addTotals, meanOf, type Rollups, rollupColumns } from './rollups.ts'
import type { RunSummaries } from './run-summaries.ts'
import type { Tails } from './tails.ts'

/** What metrics came to, without touching points: the totals of `series` and of what the journal has beyond them. */
export class SeriesSummaries implements RunSummaries {
  #db: Database
  #tails: Tails

  constructor(db: Database, tails: Tails) {
    this.#db = db
    this.#tails = tails
  }

  liveRuns(): Promise<RunId[]> {
    return readLiveRuns(this.#db).then((live) => live.map(({ run }) => run))
  }

  async read(run: RunId): Promise<MetricSummary[]> {
    return (await this.readMany([run])).get(run) as MetricSummary[]
  }

  async readMany(runs: RunId[], metrics?: string[]): Promise<Map<RunId, MetricSummary[]>> {
    const summaries = new Map(runs.map((run): [RunId, MetricSummary[]] => [run, []]))
    if (runs.length === 0) return summaries
    await this.#db.transaction().execute(async (db) => {
      const rows = await db
        .selectFrom('series')
        .select(['run', 'metric', 'rollup'])
        .where('run', 'in', runs)
        .$if(metrics !== undefined, (query) => query.where('metric', 'in', metrics as string[]))
        .orderBy('run')
        .orderBy('number')
        .execute()
      const stored = Map.groupBy(rows, (row) => row.run)
      for (const [run, its] of stored) {
        summaries.set(
          run,
          its.map(({ metric, rollup }) => summaryOf(metric, totalValues(rollup))),
        )
      }
      for (const live of await readLiveRuns(db)) {
        if (!summaries.has(live.run)) continue
        const tail = await this.#tails.readLive(db, live)
        const totals = new Map((stored.get(live.run) ?? []).map(({ metric, rollup }) => [metric, decodeTotal(rollup)]))
        for (const [metric, total] of tail.totals) {
          if (metrics && !metrics.includes(metric)) continue
          const before = totals.get(metric)
          totals.set(metric, before ? addTotals(before, total) : total)
        }
        summaries.set(
          live.run,
          Array.from(totals, ([metric, total]) => summaryOf(metric, valuesOf(total))),
        )
      }
    })
    return summaries
  }
}

const valuesOf = (total: Rollups): Float64Array => Float64Array.from(rollupColumns, (name) => total[name][0])
const place = Object.fromEntries(rollupColumns.map((name, index) => [name, index])) as {
  [column in (typeof rollupColumns)[number]]: number
}

/** `total`: as `totalValues` gives it. */
function summaryOf(metric: string, total: Float64Array): MetricSummary {
  const count = total[place.count]
  const nonfinite = total[place.nonfinite]
  const [min, max] = [total[place.min], total[place.max]]
  const hasFinite = count > nonfinite
  const sum = total[place.sum] + total[place.sumLow]
  return {
    metric,
    count,
    nonfinite,
    first_step: total[place.firstStep],
    first: jsonNumber(total[place.first]),
    last_step: total[place.lastStep],
    last: jsonNumber(total[place.last]),
    min: hasFinite ? min : null,
    min_step: hasFinite ? total[place.minStep] : null,
    max: hasFinite ? max : null,
    max_step: hasFinite ? total[place.maxStep] : null,
    mean: hasFinite ? jsonNumber(meanOf(sum, count - nonfinite, min, max)) : null,
  }
}
