import type { Category } from '@aspara/protocol/artifacts.ts'
import { problem } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import type { Selectable } from 'kysely'
import type { Database } from '../engines/engine.ts'
import type { RunId, Stamp, Tables } from '../tables.ts'
import { addRun, ensureProjects } from './add-run.ts'
import type { Commit } from './commit.ts'
import { readableName } from './run-names.ts'

/*
 * Each deed checks first and writes after, in the caller's transaction: one that throws a Problem has changed nothing.
 */

export interface RunAddress {
  project: string
  run: string
}

/** Any JSON object: a run's config or summary. */
export type JsonObject = Record<string, unknown>

export interface NewRun {
  project: string
  /** undefined: the store makes a readable one. */
  name: string | undefined
  tags: string[]
  notes: string
  config: JsonObject
  projectTags: string[]
  /** Go on with the run when it is there. */
  resume: boolean
}

/** What is named changes. */
export interface Description {
  display_name?: string | null
  tags?: string[]
  notes?: string
}

export interface NewArtifact extends RunAddress {
  name: string
  sha256: string
  /** Bytes. */
  size: number
  description: string | null
  category: Category | null
}

/** @throws runExists, documentTooLarge */
export async function createRun(db: Database, run: NewRun, commit: Commit): Promise<{ name: string }> {
  const before = run.name === undefined ? undefined : await findRun(db, { project: run.project, run: run.name })
  if (before && !run.resume) throw problem('runExists')
  const config = mergeDocument('config', before?.config ?? '{}', run.config)

  await ensureProjects(db, [run.project], commit.nowMs)
  await addProjectTags(db, run.project, run.projectTags)
  if (before) {
    await db
      .updateTable('runs')
      .set({
        config,
        tags: mergeTags(before.tags, run.tags),
        notes: run.notes === '' ? before.notes : run.notes,
        status: 'running',
        exit_code: null,
        finished_at: null,
      })
      .where('id', '=', before.id)
      .execute()
    await hearFrom(db, before.id, commit)
    return { name: before.name }
  }
  const name = run.name ?? (await freeName(db, run.project))
  const row = { project: run.project, name, tags: mergeTags('[]', run.tags), notes: run.notes, config }
  await addRun(db, row, commit)
  return { name }
}

/** Merges by top-level key: what is given anew replaces. @throws runNotFound, documentTooLarge */
export async function mergeIntoRun(
  db: Database,
  change: RunAddress & { part: 'config' | 'summary'; document: JsonObject },
  commit: Commit,
): Promise<void> {
  const run = await getRun(db, change)
  const merged = mergeDocument(change.part, run[change.part], change.document)
  await db
    .updateTable('runs')
    .set({ [change.part]: merged })
    .where('id', '=', run.id)
    .execute()
  await hearFrom(db, run.id, commit)
}

/** @throws runNotFound */
export async function setRunTags(db: Database, change: RunAddress & { tags: string[] }, commit: Commit): Promise<void> {
  const run = await getRun(db, change)
  await db
    .updateTable('runs')
    .set({ tags: mergeTags('[]', change.tags) })
    .where('id', '=', run.id)
    .execute()
  await hearFrom(db, run.id, commit)
}

/** @throws runNotFound */
export async function finishRun(
  db: Database,
  change: RunAddress & { exitCode: number },
  commit: Commit,
): Promise<void> {
  const run = await getRun(db, change)
  const status = change.exitCode === 0 ? 'finished' : 'failed'
  await db
    .updateTable('runs')
    .set({ status, exit_code: change.exitCode, finished_at: commit.nowMs })
    .where('id', '=', run.id)
    .execute()
  await hearFrom(db, run.id, commit)
}

/** @throws runNotFound */
export async function describeRun(
  db: Database,
  change: RunAddress & { description: Description },
  { stamp }: Commit,
): Promise<void> {
  const run = await getRun(db, change)
  const set = descriptionColumns(change.description)
  if (Object.keys(set).length === 0) return
  await db.updateTable('runs').set(set).where('id', '=', run.id).execute()
  await db.updateTable('heads').set({ stamp, described: stamp }).where('run', '=', run.id).execute()
}

/** @throws projectNotFound */
export async function describeProject(
  db: Database,
  change: { project: string; description: Description },
): Promise<void> {
  const project = await getProject(db, change.project)
  const set = descriptionColumns(change.description)
  if (Object.keys(set).length > 0) {
    await db.updateTable('projects').set(set).where('name', '=', project.name).execute()
  }
}

