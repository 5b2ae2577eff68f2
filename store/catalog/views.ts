import { problem } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import type { View, ViewPage } from '@aspara/protocol/views.ts'
import type { Database } from '../engines/engine.ts'
import type { Tables } from '../tables.ts'
import type { Commit } from './commit.ts'
import { isText, readCursor, writeCursor } from './cursor.ts'
import type { PageRequest } from './read-catalog.ts'
import { requireProject } from './read-projects.ts'
import { moment } from './run-rows.ts'
import type { JsonObject } from './write-catalog.ts'

export interface ViewAddress {
  project: string
  name: string
}

/** The views of a project by name. @throws projectNotFound, invalidField when the cursor is of another list */
export async function listViews(
  db: Database,
  { project, page }: { project: string; page: PageRequest },
): Promise<ViewPage> {
  const limit = page.limit ?? limits.pageSizeDefault
  const after = readCursor(page.cursor, isText)
  await requireProject(db, project)
  let query = db
    .selectFrom('views')
    .selectAll()
    .where('project', '=', project)
    .orderBy('name')
    .limit(limit + 1)
  if (after !== undefined) query = query.where('name', '>', after)
  const rows = await query.execute()
  return {
    views: rows.slice(0, limit).map(viewOf),
    next_cursor: rows.length > limit ? writeCursor(rows[limit - 1].name) : null,
  }
}

/** Makes a view, or puts another in its place. @throws projectNotFound, tooManyViews */
export async function putView(
  db: Database,
  { project, name, view }: ViewAddress & { view: JsonObject },
  { nowMs }: Commit,
): Promise<View> {
  await requireProject(db, project)
  const others = await db
    .selectFrom('views')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('project', '=', project)
    .where('name', '!=', name)
    .executeTakeFirstOrThrow()
  if (others.count >= limits.viewsMax) throw problem('tooManyViews', limits.viewsMax)
  const row = await db
    .insertInto('views')
    .values({ project, name, view: JSON.stringify(view), created_at: nowMs, updated_at: nowMs })
    .onConflict((conflict) =>
      conflict.columns(['project', 'name']).doUpdateSet({ view: JSON.stringify(view), updated_at: nowMs }),
    )
    .returningAll()
    .executeTakeFirstOrThrow()
  return viewOf(row)
}

/** @throws projectNotFound, viewNotFound */
export async function deleteView(db: Database, { project, name }: ViewAddress): Promise<void> {
  await requireProject(db, project)
  const { numDeletedRows } = await db
    .deleteFrom('views')
    .where('project', '=', project)
    .where('name', '=', name)
    .executeTakeFirstOrThrow()
  if (numDeletedRows === 0n) throw problem('viewNotFound')
}

const viewOf = ({ name, view, created_at, updated_at }: Tables['views']): View => ({
  name,
  view: JSON.parse(view),
  created_at: moment(created_at),
  updated_at: moment(updated_at),
})
