import type { Artifact, ArtifactPage } from '@aspara/protocol/artifacts.ts'
import { problem } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import type { Project, ProjectPage } from '@aspara/protocol/projects.ts'
import type { RunDetails } from '@aspara/protocol/runs.ts'
import type { WriterPage } from '@aspara/protocol/writers.ts'
import type { Selectable } from 'kysely'
import type { Database } from '../engines/engine.ts'
import type { RunSummaries } from '../series/run-summaries.ts'
import type { RunId, Tables } from '../tables.ts'
import { isText, readCursor, writeCursor } from './cursor.ts'
import { moment, runOf, selectRuns } from './run-rows.ts'
import type { RunAddress } from './write-catalog.ts'
import { newestWriters, runWriter } from './writers.ts'

/** Which part of a list is asked for. */
export interface PageRequest {
  limit?: number
  /** The `next_cursor` of the page before. */
  cursor?: string
}

export interface WriterPageRequest extends PageRequest {
  /** Only this one. A UUID in lower case. */
  writer?: string
}

/** Projects by name. @throws invalidField when the cursor is not one of ours */
export async function listProjects(db: Database, { page }: { page: PageRequest }): Promise<ProjectPage> {
  const limit = page.limit ?? limits.pageSizeDefault
  const after = readCursor(page.cursor, isText)
  let query = selectProjects(db)
    .orderBy('projects.name')
    .limit(limit + 1)
  if (after !== undefined) query = query.where('projects.name', '>', after)
  const rows = await query.execute()
  return {
    projects: rows.slice(0, limit).map(projectOf),
    next_cursor: rows.length > limit ? writeCursor(rows[limit - 1].name) : null,
  }
}

/** @throws projectNotFound */
export async function readProject(db: Database, { project }: { project: string }): Promise<Project> {
  const row = await selectProjects(db).where('projects.name', '=', project).executeTakeFirst()
  if (!row) throw problem('projectNotFound')
  return projectOf(row)
}

/** A run as it is at a moment, in milliseconds since the epoch. @throws runNotFound */
export async function readRun(
  db: Database,
  summaries: RunSummaries,
  { nowMs, ...address }: RunAddress & { nowMs: number },
): Promise<RunDetails> {
  const row = await selectRuns(db, nowMs)
    .where('project', '=', address.project)
    .where('name', '=', address.run)
    .executeTakeFirst()
  if (!row) throw problem('runNotFound')
  return { ...(await runOf(row, summaries)), writers: await newestWriters(db, row.id) }
}

/** @throws runNotFound */
export async function findRunId(db: Database, { project, run }: RunAddress): Promise<RunId> {
  const row = await db
    .selectFrom('runs')
    .select('id')
    .where('project', '=', project)
    .where('name', '=', run)
    .executeTakeFirst()
  if (!row) throw problem('runNotFound')
  return row.id
}

/** The writers of a run by their ids. @throws runNotFound, invalidField when the cursor is not one of ours */
export async function listWriters(
  db: Database,
  { page, ...address }: RunAddress & { page: WriterPageRequest },
): Promise<WriterPage> {
  const limit = page.limit ?? limits.pageSizeDefault
  const after = readCursor(page.cursor, isText)
  const run = await findRunId(db, address)
  let query = db
    .selectFrom('writers')
    .selectAll()
    .where('run', '=', run)
    .orderBy('writer')
    .limit(limit + 1)
  if (page.writer !== undefined) query = query.where('writer', '=', page.writer)
  if (after !== undefined) query = query.where('writer', '>', after)
  const rows = await query.execute()
  return {
    writers: rows.slice(0, limit).map(runWriter),
    next_cursor: rows.length > limit ? writeCursor(rows[limit - 1].writer) : null,
  }
}

/** A run's artifacts by name. @throws runNotFound, invalidField when the cursor is not one of ours */
export async function listArtifacts(
  db: Database,
  { page, ...address }: RunAddress & { page: PageRequest },
): Promise<ArtifactPage> {
  const limit = page.limit ?? limits.pageSizeDefault
  const after = readCursor(page.cursor, isText)
  const run = await findRunId(db, address)
  let query = db
    .selectFrom('artifacts')
    .selectAll()
    .where('run', '=', run)
    .orderBy('name')
    .limit(limit + 1)
  if (after !== undefined) query = query.where('name', '>', after)
  const rows = await query.execute()
  return {
    artifacts: rows.slice(0, limit).map(artifactOf),
    next_cursor: rows.length > limit ? writeCursor(rows[limit - 1].name) : null,
  }
}

/** @throws runNotFound, artifactNotFound */
export async function readArtifact(db: Database, address: RunAddress & { name: string }): Promise<Artifact> {
  const run = await findRunId(db, address)
  const row = await db
    .selectFrom('artifacts')
    .selectAll()
    .where('run', '=', run)
    .where('name', '=', address.name)
    .executeTakeFirst()
  if (!row) throw problem('artifactNotFound')
  return artifactOf(row)
}

function selectProjects(db: Database) {
  return db
    .selectFrom('projects')
    .leftJoin('runs', 'runs.project', 'projects.name')
    .leftJoin('heads', 'heads.run', 'runs.id')
    .groupBy('projects.name')
    .selectAll('projects')
    .select((eb) => [eb.fn.count<number>('runs.id').as('runs'), eb.fn.max('heads.heard_at').as('heard_at')])
}

function projectOf(row: Selectable<Tables['projects']> & { runs: number; heard_at: number | null }): Project {
  return {
    name: row.name,
    display_name: row.display_name,
    tags: JSON.parse(row.tags),
    notes: row.notes,
    runs: Number(row.runs),
    created_at: moment(row.created_at),
    heard_at: row.heard_at === null ? null : moment(row.heard_at),
  }
}

function artifactOf(row: Tables['artifacts']): Artifact {
  return {
    name: row.name,
    file_size: row.size,
    sha256: row.sha256,
    description: row.description,
    category: row.category,
    created_at: moment(row.created_at),
  }
}
