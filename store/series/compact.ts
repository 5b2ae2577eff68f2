import { homeOf } from '../catalog/trashed-runs.ts'
import type { Database } from '../engines/engine.ts'
import { countPoints, decodeEntry, type Entry } from '../journal/entry.ts'
import type { RunId, Stamp } from '../tables.ts'
import type { Chunk, ChunkKey, SeriesChanges, SeriesRow } from './changes.ts'
import { decodePoints, decodeRollups, decodeTotal, encodeTotal, pointsPerChunk, spanOf } from './chunk.ts'
import { ChunkTree } from './chunk-tree.ts'
import { cutPoints, cutRollups } from './cut.ts'
import { type Levels, readLevels, writeLevels } from './levels.ts'
import { countBelow, mergePoints, type Points, slicePoints, sortPoints } from './points.ts'
import { addTotals, mergeRollups, type Rollups, rollUp, rollUpAll, rollUpPoints } from './rollups.ts'

/**
 * Bytes of journal that one transaction turns into chunks. Writing what becomes of them holds acknowledgements up for
 * about 2 ms; half as much would write the last chunk of each series twice as often.
 */
const journalBytes = 1024 * 1024
const journalEntries = 1_024

/**
 * Turns the oldest part of a run's journal into chunks: reads the chunks that its points fall into, and says what is to
 * be written in their place. Memory: that part of the journal and the chunks it touches.
 * @param before entries of this commit and later ones stay in the journal
 * @returns undefined when there is nothing to do
 */
export async function compact(db: Database, run: RunId, before: Stamp = Infinity): Promise<SeriesChanges | undefined> {
  const stored = await readEntries(db, run, before)
  if (stored.length === 0) return undefined
  const owner = await db.selectFrom('runs').select('project').where('id', '=', run).executeTakeFirst()
  if (!owner) return undefined
  const known = new Map<string, KnownSeries>()
  const rows = await db
    .selectFrom('series')
    .select(['number', 'metric', 'rollup', 'levels'])
    .where('run', '=', run)
    .execute()
  for (const { number, metric, rollup, levels } of rows) {
    known.set(metric, { number, total: decodeTotal(rollup), levels: readLevels(levels) })
  }
  const last = stored[stored.length - 1]
  const entries = stored.map(({ body }) => decodeEntry(body))
  const changes: SeriesChanges = {
    run,
    journal: {
      from: stored[0].position,
      before: last.position + 1,
      stamp: last.stamp,
      points: entries.reduce((sum, entry) => sum + countPoints(entry), 0),
    },
    cleared: [],
    removed: [],
    chunks: [],
    series: [],
  }
  let next = rows.reduce((most, row) => Math.max(most, row.number + 1), 0)
  for (const [metric, points] of splitByMetric(entries)) {
    const before = known.get(metric)
    const tree = new ChunkTree(db, run, before?.number ?? next++)
    const series = new SeriesCompaction(tree, before, changes)
    changes.series.push(seriesRow(homeOf(owner.project), metric, await series.take(sortPoints(points))))
  }
  return changes
}

interface KnownSeries {
  number: number
  total: Rollups
  levels: Levels
}

/** One series that takes points. */
class SeriesCompaction {
  #tree: ChunkTree
  #before: KnownSeries | undefined
  #changes: SeriesChanges

  constructor(tree: ChunkTree, before: KnownSeries | undefined, changes: SeriesChanges) {
    this.#tree = tree
    this.#before = before
    this.#changes = changes
  }

