import type { Database } from '../engines/engine.ts'
import type { RunId } from '../tables.ts'

/** Rows cleared in one transaction: some milliseconds, so that no acknowledgement waits for a deletion. */
const rowsPerTurn = 500

/**
 * Clears a part of what a deleted run has left. Starts again where it was after a crash.
 * @returns the run, of which there may be more; undefined when nothing is left of any
 */
export async function clearDeletedRuns(db: Database): Promise<RunId | undefined> {
  const deleted = await db
    .selectFrom('deleted_runs')
    .select('run')
    // What is in the trash has one.
    .where('project', 'is', null)
    .orderBy('run')
    .limit(1)
    .executeTakeFirst()
  if (!deleted) return undefined
  const { run } = deleted
  await db.transaction().execute(async (trx) => {
    if (!(await clearJournal(trx, run)) || !(await clearChunks(trx, run))) return
    await trx.deleteFrom('series').where('run', '=', run).execute()
    await trx.deleteFrom('deleted_runs').where('run', '=', run).execute()
  })
  return run
}

/** @returns whether that was the last of it */
async function clearJournal(db: Database, run: RunId): Promise<boolean> {
  const rows = db.selectFrom('journal').where('run', '=', run)
  const beyond = await rows.select('position').orderBy('position').offset(rowsPerTurn).limit(1).executeTakeFirst()
  const deletion = db.deleteFrom('journal').where('run', '=', run)
  await (beyond ? deletion.where('position', '<', beyond.position) : deletion).execute()
  return !beyond
}

/** @returns whether that was the last of it */
async function clearChunks(db: Database, run: RunId): Promise<boolean> {
  const key = ['series', 'level', 'first_step', 'part'] as const
  const rows = db.selectFrom('chunks').where('run', '=', run)
  const inOrder = key.reduce((query, column) => query.orderBy(column), rows.select(key))
  const beyond = await inOrder.offset(rowsPerTurn).limit(1).executeTakeFirst()
  const deletion = db.deleteFrom('chunks').where('run', '=', run)
  if (beyond) {
    const { series, level, first_step, part } = beyond
    await deletion.where((eb) => eb.eb(eb.refTuple(...key), '<', eb.tuple(series, level, first_step, part))).execute()
  } else await deletion.execute()
  return !beyond
}
