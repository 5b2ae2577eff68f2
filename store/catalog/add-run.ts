import type { Database } from '../engines/engine.ts'
import { newRunId, type RunId, type Tables } from '../tables.ts'
import type { Commit } from './commit.ts'

type RunRow = Tables['runs']
type NewRow = Pick<RunRow, 'project' | 'name'> & Partial<Omit<RunRow, 'number'>>

/** Makes sure that projects are there; what one holds already stays. */
export async function ensureProjects(db: Database, names: Iterable<string>, nowMs: number): Promise<void> {
  const row = { display_name: null, tags: '[]', notes: '', created_at: nowMs }
  // Whoever listened to a project that had the name before has to hear that its runs are gone.
  const removed = Math.trunc(nowMs) * 1_000
  await db
    .insertInto('projects')
    .values(Array.from(names, (name) => ({ name, ...row, removed })))
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
}

/** Adds a running run with its head, under the project's next number. The project is there already. */
export async function addRun(db: Database, row: NewRow, { nowMs, stamp }: Commit): Promise<RunId> {
  const id = await freeRunId(db, nowMs)
  const { runs_made: number } = await db
    .updateTable('projects')
    .set((eb) => ({ runs_made: eb('runs_made', '+', 1) }))
    .where('name', '=', row.project)
    .returning('runs_made')
    .executeTakeFirstOrThrow()
  await db
    .insertInto('runs')
    .values({
      display_name: null,
      status: 'running',
      exit_code: null,
      tags: '[]',
      notes: '',
      config: '{}',
      summary: '{}',
      finished_at: null,
      finish_reason: null,
      created_at: nowMs,
      ...row,
      id,
      number,
    })
    .execute()
  await db
    .insertInto('heads')
    .values({ run: id, next_position: 0, last_step: null, heard_at: nowMs, stamp, described: stamp })
    .execute()
  return id
}

/** One commit may add a thousand runs in a millisecond: that two of them draw the same 12 bits is then the rule. */
async function freeRunId(db: Database, nowMs: number): Promise<RunId> {
  for (let laterMs = 0; ; laterMs++) {
    const id = newRunId(nowMs + laterMs, Math.random)
    const taken = await db
      .selectFrom('runs')
      .select('id')
      .where('id', '=', id)
      // Deleted, and what it left is still there.
      .unionAll(db.selectFrom('deleted_runs').select('run as id').where('run', '=', id))
      .executeTakeFirst()
    if (!taken) return id
  }
}