/** A deletion among others of its project, in the order of commits. */
export interface Removal {
  stamp: Stamp
  /** The stamp of the one before: whoever knows both has missed none between them. */
  before: Stamp
}

/** The run is gone at once; its journal is cleared afterwards. @throws runNotFound */
export async function deleteRun(db: Database, address: RunAddress, { stamp }: Commit): Promise<Removal> {
  await deleteRuns(db, [(await getRun(db, address)).id])
  const { removed: before } = await getProject(db, address.project)
  await db.updateTable('projects').set({ removed: stamp }).where('name', '=', address.project).execute()
  return { stamp, before }
}

/** @throws projectNotFound */
export async function deleteProject(db: Database, address: { project: string }): Promise<void> {
  const project = await getProject(db, address.project)
  const runs = await db.selectFrom('runs').select('id').where('project', '=', project.name).execute()
  for (let start = 0; start < runs.length; start += idsPerStatement) {
    await deleteRuns(
      db,
      runs.slice(start, start + idsPerStatement).map((run) => run.id),
    )
  }
  await db.deleteFrom('projects').where('name', '=', project.name).execute()
}

/** An artifact of the same name is replaced. The file is in place already. @throws runNotFound */
export async function addArtifact(db: Database, artifact: NewArtifact, commit: Commit): Promise<void> {
  const { id } = await getRun(db, artifact)
  const { name, sha256, size, description, category } = artifact
  const before = await db
    .selectFrom('artifacts')
    .select('sha256')
    .where('run', '=', id)
    .where('name', '=', name)
    .executeTakeFirst()
  if (before && before.sha256 !== sha256) {
    await db.insertInto('dropped_files').values({ sha256: before.sha256 }).execute()
  }
  const row = { sha256, size, description, category, created_at: commit.nowMs }
  await db
    .insertInto('artifacts')
    .values({ run: id, name, ...row })
    .onConflict((conflict) => conflict.columns(['run', 'name']).doUpdateSet(row))
    .execute()
  await hearFrom(db, id, commit)
}

const idsPerStatement = 500

async function deleteRuns(db: Database, ids: RunId[]): Promise<void> {
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
  await db
    .insertInto('deleted_runs')
    .values(ids.map((run) => ({ run })))
    .execute()
}

export function findRun(db: Database, { project, run }: RunAddress): Promise<Tables['runs'] | undefined> {
  return db.selectFrom('runs').selectAll().where('project', '=', project).where('name', '=', run).executeTakeFirst()
}

async function getRun(db: Database, address: RunAddress): Promise<Tables['runs']> {
  const run = await findRun(db, address)
  if (!run) throw problem('runNotFound')
  return run
}

async function getProject(db: Database, name: string): Promise<Selectable<Tables['projects']>> {
  const project = await db.selectFrom('projects').selectAll().where('name', '=', name).executeTakeFirst()
  if (!project) throw problem('projectNotFound')
  return project
}

async function freeName(db: Database, project: string): Promise<string> {
  for (let tries = 0; ; tries++) {
    const name = readableName(Math.random, tries)
    if (!(await findRun(db, { project, run: name }))) return name
  }
}

async function addProjectTags(db: Database, name: string, tags: string[]): Promise<void> {
  if (tags.length === 0) return
  const project = await getProject(db, name)
  await db
    .updateTable('projects')
    .set({ tags: mergeTags(project.tags, tags) })
    .where('name', '=', name)
    .execute()
}

/** Its client has spoken, and what is told of the run is another. */
async function hearFrom(db: Database, run: RunId, { nowMs, stamp }: Commit): Promise<void> {
  await db.updateTable('heads').set({ heard_at: nowMs, stamp, described: stamp }).where('run', '=', run).execute()
}

function descriptionColumns(
  description: Description,
): Partial<Pick<Tables['runs'], 'display_name' | 'tags' | 'notes'>> {
  const { tags, ...rest } = description
  return tags ? { ...rest, tags: mergeTags('[]', tags) } : rest
}

/** The tags there are and the new ones, each once, in the order in which they came. */
function mergeTags(before: string, added: string[]): string {
  const merged = new Set([...JSON.parse(before), ...added])
  // Past the limit the list would grow without bound, one resume after the other: the oldest stay.
  return JSON.stringify([...merged].slice(0, limits.tagsMax))
}

function mergeDocument(what: 'config' | 'summary', before: string, added: JsonObject): string {
  const merged = JSON.stringify({ ...JSON.parse(before), ...added })
  if (Buffer.byteLength(merged) > limits.documentBytesMax)
    throw problem('documentTooLarge', what, limits.documentBytesMax)
  return merged
}
