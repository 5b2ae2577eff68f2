import type { Database } from '../engines/engine.ts'

/** Entries cleared in one transaction: some milliseconds, so that no acknowledgement waits for a deletion. */
const entriesPerTurn = 500

/** Clears a part of the journal of a deleted run. Starts again where it was after a crash. @returns whether there is more */
export async function clearDeletedRuns(db: Database): Promise<boolean> {
  const deleted = await db.selectFrom('deleted_runs').select('run').orderBy('run').limit(1).executeTakeFirst()
  if (!deleted) return false
  const { run } = deleted
  await db.transaction().execute(async (trx) => {
    const positions = trx
      .selectFrom('journal')
      .select('position')
      .where('run', '=', run)
      .orderBy('position')
      .limit(entriesPerTurn)
    const { numDeletedRows } = await trx
      .deleteFrom('journal')
      .where('run', '=', run)
      .where('position', 'in', positions)
      .executeTakeFirst()
    if (numDeletedRows < entriesPerTurn) await trx.deleteFrom('deleted_runs').where('run', '=', run).execute()
  })
  return true
}
