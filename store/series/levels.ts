import type { Database } from '../engines/engine.ts'
import type { RunId } from '../tables.ts'
import type { SeriesChanges, SeriesRow } from './changes.ts'
import { decodePoints, decodeRollups, levelMax, rollupsPerChunk, spanOf } from './chunk.ts'
import { ChunkTree } from './chunk-tree.ts'
import { cutRollups } from './cut.ts'
import { type Rollups, rollUp, rollUpPoints } from './rollups.ts'

/** Which levels of rollups a series has. */
export interface Levels {
  /** How many rollups each has. */
  kept: { [level: number]: number }
  /** Those that were not worth keeping, with the length of the one below when that was tried. */
  skipped: { [level: number]: number }
}

export const readLevels = (text: string): Levels => JSON.parse(text)
export const writeLevels = (levels: Levels): string => JSON.stringify(levels)

/** So many points or rollups are read as fast as a quarter of them and what they are rolled up from. */
const lengthWorthRollingUp = 2_048
/** A level that is not so many times shorter than the one below only takes disk: metrics logged once in many steps. */
const timesShorter = 4
/** Rolled-up chunks that one transaction writes. */
const bytesPerChange = 1024 * 1024

/** Series looked at in one statement. */
const rowsPerRead = 1_000

/** The next level that a series has grown long enough for, and the one that it is built from. */
function dueLevel({ kept, skipped }: Levels, count: number) {
  let below = { level: 0, length: count }
  for (let level = 1; level <= levelMax && below.length >= lengthWorthRollingUp; level++) {
    if (level in kept) below = { level, length: kept[level] }
    else if (below.length >= 2 * (skipped[level] ?? 0)) return { level, below }
  }
  return undefined
}

/**
 * Adds the levels that series have grown long enough for, each built from the one below. A level is used once the last
 * of its changes is written; what an interrupted try left is cleared by the next one.
 * @param rows of `series`, as they are in the database
 */
export async function* growLevels(db: Database, run: RunId, rows: SeriesRow[]): AsyncGenerator<SeriesChanges> {
  for (const row of rows) {
    const levels = readLevels(row.levels)
    const tree = new ChunkTree(db, run, row.number)
    for (let due = dueLevel(levels, row.count); due; due = dueLevel(levels, row.count)) {
      const { level, below } = due
      const longest = Math.floor(below.length / timesShorter)
      const length = yield* buildLevel(tree, below.level, level, longest)
      if (length === undefined) levels.skipped[level] = below.length
      else {
        delete levels.skipped[level]
        levels.kept[level] = length
      }
      const done = { ...row, levels: writeLevels(levels) }
      const cleared = length === undefined ? [{ series: row.number, level }] : []
      yield { run, cleared, removed: [], chunks: [], series: [done] }
    }
  }
}

/**
 * The series that have grown long enough for levels they have not: of a run that was interrupted there nothing may be left
 * in the journal that would have it compacted, and grown, again.
 */
export async function* findStunted(db: Database): AsyncGenerator<{ run: RunId; rows: SeriesRow[] }> {
  let after = { run: -1, number: 0 }
  for (;;) {
    const rows = await db
      .selectFrom('series')
      .select(['run', 'number', 'count', 'levels'])
      .where('count', '>=', lengthWorthRollingUp)
      .where((eb) => eb.eb(eb.refTuple('run', 'number'), '>', eb.tuple(after.run, after.number)))
      .orderBy('run')
      .orderBy('number')
      .limit(rowsPerRead)
      .execute()
    for (const { run, number, count, levels } of rows) {
      if (!dueLevel(readLevels(levels), count)) continue
      const found = db.selectFrom('series').selectAll().where('run', '=', run).where('number', '=', number)
      for (const { run: _, ...row } of await found.execute()) yield { run, rows: [row] }
    }
    if (rows.length < rowsPerRead) return
    after = rows[rows.length - 1]
  }
}

/** @returns the length of the level; undefined when it would be longer than `longest` */
async function* buildLevel(
  tree: ChunkTree,
  below: number,
  level: number,
  longest: number,
): AsyncGenerator<SeriesChanges, number | undefined> {
  const { run, series } = tree
  const nothing = (): SeriesChanges => ({ run, cleared: [], removed: [], chunks: [], series: [] })
  let changes: SeriesChanges = { ...nothing(), cleared: [{ series, level }] }
  let bytes = 0
  let length = 0
  const put = (rollups: Rollups) => {
    for (const piece of cutRollups(rollups, true)) {
      changes.chunks.push({ series, level, ...piece })
      bytes += piece.body.length
    }
    length += rollups.length
  }
  /** Rolled up and not yet cut: the last one may go on in the next chunk. */
  let open: Rollups | undefined
  for await (const { body } of tree.allChunks(below)) {
    const fine = below === 0 ? rollUpPoints(decodePoints(body), spanOf(level)) : decodeRollups(body, below)
    open = rollUp(open ? [open, fine] : [fine], spanOf(level))
    if (length + open.length > longest) return undefined
    // All full chunks of it: where rollups are about as many as points, each turn has several.
    const whole = Math.floor((open.length - 1) / rollupsPerChunk) * rollupsPerChunk
    if (whole === 0) continue
    put(open.slice(0, whole))
    open = open.slice(whole, open.length)
    if (bytes < bytesPerChange) continue
    yield changes
    changes = nothing()
    bytes = 0
  }
  if (open) put(open)
  yield changes
  return length
}
