import { limits } from '@aspara/protocol/limits.ts'
import type { Database } from '../engines/engine.ts'
import type { RunId, Stamp } from '../tables.ts'
import { columnsJson } from './point-columns.ts'

/** What one event may still hold. */
export class PointBudget {
  #bytes: number = limits.streamEventBytesMax

  /** Whether a run's entries fit; then they are counted. */
  take(bytes: number): boolean {
    if (bytes > limits.streamBytesMax || bytes > this.#bytes) return false
    this.#bytes -= bytes
    return true
  }
}

interface RunHead {
  id: RunId
  compacted: Stamp
  next_position: number
}

/**
 * The points that a run has got since a commit, as JSON; undefined when there are none.
 * @returns 'too many' when they are not in the journal any more, or more than an event holds
 */
export async function readNewPoints(
  db: Database,
  run: RunHead,
  since: Stamp,
  budget: PointBudget,
): Promise<string | 'too many' | undefined> {
  if (run.compacted > since) return 'too many'
  const from = await firstAfter(db, run, since)
  if (from === undefined) return undefined
  const entries = db.selectFrom('journal').where('run', '=', run.id).where('position', '>=', from)
  if (run.next_position - from > limits.streamEntriesMax) return 'too many'
  const { bytes } = await entries
    .select((eb) => eb.fn.sum<number>(eb.fn<number>('length', ['body'])).as('bytes'))
    .executeTakeFirstOrThrow()
  if (!budget.take(bytes)) return 'too many'
  return columnsJson(await entries.select(['stamp', 'body']).orderBy('position').execute())
}

/**
 * The position of the first entry after a commit; undefined when there is none. Stamps rise with positions, and what is
 * new is at the end: looked for backwards, in strides that double, it is found without a look at all the rest.
 */
async function firstAfter(db: Database, { id, next_position }: RunHead, since: Stamp): Promise<number | undefined> {
  /** What is not in the journal any more is old. */
  const isNew = async (position: number) => {
    const entry = await db
      .selectFrom('journal')
      .select('stamp')
      .where('run', '=', id)
      .where('position', '=', position)
      .executeTakeFirst()
    return entry !== undefined && entry.stamp > since
  }
  let high = next_position - 1
  if (!(await isNew(high))) return undefined
  let low = high - 1
  for (let stride = 1; await isNew(low); stride *= 2) {
    high = low
    low -= stride
  }
  // `high` is new and `low` is old.
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (await isNew(middle)) high = middle
    else low = middle
  }
  return high
}
