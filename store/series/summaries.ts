import { jsonNumber } from '@aspara/protocol/json.ts'
import type { MetricSummary } from '@aspara/protocol/metrics.ts'
import type { Database } from '../engines/engine.ts'
import type { RunId } from '../tables.ts'
import { decodeTotal } from './chunk.ts'
import { readLiveRuns } from './live-runs.ts'
import { addTotals, type Rollups } from './rollups.ts'
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
    const totals = new Map(runs.map((run) => [run, new Map<string, Rollups>()]))
    if (runs.length === 0) return new Map()
    await this.#db.transaction().execute(async (db) => {
      const rows = await db
        .selectFrom('series')
        .select(['run', 'metric', 'rollup'])
        .where('run', 'in', runs)
        .$if(metrics !== undefined, (query) => query.where('metric', 'in', metrics as string[]))
        .orderBy('run')
        .orderBy('number')
        .execute()
      for (const { run, metric, rollup } of rows) totals.get(run)?.set(metric, decodeTotal(rollup))
      for (const live of await readLiveRuns(db)) {
        const its = totals.get(live.run)
        if (!its) continue
        for (const [metric, total] of (await this.#tails.readLive(db, live)).totals) {
          if (metrics && !metrics.includes(metric)) continue
          const before = its.get(metric)
          its.set(metric, before ? addTotals(before, total) : total)
        }
      }
    })
    const summaries = (its: Map<string, Rollups>) => Array.from(its, ([metric, total]) => summaryOf(metric, total))
    return new Map(Array.from(totals, ([run, its]) => [run, summaries(its)]))
  }
}

function summaryOf(metric: string, total: Rollups): MetricSummary {
  const count = total.count[0]
  const nonfinite = total.nonfinite[0]
  const hasFinite = count > nonfinite
  return {
    metric,
    count,
    nonfinite,
    first_step: total.firstStep[0],
    first: jsonNumber(total.first[0]),
    last_step: total.lastStep[0],
    last: jsonNumber(total.last[0]),
    min: hasFinite ? total.min[0] : null,
    min_step: hasFinite ? total.minStep[0] : null,
    max: hasFinite ? total.max[0] : null,
    max_step: hasFinite ? total.maxStep[0] : null,
    mean: hasFinite ? jsonNumber(total.mean(0)) : null,
  }
}
