import { problem } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import { activityDays, type Project, type ProjectPage } from '@aspara/protocol/projects.ts'
import { type Selectable, sql } from 'kysely'
import type { Database } from '../engines/engine.ts'
import type { Tables } from '../tables.ts'
import { isText, readCursor, writeCursor } from './cursor.ts'
import type { PageRequest } from './read-catalog.ts'
import { moment } from './run-rows.ts'
import { statusAt } from './run-status.ts'

const dayMs = 24 * 3_600_000

/** Projects by name, as they are at a moment (ms since the epoch). @throws invalidField when the cursor is not one of ours */
export async function listProjects(
  db: Database,
  { page, nowMs }: { page: PageRequest; nowMs: number },
): Promise<ProjectPage> {
  const limit = page.limit ?? limits.pageSizeDefault
  const after = readCursor(page.cursor, isText)
  let query = selectProjects(db, nowMs)
    .orderBy('projects.name')
    .limit(limit + 1)
  if (after !== undefined) query = query.where('projects.name', '>', after)
  const rows = await query.execute()
  return {
    projects: await describe(db, rows.slice(0, limit), nowMs),
    next_cursor: rows.length > limit ? writeCursor(rows[limit - 1].name) : null,
  }
}

/** @throws projectNotFound */
export async function readProject(
  db: Database,
  { project, nowMs }: { project: string; nowMs: number },
): Promise<Project> {
  const row = await selectProjects(db, nowMs).where('projects.name', '=', project).executeTakeFirst()
  if (!row) throw problem('projectNotFound')
  return (await describe(db, [row], nowMs))[0]
}

/** Only whether it is there. @throws projectNotFound */
export async function requireProject(db: Database, project: string): Promise<void> {
  const row = await db.selectFrom('projects').select('name').where('name', '=', project).executeTakeFirst()
  if (!row) throw problem('projectNotFound')
}

function selectProjects(db: Database, nowMs: number) {
  return db
    .selectFrom('projects')
    .leftJoin('runs', 'runs.project', 'projects.name')
    .leftJoin('heads', 'heads.run', 'runs.id')
    .groupBy('projects.name')
    .selectAll('projects')
    .select((eb) => [eb.fn.count<number>('runs.id').as('runs'), eb.fn.max('heads.heard_at').as('heard_at')])
    .select(sql<number>`sum(case when ${statusAt(nowMs)} = 'running' then 1 else 0 end)`.as('running'))
}

type ProjectRow = Selectable<Tables['projects']> & { runs: number; running: number; heard_at: number | null }

async function describe(db: Database, rows: ProjectRow[], nowMs: number): Promise<Project[]> {
  const activity = await readActivity(
    db,
    rows.map((row) => row.name),
    nowMs,
  )
  return rows.map((row) => ({
    name: row.name,
    display_name: row.display_name,
    tags: JSON.parse(row.tags),
    notes: row.notes,
    runs: Number(row.runs),
    running: Number(row.running),
    activity: activity.get(row.name) ?? new Array<number>(activityDays).fill(0),
    created_at: moment(row.created_at),
    heard_at: row.heard_at === null ? null : moment(row.heard_at),
  }))
}

/** How many runs of each project began on each of the last days of UTC, the oldest first; of who has none, nothing. */
async function readActivity(db: Database, projects: string[], nowMs: number): Promise<Map<string, number[]>> {
  const activity = new Map<string, number[]>()
  if (projects.length === 0) return activity
  const firstDay = Math.floor(nowMs / dayMs) - activityDays + 1
  const rows = await db
    .selectFrom('runs')
    // Of whole numbers it is a whole number.
    .select(['project', sql<number>`created_at / ${sql.lit(dayMs)}`.as('day')])
    .select((eb) => eb.fn.countAll<number>().as('runs'))
    .where('project', 'in', projects)
    .where('created_at', '>=', firstDay * dayMs)
    .groupBy(['project', 'day'])
    .execute()
  for (const { project, day, runs } of rows) {
    const days = activity.get(project) ?? new Array<number>(activityDays).fill(0)
    activity.set(project, days)
    // A clock that was set back has made runs of tomorrow.
    if (day >= firstDay && day < firstDay + activityDays) days[day - firstDay] += Number(runs)
  }
  return activity
}
