import { randomUUID } from 'node:crypto'
import { problem } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import type { Database } from '../engines/engine.ts'
import type { RunId, Stamp, Tables } from '../tables.ts'
import type { Commit } from './commit.ts'
import { selectTrashed, trashOf } from './trashed-runs.ts'
import { findRun, getProject, getRun, type RunAddress } from './write-catalog.ts'

/*
 * Runs go into the trash of their project, come back, or go for good; each deed checks first and writes after, as those of
 * write-catalog.ts do.
 */

/** A deletion among others of its project, in the order of commits. */
export interface Removal {
  stamp: Stamp
  /** The stamp of the one before: whoever knows both has missed none between them. */
  before: Stamp
}

/** A run in the trash. */
export interface TrashAddress {
  project: string
  trashId: string
}

/** Puts a run into the trash: its name is free at once, and nothing of it is lost. @throws runNotFound */
export async function deleteRun(
  db: Database,
  address: RunAddress,
  { nowMs, stamp }: Commit,
): Promise<Removal & { trashId: string }> {
  const { project, run: called } = address
  const run = await getRun(db, address)
  const { removed: before } = await getProject(db, project)
  // Its client has made it and sends in a moment: what comes is of this run.
  const isAwaited = run.given_id !== null && !(await hasWriters(db, run.id))
  const deletedAt = Math.max(nowMs, (await readLastDeletion(db, project)) + 1)
  const trashId = randomUUID()
  await db
    .updateTable('runs')
    .set({ project: trashOf(project), name: trashId })
    .where('id', '=', run.id)
    .execute()
  await db
    .insertInto('deleted_runs')
    .values({ run: run.id, project, name: called, deleted_at: deletedAt, takes_writers: isAwaited ? 1 : 0 })
    .execute()
  await db.updateTable('projects').set({ removed: stamp }).where('name', '=', project).execute()
  return { trashId, stamp, before }
}

/**
 * Takes a run out of the trash, under its name or another. Who listens is told that it has to be read again: points are
 * not told twice.
 * @throws projectNotFound, trashedRunNotFound, runExists
 */
export async function restoreRun(
  db: Database,
  { project, trashId, name: wanted }: TrashAddress & { name?: string },
  { stamp }: Commit,
): Promise<{ name: string }> {
  const run = await getTrashed(db, { project, trashId })
  const { name: called } = await db
    .selectFrom('deleted_runs')
    .select((eb) => eb.ref('name').$notNull().as('name'))
    .where('run', '=', run.id)
    .executeTakeFirstOrThrow()
  const name = wanted ?? called
  if (await findRun(db, { project, run: name })) throw problem('runExists')
  await db.deleteFrom('deleted_runs').where('run', '=', run.id).execute()
  await db.updateTable('runs').set({ project, name }).where('id', '=', run.id).execute()
  await db.updateTable('heads').set({ stamp, described: stamp, compacted: stamp }).where('run', '=', run.id).execute()
  return { name }
}

/** A run of the trash goes for good; its journal is cleared afterwards. @throws projectNotFound, trashedRunNotFound */
export async function discardRun(db: Database, address: TrashAddress): Promise<void> {
  const run = await getTrashed(db, address)
  await discardRuns(db, [run.id])
}

/** The same for all of a project's trash. @throws projectNotFound */
export async function emptyTrash(db: Database, { project }: { project: string }): Promise<void> {
  await getProject(db, project)
  await discardAllOf(db, trashOf(project))
}

/** The same for runs that have been in the trash for long enough. @returns how many; 0: there are no more */
export async function discardExpired(db: Database, _: object, { nowMs }: Commit): Promise<number> {
  const longAgo = nowMs - limits.trashMs
  const expired = await db
    .selectFrom('deleted_runs')
    .innerJoin('heads', 'heads.run', 'deleted_runs.run')
    .select('deleted_runs.run')
    .where('deleted_runs.deleted_at', '<=', longAgo)
    // As long as its client sends, nothing of it is cleared.
    .where('heads.heard_at', '<=', longAgo)
    .limit(idsPerStatement)
    .execute()
  const ids = expired.map(({ run }) => run)
  if (ids.length > 0) await discardRuns(db, ids)
  return ids.length
}

/** A project goes for good, with its runs and its trash. @throws projectNotFound */
export async function deleteProject(db: Database, { project }: { project: string }): Promise<void> {
  await getProject(db, project)
  for (const place of [project, trashOf(project)]) await discardAllOf(db, place)
  await db.deleteFrom('views').where('project', '=', project).execute()
  await db.deleteFrom('projects').where('name', '=', project).execute()
}

async function getTrashed(db: Database, { project, trashId }: TrashAddress): Promise<Tables['runs']> {
  await getProject(db, project)
  const run = await findRun(db, { project: trashOf(project), run: trashId })
  if (!run) throw problem('trashedRunNotFound')
  return run
}

/** When a run of the trash was deleted last (ms since the epoch): the next one is later, so that they have an order. */
async function readLastDeletion(db: Database, project: string): Promise<number> {
  const last = await selectTrashed(db, project).select('deleted_runs.deleted_at').limit(1).executeTakeFirst()
  return last?.deleted_at ?? 0
}

async function hasWriters(db: Database, run: RunId): Promise<boolean> {
  const one = await db.selectFrom('writers').select('writer').where('run', '=', run).limit(1).executeTakeFirst()
  return one !== undefined
}

const idsPerStatement = 500

/** `place`: as it stands in `runs.project`. */
async function discardAllOf(db: Database, place: string): Promise<void> {
  const runs = await db.selectFrom('runs').select('id').where('project', '=', place).execute()
  for (let start = 0; start < runs.length; start += idsPerStatement) {
    await discardRuns(
      db,
      runs.slice(start, start + idsPerStatement).map((run) => run.id),
    )
  }
}

async function discardRuns(db: Database, ids: RunId[]): Promise<void> {
  // In the database: a list of them would have more variables than a statement takes.
  await db
    .insertInto('dropped_files')
    .columns(['sha256'])
    .expression(db.selectFrom('artifacts').select('sha256').distinct().where('run', 'in', ids))
    .execute()
  await db.deleteFrom('artifacts').where('run', 'in', ids).execute()
  await db.deleteFrom('writers').where('run', 'in', ids).execute()
  await db.deleteFrom('heads').where('run', 'in', ids).execute()
  await db.deleteFrom('runs').where('id', 'in', ids).execute()
  const cleared = { project: null, name: null, deleted_at: null, takes_writers: 0 as const }
  await db
    .insertInto('deleted_runs')
    .values(ids.map((run) => ({ run, ...cleared })))
    .onConflict((conflict) => conflict.column('run').doUpdateSet(cleared))
    .execute()
}
