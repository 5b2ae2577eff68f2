import type { Category } from '@aspara/protocol/artifacts.ts'
import { problem } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import type { Selectable } from 'kysely'
import type { Database } from '../engines/engine.ts'
import type { RunId, Tables } from '../tables.ts'
import { addRun, ensureProjects } from './add-run.ts'
import type { Commit } from './commit.ts'
import { forgetEnding } from './run-ending.ts'
import { readableName } from './run-names.ts'
import { beginRun, reopenRun } from './run-status.ts'
import { findTrashed, homeOf, selectTrashed, type TrashedRun } from './trashed-runs.ts'
import { addWriter, isKnownWriter } from './writers.ts'

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
  /** Of the client's making: a run of the project that has it already is this one, whatever its name. */
  id?: string
  display_name?: string | null
  group?: string | null
  job_type?: string | null
  tags: string[]
  notes: string
  config: JsonObject
  projectTags: string[]
  /** Its project's, when that has none yet. */
  projectDisplayName?: string | null
  /** When it began by its client's clock (ms since the epoch); undefined: now. */
  startedAt?: number
  /** A UUID in lower case: the writer that makes it, of which a batch may never come. */
  writer?: string
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

/**
 * Makes a run, or goes on with the one that is meant. One in the trash that has the id goes on in there, so that a client
 * which only asks again does not bring back what was deleted.
 * @throws runExists, documentTooLarge
 */
export async function createRun(db: Database, run: NewRun, commit: Commit): Promise<{ name: string }> {
  const { project, name: wanted, id } = run
  const trashed = id === undefined ? undefined : await findTrashedOfId(db, project, id)
  const trashedName = trashed && (await nameInTrash(db, trashed, wanted))
  const same = trashed ?? (id === undefined ? undefined : await findRunOfId(db, project, id))
  const before = same ?? (wanted === undefined ? undefined : await findRun(db, { project, run: wanted }))
  if (before && !run.resume && !(same && (await isAskedAgain(db, before.id, run)))) throw problem('runExists')
  const set = before && !run.resume ? filledIn(before, run) : goneOnWith(before, run)

  await ensureProjects(db, [run.project], commit.nowMs)
  await addProjectTags(db, run.project, run.projectTags, commit)
  await nameProject(db, run.project, run.projectDisplayName, commit)
  const startedAt = Math.min(Math.floor(run.startedAt ?? commit.nowMs), commit.nowMs)
  if (before) {
    if (run.resume) await forgetEnding(db, before.id, commit.nowMs)
    await db
      .updateTable('runs')
      .set({ ...set, given_id: before.given_id ?? id })
      .where('id', '=', before.id)
      .execute()
    await reopenRun(db, before.id)
    if (startedAt < before.created_at) await beginRun(db, before.id, startedAt)
    await hearFrom(db, before.id, commit)
    if (run.writer !== undefined) await addWriter(db, before.id, run.writer, commit)
    if (trashedName === undefined) return { name: before.name }
    await db
      .updateTable('deleted_runs')
      .set({ name: trashedName, takes_writers: 1 })
      .where('run', '=', before.id)
      .execute()
    return { name: trashedName }
  }
  const name = wanted ?? (await freeName(db, project))
  const made = await addRun(db, { project, name, given_id: id, created_at: startedAt, ...set }, commit)
  if (run.writer !== undefined) await addWriter(db, made, run.writer, commit)
  return { name }
}

/** Whether a run that has the id is asked for by whoever made it: another writer must say that it goes on with it. */
async function isAskedAgain(db: Database, run: RunId, { writer }: NewRun): Promise<boolean> {
  return writer === undefined || (await isKnownWriter(db, run, writer))
}

type Described = Pick<Tables['runs'], 'config' | 'tags' | 'notes' | 'display_name' | 'group' | 'job_type'>

/** What a run says of itself when it goes on as another says, or begins. */
function goneOnWith(before: Described | undefined, run: NewRun): Described {
  return {
    config: mergeDocument('config', before?.config ?? '{}', run.config),
    tags: mergeTags(before?.tags ?? '[]', run.tags),
    notes: run.notes || (before?.notes ?? ''),
    display_name: run.display_name ?? before?.display_name ?? null,
    group: run.group ?? before?.group ?? null,
    job_type: run.job_type ?? before?.job_type ?? null,
  }
}

/**
 * What a run says of itself when making it is asked for again: whoever repeats it may have changed the run since, or
 * somebody else. So what it says stays, and what it doesn't is filled in.
 */
