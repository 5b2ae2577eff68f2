import { limits } from '@aspara/protocol/limits.ts'
import type { TrashedRun, TrashPage } from '@aspara/protocol/trash.ts'
import type { Database } from '../engines/engine.ts'
import { isNumber, readCursor, writeCursor } from './cursor.ts'
import type { PageRequest } from './read-catalog.ts'
import { requireProject } from './read-projects.ts'
import { describedRun, moment, selectRuns } from './run-rows.ts'

/** What is in a project's trash, the newest deletion first. @throws projectNotFound, invalidField when the cursor is of another list */
export async function listTrash(
  db: Database,
  { project, page, nowMs }: { project: string; page: PageRequest; nowMs: number },
): Promise<TrashPage> {
  const limit = page.limit ?? limits.pageSizeDefault
  const after = readCursor(page.cursor, isNumber)
  await requireProject(db, project)
  let query = selectRuns(db, nowMs)
    .innerJoin('deleted_runs', 'deleted_runs.run', 'runs.id')
    .select((eb) => [
      eb.ref('deleted_runs.name').$notNull().as('called'),
      eb.ref('deleted_runs.deleted_at').$notNull().as('deleted_at'),
    ])
    .where('deleted_runs.project', '=', project)
    .orderBy('deleted_runs.deleted_at', 'desc')
    .limit(limit + 1)
  if (after !== undefined) query = query.where('deleted_runs.deleted_at', '<', after)
  const rows = await query.execute()
  return {
    runs: rows.slice(0, limit).map(
      (row): TrashedRun => ({
        ...describedRun({ ...row, project, name: row.called }),
        trash_id: row.name,
        deleted_at: moment(row.deleted_at),
        expires_at: moment(Math.max(row.deleted_at, row.heard_at) + limits.trashMs),
      }),
    ),
    next_cursor: rows.length > limit ? writeCursor(rows[limit - 1].deleted_at) : null,
  }
}
