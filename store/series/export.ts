import type { ExportFormat } from '@aspara/protocol/metrics.ts'
import { inOrderOfNames } from '../catalog/run-rows.ts'
import type { Database } from '../engines/engine.ts'
import { encodePoints } from '../export/encode-points.ts'
import { type ExportedRun, readPointPages } from './point-pages.ts'
import type { Tails } from './tails.ts'

export interface ExportRequest {
  project: string
  runs: string[]
  /** undefined: all metrics. */
  metrics: string[] | undefined
  format: ExportFormat
  /** A column `run` before the others. */
  withRun: boolean
  /** In CSV no name is a formula to a spreadsheet. */
  isSafe?: boolean
}

/** Every point of runs as a file: one run after the other, each in step order. @throws runNotFound */
export async function encodeExport(
  db: Database,
  tails: Tails,
  { project, runs, metrics, format, withRun, isSafe }: ExportRequest,
): Promise<AsyncGenerator<Uint8Array>> {
  const found = await db
    .selectFrom('runs')
    .select(['id', 'name'])
    .where('project', '=', project)
    .where('name', 'in', runs)
    .execute()
  return encodePoints(format, pagesOf(db, tails, inOrderOfNames(runs, found), metrics), {
    withRun,
    isSafe,
  })
}

async function* pagesOf(db: Database, tails: Tails, runs: ExportedRun[], metrics: string[] | undefined) {
  for (const run of runs) yield* readPointPages(db, tails, run, metrics)
}
