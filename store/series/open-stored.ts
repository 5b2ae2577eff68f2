import type { Database } from '../engines/engine.ts'
import type { RunId } from '../tables.ts'
import { decodeAllPoints } from './chunk.ts'
import type { Points } from './points.ts'
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
 * Opens series of a run. The chunks of short ones are read all in one question, when the first is asked for its points.
 * @param isWanted whether points of a metric will be asked for; of the others only the total is
 */
export function openStored(
  db: Database,
  run: RunId,
  rows: StoredRow[],
  isWanted: (metric: string) => boolean,
): Map<string, StoredSeries> {
  const opened = new Map(rows.map((row) => [row.number, new StoredSeries(db, run, row)]))
  const short = rows
    .filter(({ number, metric }) => isWanted(metric) && (opened.get(number)?.total.count[0] ?? 0) <= fewPoints)
    .map(({ number }) => number)
  let reading: Promise<Map<number, Points[]>> | undefined
  if (short.length > 1) {
    for (const number of short) {
      opened.get(number)?.readPointsBy(async () => {
        reading ??= readChunks(db, run, short)
        return (await reading).get(number) ?? []
      })
    }
  }
  return new Map(rows.map(({ number, metric }) => [metric, opened.get(number) as StoredSeries]))
}

/** The chunks of points of some series, each in order. */
async function readChunks(db: Database, run: RunId, series: number[]): Promise<Map<number, Points[]>> {
  const rows = await db
    .selectFrom('chunks')
    .select(['series', 'body'])
    .where('run', '=', run)
    .where('level', '=', 0)
    .where('series', 'in', series)
    .orderBy('series')
    .orderBy('first_step')
    .orderBy('part')
    .execute()
  const points = decodeAllPoints(rows.map((row) => row.body))
  const chunks = new Map<number, Points[]>()
  for (const [index, { series: number }] of rows.entries()) {
    const its = chunks.get(number)
    if (its) its.push(points[index])
    else chunks.set(number, [points[index]])
  }
  return chunks
}