function filledIn(before: Described, run: NewRun): Described {
  return {
    config: mergeDocument('config', JSON.stringify(run.config), JSON.parse(before.config)),
    tags: before.tags === '[]' ? mergeTags('[]', run.tags) : before.tags,
    notes: before.notes || run.notes,
    display_name: before.display_name ?? run.display_name ?? null,
    group: before.group ?? run.group ?? null,
    job_type: before.job_type ?? run.job_type ?? null,
  }
}

/** Merges by top-level key: what is given anew replaces. @throws runNotFound, documentTooLarge */
export async function mergeIntoRun(
  db: Database,
  change: RunAddress & { part: 'config' | 'summary'; document: JsonObject },
  commit: Commit,
): Promise<void> {
  const run = await getAddressed(db, change)
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
  const run = await getAddressed(db, change)
  await db
    .updateTable('runs')
    .set({ tags: mergeTags('[]', change.tags) })
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
  const run = await getAddressed(db, change)
  const set = descriptionColumns(change.description)
  if (Object.keys(set).length === 0) return
  await db.updateTable('runs').set(set).where('id', '=', run.id).execute()
  await db.updateTable('heads').set({ stamp, described: stamp }).where('run', '=', run.id).execute()
}

/** @throws projectNotFound */
export async function describeProject(
  db: Database,
  change: { project: string; description: Description },
  { stamp }: Commit,
): Promise<void> {
  const project = await getProject(db, change.project)
  const set = descriptionColumns(change.description)
  if (Object.keys(set).length === 0) return
  await db
    .updateTable('projects')
    .set({ ...set, described: stamp })
    .where('name', '=', project.name)
    .execute()
}

/** An artifact of the same name is replaced. The file is in place already. @throws runNotFound */
export async function addArtifact(db: Database, artifact: NewArtifact, commit: Commit): Promise<void> {
  const { id } = await getAddressed(db, artifact)
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

export function findRun(db: Database, { project, run }: RunAddress): Promise<Tables['runs'] | undefined> {
  return db.selectFrom('runs').selectAll().where('project', '=', project).where('name', '=', run).executeTakeFirst()
}

async function findRunOfId(db: Database, project: string, id: string): Promise<Tables['runs'] | undefined> {
  return db.selectFrom('runs').selectAll().where('project', '=', project).where('given_id', '=', id).executeTakeFirst()
}

function findTrashedOfId(db: Database, project: string, id: string): Promise<TrashedRun | undefined> {
  return selectTrashed(db, project)
    .selectAll('runs')
    .select((eb) => eb.ref('deleted_runs.name').$notNull().as('called'))
    .where('runs.given_id', '=', id)
    .executeTakeFirst()
}

/**
 * What a run in the trash is called to its client: as before, or as the client wants where another run has that name by
 * now, since what is sent to a name goes to the run that has it. @throws runExists
 */
async function nameInTrash(db: Database, { called, project: place }: TrashedRun, wanted?: string): Promise<string> {
  const project = homeOf(place)
  if (!(await findRun(db, { project, run: called }))) return called
  if (wanted === undefined) return freeName(db, project)
  if (await findRun(db, { project, run: wanted })) throw problem('runExists')
  return wanted
}

/** @throws runNotFound */
export async function getRun(db: Database, address: RunAddress): Promise<Tables['runs']> {
  const run = await findRun(db, address)
  if (!run) throw problem('runNotFound')
  return run
}

/** The run that something is for which its client sends, also when it is in the trash. @throws runNotFound */
export async function getAddressed(db: Database, address: RunAddress, writer?: string): Promise<Tables['runs']> {
  const run = (await findRun(db, address)) ?? (await findTrashed(db, address, writer))
  if (!run) throw problem('runNotFound')
  return run
}

/** @throws projectNotFound */
export async function getProject(db: Database, name: string): Promise<Selectable<Tables['projects']>> {
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

async function addProjectTags(db: Database, name: string, added: string[], { stamp }: Commit): Promise<void> {
  if (added.length === 0) return
  const project = await getProject(db, name)
  const tags = mergeTags(project.tags, added)
  // Each run of a sweep brings the same ones.
  if (tags === project.tags) return
  await db.updateTable('projects').set({ tags, described: stamp }).where('name', '=', name).execute()
}

async function nameProject(
  db: Database,
  name: string,
  displayName: string | null | undefined,
  { stamp }: Commit,
): Promise<void> {
  if (!displayName) return
  await db
    .updateTable('projects')
    .set({ display_name: displayName, described: stamp })
    .where('name', '=', name)
    .where('display_name', 'is', null)
    .execute()
}

/** Its client has spoken, and what is told of the run is another. */
export async function hearFrom(db: Database, run: RunId, { nowMs, stamp }: Commit): Promise<void> {
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
