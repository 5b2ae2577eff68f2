import { limits } from '@aspara/protocol/limits.ts'
import type { ProjectMetric, ProjectMetricPage } from '@aspara/protocol/metrics.ts'
import { isText, readCursor, writeCursor } from '../catalog/cursor.ts'
import type { PageRequest } from '../catalog/read-catalog.ts'
import { requireProject } from '../catalog/read-projects.ts'
import type { Database } from '../engines/engine.ts'
import type { RunId } from '../tables.ts'
import { type LiveRun, readLiveRuns } from './live-runs.ts'
import type { Tails } from './tails.ts'

/** Variables that one statement takes are limited. */
const runsPerRead = 500

/**
 * Every metric that any run of a project has, by name, with how many runs and points there are of it, those in the journal
 * among them.
 * @throws projectNotFound, invalidField when the cursor is of another list
 */
export function listProjectMetrics(
  db: Database,
  tails: Tails,
  { project, page }: { project: string; page: PageRequest },
): Promise<ProjectMetricPage> {
  const limit = page.limit ?? limits.pageSizeDefault
  const after = readCursor(page.cursor, isText)
  return db.transaction().execute(async (snapshot) => {
    await requireProject(snapshot, project)
    const kept = await snapshot
      .selectFrom('series')
      .select('metric')
      .select((eb) => [eb.fn.countAll<number>().as('runs'), eb.fn.sum<number>('count').as('points')])
      .where('project', '=', project)
      .where('run', 'not in', snapshot.selectFrom('deleted_runs').select('run'))
      .$if(after !== undefined, (query) => query.where('metric', '>', after as string))
      .groupBy('metric')
      .orderBy('metric')
      .limit(limit + 1)
      .execute()
    const metrics = new Map(
      kept.map(({ metric, runs, points }) => [metric, { metric, runs: Number(runs), points: Number(points) }]),
    )
    // Of a metric beyond a full page not all is known: it is not on it.
    const last = kept.length > limit ? kept[limit].metric : undefined
    for (const fresh of await readFresh(snapshot, tails, project)) {
      const { metric } = fresh
      if (after !== undefined && compareNames(metric, after) <= 0) continue
      if (last !== undefined && compareNames(metric, last) > 0) continue
      const known = metrics.get(metric) ?? { metric, runs: 0, points: 0 }
      metrics.set(metric, { metric, runs: known.runs + fresh.runs, points: known.points + fresh.points })
    }
    const inOrder = [...metrics.values()].sort((one, other) => compareNames(one.metric, other.metric))
    return {
      metrics: inOrder.slice(0, limit),
      next_cursor: inOrder.length > limit ? writeCursor(inOrder[limit - 1].metric) : null,
    }
  })
}

/** What the journal has beyond `series`: of each metric the points, and the runs that had it not before. */
async function readFresh(db: Database, tails: Tails, project: string): Promise<ProjectMetric[]> {
  const fresh = new Map<string, ProjectMetric>()
  const live = await readLiveRuns(db)
  for (let start = 0; start < live.length; start += runsPerRead) {
    const some = new Map(live.slice(start, start + runsPerRead).map((run) => [run.run, run]))
    const ids = [...some.keys()]
    const own = await db.selectFrom('runs').select('id').where('project', '=', project).where('id', 'in', ids).execute()
    const known = await readKnown(
      db,
      own.map(({ id }) => id),
    )
    for (const { id } of own) {
      const tail = await tails.readLive(db, some.get(id) as LiveRun)
      for (const [metric, total] of tail.totals) {
        const its = fresh.get(metric) ?? { metric, runs: 0, points: 0 }
        fresh.set(metric, its)
        its.points += total.count[0]
        if (!known.get(id)?.has(metric)) its.runs++
      }
    }
  }
  return [...fresh.values()]
}

/** The metrics of which `series` tells, by run. */
async function readKnown(db: Database, runs: RunId[]): Promise<Map<RunId, Set<string>>> {
  const known = new Map<RunId, Set<string>>()
  if (runs.length === 0) return known
  const rows = await db.selectFrom('series').select(['run', 'metric']).where('run', 'in', runs).execute()
  for (const { run, metric } of rows) {
    const its = known.get(run) ?? new Set()
    known.set(run, its.add(metric))
  }
  return known
}

/** As the engine has them in order: by their bytes. */
const compareNames = (one: string, other: string): number =>
  one === other ? 0 : Buffer.compare(Buffer.from(one), Buffer.from(other))
