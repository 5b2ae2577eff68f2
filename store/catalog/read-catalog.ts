import type { Artifact, ArtifactPage } from '@aspara/protocol/artifacts.ts'
import { problem } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import type { RunDetails } from '@aspara/protocol/runs.ts'
import type { WriterPage } from '@aspara/protocol/writers.ts'
import type { Database } from '../engines/engine.ts'
import type { RunSummaries } from '../series/run-summaries.ts'
import type { RunId, Tables } from '../tables.ts'
import { isText, readCursor, writeCursor } from './cursor.ts'
import { moment, runOf, selectRuns } from './run-rows.ts'
import { findTrashed } from './trashed-runs.ts'
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

/** Which run is read. */
export interface RunQuestion extends RunAddress {
  /** Where no run has the name, the one in the trash that takes what its client sends to it. */
  isOfClient?: boolean
  /** A UUID in lower case: the one that knows this writer. */
  writer?: string
}

/** A run as it is at a moment, in milliseconds since the epoch. @throws runNotFound */
export async function readRun(
  db: Database,
  summaries: RunSummaries,
  { nowMs, ...question }: RunQuestion & { nowMs: number },
): Promise<RunDetails> {
  const { project, run: name } = question
  const id = await findRunId(db, question)
  const row = await selectRuns(db, nowMs).where('runs.id', '=', id).executeTakeFirst()
  if (!row) throw problem('runNotFound')
  return { ...(await runOf({ ...row, project, name }, summaries)), writers: await newestWriters(db, id) }
}

/** @throws runNotFound */
export async function findRunId(db: Database, { isOfClient, writer, ...address }: RunQuestion): Promise<RunId> {
  const row = await db
    .selectFrom('runs')
    .select('id')
    .where('project', '=', address.project)
    .where('name', '=', address.run)
    .executeTakeFirst()
  const found = row ?? (isOfClient ? await findTrashed(db, address, writer) : undefined)
  if (!found) throw problem('runNotFound')
  return found.id
}

/**
 * The writers of a run by their ids. Of a run in the trash only the one that is asked for: it goes on from there.
 * @throws runNotFound, invalidField when the cursor is not one of ours
 */
export async function listWriters(
  db: Database,
  { page, ...address }: RunAddress & { page: WriterPageRequest },
): Promise<WriterPage> {
  const limit = page.limit ?? limits.pageSizeDefault
  const after = readCursor(page.cursor, isText)
  const { writer } = page
  const run = await findRunId(db, { ...address, writer, isOfClient: writer !== undefined })
  let query = db
    .selectFrom('writers')
    .selectAll()
    .where('run', '=', run)
    .orderBy('writer')
    .limit(limit + 1)
  if (writer !== undefined) query = query.where('writer', '=', writer)
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