  async take(points: Points): Promise<KnownSeries> {
    await this.#mergePoints(points)
    const levels: Levels = { kept: { ...this.#before?.levels.kept }, skipped: { ...this.#before?.levels.skipped } }
    let fine = rollUpPoints(points, spanOf(1))
    const total = rollUpAll(fine)
    for (const level of Object.keys(levels.kept).map(Number)) {
      if (level > 1) fine = rollUp([fine], spanOf(level))
      levels.kept[level] += await this.#mergeRollups(level, fine)
    }
    return {
      number: this.#tree.series,
      total: this.#before ? addTotals(this.#before.total, total) : total,
      levels,
    }
  }

  async #mergePoints(points: Points): Promise<void> {
    const keys = await this.#tree.keysAround(0, points.steps[0], points.steps[points.steps.length - 1])
    for (const { key, from, to, isLast } of share(points.steps, keys)) {
      const fresh = slicePoints(points, from, to)
      const stored = key && decodePoints(await this.#tree.readBody(key))
      if (
        stored &&
        key.part === 0 &&
        isLast &&
        isFull(stored) &&
        fresh.steps[0] > stored.steps[stored.steps.length - 1]
      ) {
        this.#put(0, undefined, cutPoints(fresh, 0, true))
        continue
      }
      const merged = stored ? mergePoints(stored, fresh) : fresh
      this.#put(0, key, cutPoints(merged, key?.part ?? 0, isLast))
    }
  }

  /** @returns how many rollups the level has more */
  async #mergeRollups(level: number, rollups: Rollups): Promise<number> {
    const { start, length } = rollups
    let more = 0
    const keys = await this.#tree.keysAround(level, start[0], start[length - 1])
    for (const { key, from, to, isLast } of share(start.subarray(0, length), keys)) {
      const stored = key && decodeRollups(await this.#tree.readBody(key), level)
      const fresh = rollups.slice(from, to)
      const merged = stored ? mergeRollups(stored, fresh) : fresh
      more += merged.length - (stored?.length ?? 0)
      this.#put(level, key, cutRollups(merged, isLast))
    }
    return more
  }

  /** Chunks in the place of one, or of none. */
  #put(
    level: number,
    replaced: ChunkKey | undefined,
    pieces: { firstStep: number; part: number; body: Uint8Array }[],
  ): void {
    const { series } = this.#tree
    if (replaced && !pieces.some((piece) => piece.firstStep === replaced.firstStep && piece.part === replaced.part)) {
      this.#changes.removed.push(replaced)
    }
    this.#changes.chunks.push(...pieces.map((piece): Chunk => ({ series, level, ...piece })))
  }
}

interface JournalEntry {
  position: number
  stamp: Stamp
  body: Uint8Array
}

/** The oldest entries of a run, as many as one transaction takes: at least one, whatever its size. */
async function readEntries(db: Database, run: RunId, before: Stamp): Promise<JournalEntry[]> {
  const old = before === Infinity ? undefined : before
  const sizes = await db
    .selectFrom('journal')
    .$if(old !== undefined, (query) => query.where('stamp', '<', old as Stamp))
    .select((eb) => eb.fn<number>('length', ['body']).as('bytes'))
    .where('run', '=', run)
    .orderBy('position')
    .limit(journalEntries)
    .execute()
  let count = 0
  for (let bytes = 0; count < sizes.length && (count === 0 || bytes + sizes[count].bytes <= journalBytes); count++) {
    bytes += sizes[count].bytes
  }
  if (count === 0) return []
  return db
    .selectFrom('journal')
    .select(['position', 'stamp', 'body'])
    .where('run', '=', run)
    .orderBy('position')
    .limit(count)
    .execute()
}

/** The points of each metric in the order in which they came; the metrics in the order in which they first appear. */
export function splitByMetric(entries: Entry[]): Map<string, Points> {
  const counts = new Map<string, number>()
  for (const { columns } of entries) {
    for (const { metric, values } of columns) counts.set(metric, (counts.get(metric) ?? 0) + values.length)
  }
  const filling = new Map<string, { points: Points; at: number }>()
  for (const [metric, count] of counts) {
    if (count === 0) continue
    const [steps, times, values] = [0, 0, 0].map(() => new Float64Array(count))
    filling.set(metric, { points: { steps, times, values }, at: 0 })
  }
  for (const { steps, timestamps, columns } of entries) {
    for (const { metric, values, rows } of columns) {
      const series = filling.get(metric)
      if (!series) continue
      const { points, at } = series
      points.values.set(values, at)
      if (rows) {
        for (let index = 0; index < rows.length; index++) {
          points.steps[at + index] = steps[rows[index]]
          points.times[at + index] = timestamps[rows[index]]
        }
      } else {
        points.steps.set(steps, at)
        points.times.set(timestamps, at)
      }
      series.at += values.length
    }
  }
  return new Map(Array.from(filling, ([metric, { points }]) => [metric, points]))
}

interface Share {
  /** The chunk they fall into; undefined where they make a chunk of their own. */
  key: ChunkKey | undefined
  /** Which of the steps: from one to before another. */
  from: number
  to: number
  /** Nothing comes after that chunk: what is appended to it need not leave room. */
  isLast: boolean
}

/** Which chunk each of the steps falls into: the last that does not begin after it. Both are in order. */
function share(steps: Float64Array, { keys, hasMore }: { keys: ChunkKey[]; hasMore: boolean }): Share[] {
  if (keys.length === 0) return [{ key: undefined, from: 0, to: steps.length, isLast: true }]
  const shares: Share[] = []
  let from = 0
  const before = countBelow(steps, keys[0].firstStep)
  if (before > 0 && keys[0].part > 0) {
    // One step fills chunks of its own there; they begin with nothing else.
    shares.push({ key: undefined, from, to: before, isLast: false })
    from = before
  }
  keys.forEach((key, index) => {
    const isEnd = index === keys.length - 1
    const to = isEnd ? steps.length : countBelow(steps, keys[index + 1].firstStep, from)
    if (to > from) shares.push({ key, from, to, isLast: isEnd && !hasMore })
    from = to
  })
  return shares
}

const isFull = ({ steps }: Points) => steps.length >= pointsPerChunk

function seriesRow(project: string, metric: string, { number, total, levels }: KnownSeries): SeriesRow {
  const finite = (value: number) => (Number.isFinite(value) ? value : null)
  return {
    number,
    project,
    metric,
    count: total.count[0],
    nonfinite: total.nonfinite[0],
    first: finite(total.first[0]),
    last: finite(total.last[0]),
    min: finite(total.min[0]),
    max: finite(total.max[0]),
    mean: finite(total.mean(0)),
    rollup: encodeTotal(total),
    levels: writeLevels(levels),
  }
}
