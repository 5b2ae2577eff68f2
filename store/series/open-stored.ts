import type { Database } from '../engines/engine.ts'
import type { RunId } from '../tables.ts'
import { StoredSeries } from './stored-series.ts'

/** A row of `series`, as far as it says where points are. */
export interface StoredRow {
  number: number
  metric: string
  rollup: Uint8Array
  levels: string
}

/** Series of so many points have a few chunks. A question for each of them was most of a panel's time. */
const fewPoints = 4_096

/**
 * Opens series of a run. The chunks of short ones are read here, all in one question.
 * @param isWanted whether points of a metric will be asked for; of the others only the total is
 */
export async function openStored(
  db: Database,
  run: RunId,
  rows: StoredRow[],
  isWanted: (metric: string) => boolean,
): Promise<Map<string, StoredSeries>> {
  const opened = new Map(rows.map((row) => [row.number, new StoredSeries(db, run, row)]))
  const short = rows
    .filter(({ number, metric }) => isWanted(metric) && (opened.get(number)?.total.count[0] ?? 0) <= fewPoints)
    .map(({ number }) => number)
  if (short.length > 1) {
    const chunks = await db
      .selectFrom('chunks')
      .select(['series', 'body'])
      .where('run', '=', run)
      .where('level', '=', 0)
      .where('series', 'in', short)
      .orderBy('series')
      .orderBy('first_step')
      .orderBy('part')
      .execute()
    const bodies = Map.groupBy(chunks, (chunk) => chunk.series)
    for (const [number, its] of bodies) opened.get(number)?.holdPoints(its.map(({ body }) => body))
  }
  return new Map(rows.map(({ number, metric }) => [metric, opened.get(number) as StoredSeries]))
}
