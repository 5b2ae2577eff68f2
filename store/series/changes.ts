import type { Database } from '../engines/engine.ts'
import type { RunId, Stamp, Tables } from '../tables.ts'

/** Where a chunk stands in its run. */
export interface ChunkKey {
  series: number
  level: number
  firstStep: number
  part: number
}

export interface Chunk extends ChunkKey {
  body: Uint8Array
}

/** A row of `series`, as it is to be. */
export type SeriesRow = Omit<Tables['series'], 'run'>

/** What one transaction changes in the series of a run. */
export interface SeriesChanges {
  run: RunId
  /** What leaves the journal with it: the entries from one position to before another. */
  journal?: { from: number; before: number; stamp: Stamp; points: number }
  /** Levels of which all chunks go before others come: what is left of a try that was interrupted. */
  cleared: { series: number; level: number }[]
  removed: ChunkKey[]
  chunks: Chunk[]
  series: SeriesRow[]
}

/** Rows a statement writes: the variables of one are limited, see journal/write-appends.ts. */
const rowsPerStatement = 500

/**
 * Writes changes in the caller's transaction. @returns false, and nothing is changed, when they are not of the run as it
 * is: it has been deleted, or somebody else has compacted it.
 */
export async function applyChanges(db: Database, changes: SeriesChanges): Promise<boolean> {
  const { run, journal } = changes
  const head = await db.selectFrom('heads').select('run').where('run', '=', run).executeTakeFirst()
  if (!head) return false
  if (journal) {
    const first = await db
      .selectFrom('journal')
      .select((eb) => eb.fn.min('position').as('position'))
      .where('run', '=', run)
      .executeTakeFirst()
    if (first?.position !== journal.from) return false
    await db.deleteFrom('journal').where('run', '=', run).where('position', '<', journal.before).execute()
    await db
      .updateTable('heads')
      .set({ compacted: journal.stamp })
      .where('run', '=', run)
      // A run that came back from the trash has a higher one: who knew it before has to read it again.
      .where('compacted', '<', journal.stamp)
      .execute()
  }
  for (const { series, level } of changes.cleared) {
    await db
      .deleteFrom('chunks')
      .where('run', '=', run)
      .where('series', '=', series)
      .where('level', '=', level)
      .execute()
  }
  for (const { series, level, firstStep, part } of changes.removed) {
    await db
      .deleteFrom('chunks')
      .where('run', '=', run)
      .where('series', '=', series)
      .where('level', '=', level)
      .where('first_step', '=', firstStep)
      .where('part', '=', part)
      .execute()
  }
  const chunks = changes.chunks.map(({ series, level, firstStep, part, body }) => ({
    run,
    series,
    level,
    first_step: firstStep,
    part,
    body,
  }))
  for (let start = 0; start < chunks.length; start += rowsPerStatement) {
    await db
      .insertInto('chunks')
      .values(chunks.slice(start, start + rowsPerStatement))
      .onConflict((conflict) =>
        conflict
          .columns(['run', 'series', 'level', 'first_step', 'part'])
          .doUpdateSet((eb) => ({ body: eb.ref('excluded.body') })),
      )
      .execute()
  }
  for (let start = 0; start < changes.series.length; start += rowsPerStatement) {
    const rows = changes.series.slice(start, start + rowsPerStatement).map((row) => ({ run, ...row }))
    await db
      .insertInto('series')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['run', 'number']).doUpdateSet((eb) => ({
          count: eb.ref('excluded.count'),
          nonfinite: eb.ref('excluded.nonfinite'),
          first: eb.ref('excluded.first'),
          last: eb.ref('excluded.last'),
          min: eb.ref('excluded.min'),
          max: eb.ref('excluded.max'),
          mean: eb.ref('excluded.mean'),
          rollup: eb.ref('excluded.rollup'),
          levels: eb.ref('excluded.levels'),
        })),
      )
      .execute()
  }
  return true
}

/** The chunks of changes move to another thread without a copy; rows are small, and may be written again. */
export const buffersOf = (changes: SeriesChanges): ArrayBuffer[] =>
  changes.chunks.map((chunk) => chunk.body.buffer as ArrayBuffer)
