import { problem } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import type { Project } from '@aspara/protocol/projects.ts'
import type { StreamedRun } from '@aspara/protocol/stream.ts'
import { readProject } from '../catalog/read-projects.ts'
import { describedRun, selectRuns } from '../catalog/run-rows.ts'
import type { Database } from '../engines/engine.ts'
import type { RunId, Stamp } from '../tables.ts'
import { PointBudget, readNewPoints } from './new-points.ts'

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
  /** The stamp of the project's last deletion of a run, or of when the project was made. */
  removed: Stamp
  /** When its display name, tags or notes have changed. */
  project?: Project
  /** Columns as JSON, see columnsJson. */
  points: { run: string; columns: string }[]
  runs: StreamedRun[]
  /** Runs with new points that are not in the journal any more, or too many for a stream; null: too many runs. */
  resync: string[] | null
}

/** What has happened to runs of a project since a commit. @throws projectNotFound */
export function readChanges(db: Database, request: ChangesRequest): Promise<Changes> {
  return db.transaction().execute(async (snapshot) => {
    const project = await snapshot
      .selectFrom('projects')
      .select(['removed', 'described'])
      .where('name', '=', request.project)
      .executeTakeFirst()
    if (!project) throw problem('projectNotFound')
    const { latest } = await snapshot
      .selectFrom('heads')
      .select((eb) => eb.fn.coalesce(eb.fn.max('stamp'), eb.lit(0)).as('latest'))
      .executeTakeFirstOrThrow()
    const { since } = request
    const { removed } = project
    const cursor = Math.max(since ?? 0, latest, removed, project.described)
    const described = new Set<RunId>(request.lost && (await findLost(snapshot, request, request.lost)))
    const changes: Changes = { cursor, removed, points: [], runs: [], resync: [] }
    const resync: string[] = []
    if (since !== undefined && project.described > since) {
      changes.project = await readProject(snapshot, { project: request.project, nowMs: Date.now() })
    }
    if (since !== undefined) {
      const changed = await findChanged(snapshot, request, since)
      if (changed.length > limits.streamRunsMax) return { ...changes, resync: null }
      const budget = new PointBudget()
      for (const run of changed) {
        if (run.described > since) described.add(run.id)
        const columns = await readNewPoints(snapshot, run, since, budget)
        if (columns === 'too many') resync.push(run.name)
        else if (columns) changes.points.push({ run: run.name, columns })
      }
    }
    const runs = await readRuns(snapshot, [...described])
    return runs ? { ...changes, runs, resync } : { ...changes, points: [], resync: null }
  })
}

interface ChangedRun {
  id: RunId
  name: string
  described: Stamp
  compacted: Stamp
  next_position: number
}

function findChanged(db: Database, { project, runs }: ChangesRequest, since: Stamp): Promise<ChangedRun[]> {
  return db
    .selectFrom('heads')
    .innerJoin('runs', 'runs.id', 'heads.run')
    .select(['runs.id', 'runs.name', 'heads.described', 'heads.compacted', 'heads.next_position'])
    .where('heads.stamp', '>', since)
    .where('runs.project', '=', project)
    .$if(runs !== undefined, (query) => query.where('runs.name', 'in', runs as string[]))
    .orderBy('heads.stamp')
    .limit(limits.streamRunsMax + 1)
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
    .where((eb) => eb.or([eb('heads.has_heartbeats', '=', 1), eb('heads.ending_code', 'is not', null)]))
    .where('heads.heard_at', '>=', fromMs - limits.lostMs)
    .where('heads.heard_at', '<', toMs - limits.lostMs)
    .$if(runs !== undefined, (query) => query.where('runs.name', 'in', runs as string[]))
    .limit(limits.streamRunsMax + 1)
    .execute()
  return rows.map((row) => row.id)
}

/** @returns undefined when they are too many, or too long, for one event */
async function readRuns(db: Database, ids: RunId[]): Promise<StreamedRun[] | undefined> {
  if (ids.length === 0) return []
  if (ids.length > limits.streamRunsMax) return undefined
  const { chars } = await db
    .selectFrom('runs')
    .select((eb) =>
      eb.fn.sum<number>(eb(eb.fn<number>('length', ['config']), '+', eb.fn<number>('length', ['summary']))).as('chars'),
    )
    .where('id', 'in', ids)
    .executeTakeFirstOrThrow()
  // One run is told however long it is: its documents have limits of their own.
  if (ids.length > 1 && chars > limits.streamDocumentCharsMax) return undefined
  const rows = await selectRuns(db, Date.now()).where('runs.id', 'in', ids).execute()
  return rows.map(describedRun)
}
