import { problem } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import type { PointColumns, StreamedRun } from '@aspara/protocol/stream.ts'
import { describedRun, selectRuns } from '../catalog/run-rows.ts'
import type { Database } from '../engines/engine.ts'
import { decodeEntry } from '../journal/entry.ts'
import type { RunId, Stamp } from '../tables.ts'
import { columnsOf } from './point-columns.ts'

export interface ChangesRequest {
  project: string
  /** undefined: all of the project. */
  runs: string[] | undefined
  /** undefined: nothing is new yet; only where the present is. */
  since: Stamp | undefined
  /** Runs whose silence became too long between two moments (ms since the epoch) are told too. */
  lost?: { fromMs: number; toMs: number }
}

export interface Changes {
  /** All commits up to this one are told. */
  cursor: Stamp
  /** The stamp of the project's last deletion of a run. */
  removed: Stamp
  points: { run: string; columns: PointColumns[] }[]
  runs: StreamedRun[]
  /** Runs with new points that are not in the journal any more, or too many for a stream. */
  resync: string[]
}

/** What has happened to runs of a project since a commit. @throws projectNotFound */
export function readChanges(db: Database, request: ChangesRequest): Promise<Changes> {
  return db.transaction().execute(async (snapshot) => {
    const project = await snapshot
      .selectFrom('projects')
      .select('removed')
      .where('name', '=', request.project)
      .executeTakeFirst()
    if (!project) throw problem('projectNotFound')
    const { latest } = await snapshot
      .selectFrom('heads')
      .select((eb) => eb.fn.coalesce(eb.fn.max('stamp'), eb.lit(0)).as('latest'))
      .executeTakeFirstOrThrow()
    const { since } = request
    const changes: Changes = {
      cursor: Math.max(since ?? 0, latest, project.removed),
      removed: project.removed,
      points: [],
      runs: [],
      resync: [],
    }
    const described = new Set<RunId>(request.lost && (await findLost(snapshot, request, request.lost)))
    if (since !== undefined) {
      for (const run of await findChanged(snapshot, request, since)) {
        if (run.described > since) described.add(run.id)
        await readPoints(snapshot, run, since, changes)
      }
    }
    changes.runs = await readRuns(snapshot, [...described])
    return changes
  })
}

interface ChangedRun {
  id: RunId
  name: string
  described: Stamp
  compacted: Stamp
}

function findChanged(db: Database, { project, runs }: ChangesRequest, since: Stamp): Promise<ChangedRun[]> {
  return db
    .selectFrom('heads')
    .innerJoin('runs', 'runs.id', 'heads.run')
    .select(['runs.id', 'runs.name', 'heads.described', 'heads.compacted'])
    .where('heads.stamp', '>', since)
    .where('runs.project', '=', project)
    .$if(runs !== undefined, (query) => query.where('runs.name', 'in', runs as string[]))
    .orderBy('heads.stamp')
    .execute()
}

async function findLost(
  db: Database,
  { project, runs }: ChangesRequest,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<RunId[]> {
  const rows = await db
    .selectFrom('runs')
    .innerJoin('heads', 'heads.run', 'runs.id')
    .select('runs.id')
    .where('runs.project', '=', project)
    .where('runs.status', '=', 'running')
    .where('heads.has_heartbeats', '=', 1)
    .where('heads.heard_at', '>=', fromMs - limits.lostMs)
    .where('heads.heard_at', '<', toMs - limits.lostMs)
    .$if(runs !== undefined, (query) => query.where('runs.name', 'in', runs as string[]))
    .execute()
  return rows.map((row) => row.id)
}

async function readPoints(db: Database, run: ChangedRun, since: Stamp, changes: Changes): Promise<void> {
  if (run.compacted > since) {
    changes.resync.push(run.name)
    return
  }
  const entries = await db
    .selectFrom('journal')
    .select('body')
    .where('run', '=', run.id)
    .where('stamp', '>', since)
    .orderBy('position')
    .limit(limits.streamEntriesMax + 1)
    .execute()
  if (entries.length === 0) return
  const bytes = entries.reduce((sum, { body }) => sum + body.length, 0)
  if (entries.length > limits.streamEntriesMax || bytes > limits.streamBytesMax) changes.resync.push(run.name)
  else changes.points.push({ run: run.name, columns: columnsOf(entries.map(({ body }) => decodeEntry(body))) })
}

async function readRuns(db: Database, ids: RunId[]): Promise<StreamedRun[]> {
  if (ids.length === 0) return []
  const rows = await selectRuns(db, Date.now()).where('runs.id', 'in', ids).execute()
  return rows.map(describedRun)
}
