import type { Database } from '../engines/engine.ts'
import type { RunId } from '../tables.ts'
import { statusAt } from './run-status.ts'

/** With what a run ends when all of its writers have. */
export interface Ending {
  /** null: none of them has ended, or the run was ended as a whole. */
  code: number | null
  reason: string | null
}

export async function setEnding(db: Database, run: RunId, { code, reason }: Ending): Promise<void> {
  await db.updateTable('heads').set({ ending_code: code }).where('run', '=', run).execute()
  await db.updateTable('runs').set({ finish_reason: reason }).where('id', '=', run).execute()
}

/** How those ended that a run goes on after is no longer how it ends; of one that is still running, it is. */
export async function forgetEnding(db: Database, run: RunId, nowMs: number): Promise<void> {
  const { status } = await db
    .selectFrom('runs')
    .innerJoin('heads', 'heads.run', 'runs.id')
    .select(statusAt(nowMs).as('status'))
    .where('runs.id', '=', run)
    .executeTakeFirstOrThrow()
  if (status !== 'running') await setEnding(db, run, { code: null, reason: null })
}
