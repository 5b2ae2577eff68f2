import type { Database } from '../engines/engine.ts'
import type { RunId } from '../tables.ts'
import type { Buckets } from './buckets.ts'
import { decodeAllPoints, decodeTotal, type RollupView, spanOf, viewAllRollups } from './chunk.ts'
import { ChunkTree } from './chunk-tree.ts'
import { readLevels } from './levels.ts'
import { countBelow, noPoints, type Points, slicePoints } from './points.ts'
import type { Rollups } from './rollups.ts'

/** Which points are asked for: both ends belong to it. */
export interface Range {
  fromStep: number
  toStep: number
  /** Milliseconds since the epoch. */
  fromTime: number
  toTime: number
}

/** Which values are asked for: both ends belong to it. */
export interface Values {
  from: number
  to: number
}

export const everything: Range = { fromStep: -Infinity, toStep: Infinity, fromTime: -Infinity, toTime: Infinity }

const hasNoTimes = (range: Range) => range.fromTime === -Infinity && range.toTime === Infinity

/** What looks at a range, in order of steps. */
interface Visitor {
  points(points: Points): void
  /** Rollups from one row to before another, all of whose points lie in the range. */
  rollups(rollups: RollupView, from: number, to: number): void
}

/** The compacted part of a series, read from its chunks. */
export class StoredSeries {
  /** All of it as one rollup. */
  readonly total: Rollups
  /** Its levels of rollups, the lowest first. */
  readonly #kept: number[]
  readonly #tree: ChunkTree
  #readChunks: (() => Promise<Points[]>) | undefined

  constructor(db: Database, run: RunId, row: { number: number; rollup: Uint8Array; levels: string }) {
    this.total = decodeTotal(row.rollup)
    this.#kept = Object.keys(readLevels(row.levels).kept).map(Number)
    this.#tree = new ChunkTree(db, run, row.number)
  }

  /** Has all chunks of points from somebody who reads them together with others'. */
  readPointsBy(readChunks: () => Promise<Points[]>): void {
    this.#readChunks = readChunks
  }

  /** Every point of a range. */
  async points(range: Range): Promise<Points> {
    return concatenate(await this.chunks(range))
  }

  /** The same as they lie in chunks, in order; those that have none in the range are left out. */
  async chunks(range: Range): Promise<Points[]> {
    const { fromStep, toStep } = range
    const chunks = this.#readChunks
      ? await this.#readChunks()
      : decodeAllPoints(await this.#tree.bodiesBetween(0, fromStep, toStep))
    return chunks.map((points) => within(points, range)).filter((points) => points.steps.length > 0)
  }

  /** The levels that buckets can be made from. Where there is none, they are made from the points. */
  levelsFor(bucket: number): number[] {
    return this.#kept.filter((level) => spanOf(level) <= bucket)
  }

  /**
   * Puts the points of a range into buckets. What lies inside the range is read from the highest level whose spans are no
   * longer than a bucket; what its ends cut through from the levels below.
   */
  async fill(buckets: Buckets, range: Range): Promise<void> {
    await this.#visit(this.levelsFor(buckets.span), range, buckets)
  }

  /** The first and last step of the range's points. @returns undefined when there is none */
  async extent(range: Range): Promise<{ first: number; last: number } | undefined> {
    const { total } = this
    if (isInside(total, 0, 1, range)) return { first: total.firstStep[0], last: total.lastStep[0] }
    let first: number | undefined
    let last = Number.NaN
    await this.#visit(this.#kept, range, {
      points({ steps }) {
        first ??= steps[0]
        last = steps[steps.length - 1]
      },
      rollups({ firstStep, lastStep }, from, to) {
        first ??= firstStep[from]
        last = lastStep[to - 1]
      },
    })
    return first === undefined ? undefined : { first, last }
  }

  /** The first or the last step of a point whose value lies between two. @returns undefined when there is none */
  stepOfValue(values: Values, end: 'first' | 'last'): Promise<number | undefined> {
    return this.#stepOfValue(this.#kept, everything, values, end)
  }

  async #stepOfValue(
    levels: number[],
    range: Range,
    values: Values,
    end: 'first' | 'last',
  ): Promise<number | undefined> {
    const level = levels.at(-1)
    if (level === undefined) return stepOfValue(await this.points(range), values, end)
    const bodies = await this.#tree.bodiesBetween(level, alignDown(range.fromStep, spanOf(level)), range.toStep)
    if (end === 'last') bodies.reverse()
    for (const rollups of viewAllRollups(bodies)) {
      const rows = rowsWhere(rollups, (row) => rollups.max[row] >= values.from && rollups.min[row] <= values.to)
      if (end === 'last') rows.reverse()
      // Values on both sides of what is asked for, perhaps, and none between.
      for (const [first, last] of stretchesOf(rows, rollups.count)) {
        const step = await this.#stepOfValue(levels.slice(0, -1), between(rollups, first, last, range), values, end)
        if (step !== undefined) return step
      }
    }
    return undefined
  }

  /** Goes through a range in order of steps, from the highest of the levels down to the points. */
  async #visit(levels: number[], range: Range, visitor: Visitor): Promise<void> {
    if (isOutside(this.total, 0, range)) return
    const level = levels.at(-1)
    if (level === undefined) {
      for (const points of await this.chunks(range)) visitor.points(points)
      return
    }
    const lower = levels.slice(0, -1)
    const span = spanOf(level)
    const bodies = await this.#tree.bodiesBetween(level, alignDown(range.fromStep, span), range.toStep)
    for (const rollups of viewAllRollups(bodies)) {
      if (hasNoTimes(range)) await this.#visitSteps(lower, rollups, span, range, visitor)
      else await this.#visitTimes(lower, rollups, range, visitor)
    }
  }

  /** A range of steps cuts through two spans at most: the first and the last one. */
  async #visitSteps(lower: number[], rollups: RollupView, span: number, range: Range, visitor: Visitor): Promise<void> {
    const { start } = rollups
    let from = range.fromStep === -Infinity ? 0 : countBelow(start, alignDown(range.fromStep, span))
    let to = range.toStep === Infinity ? start.length : countBelow(start, range.toStep + 1, from)
    if (from < to && start[from] < range.fromStep && !isInside(rollups, from, from + 1, range)) {
      await this.#visit(lower, between(rollups, from, from, range), visitor)
      from++
    }
    const isCut = from < to && start[to - 1] + span - 1 > range.toStep && !isInside(rollups, to - 1, to, range)
    if (isCut) to--
    if (from < to) visitor.rollups(rollups, from, to)
    if (isCut) await this.#visit(lower, between(rollups, to, to, range), visitor)
  }

  /** A range of times cuts through any of the spans: the level below tells their points apart. */
  async #visitTimes(lower: number[], rollups: RollupView, range: Range, visitor: Visitor): Promise<void> {
    const cut = rowsWhere(rollups, (row) => !isInside(rollups, row, row + 1, range) && !isOutside(rollups, row, range))
    let row = 0
    for (const [first, last] of stretchesOf(cut, rollups.count)) {
      visitInside(rollups, row, first, range, visitor)
      await this.#visit(lower, between(rollups, first, last, range), visitor)
      row = last + 1
    }
    visitInside(rollups, row, rollups.length, range, visitor)
  }
}

/** Points that are looked through at a time where many spans have to be. */
const pointsPerStretch = 65_536

/**
 * Rows that have to be looked into, as stretches from one row to another. As a rule those are one or two, at the ends of
 * a range. Where they are many, as with times in no order, a question for each took seconds: then all between are looked
 * into together.
 */
function* stretchesOf(rows: number[], counts: Float64Array): Generator<[first: number, last: number]> {
  for (const row of rows.slice(0, 2)) yield [row, row]
  const ordered = (from: number, to: number): [number, number] => (from <= to ? [from, to] : [to, from])
  let points = 0
  let start = 2
  for (let index = 2; index < rows.length; index++) {
    points += counts[rows[index]]
    if (points < pointsPerStretch && index < rows.length - 1) continue
    yield ordered(rows[start], rows[index])
    start = index + 1
    points = 0
  }
}

function rowsWhere({ length }: RollupView, isSo: (row: number) => boolean): number[] {
  return Array.from({ length }, (_, row) => row).filter(isSo)
}

/** A range cut down to the steps of some rows. */
const between = ({ firstStep, lastStep }: RollupView, first: number, last: number, range: Range): Range => ({
  ...range,
  fromStep: Math.max(range.fromStep, firstStep[first]),
  toStep: Math.min(range.toStep, lastStep[last]),
})

/** The rows from one to before another that lie in a range, as few stretches as that takes. */
function visitInside(rollups: RollupView, from: number, to: number, range: Range, visitor: Visitor): void {
  let start = from
  for (let row = from; row <= to; row++) {
    if (row < to && isInside(rollups, row, row + 1, range)) continue
    if (row > start) visitor.rollups(rollups, start, row)
    start = row + 1
  }
}

const alignDown = (step: number, span: number) => Math.floor(step / span) * span

function isInside(rollups: RollupView, from: number, to: number, range: Range): boolean {
  if (rollups.firstStep[from] < range.fromStep || rollups.lastStep[to - 1] > range.toStep) return false
  if (hasNoTimes(range)) return true
  for (let row = from; row < to; row++) {
    if (rollups.timeMin[row] < range.fromTime || rollups.timeMax[row] > range.toTime) return false
  }
  return true
}

function isOutside(rollups: RollupView, row: number, range: Range): boolean {
  return (
    rollups.lastStep[row] < range.fromStep ||
    rollups.firstStep[row] > range.toStep ||
    rollups.timeMax[row] < range.fromTime ||
    rollups.timeMin[row] > range.toTime
  )
}

/** The first or the last step of points whose value lies between two. */
export function stepOfValue(
  { steps, values }: Points,
  { from, to }: Values,
  end: 'first' | 'last',
): number | undefined {
  // Rollups know of finite values only, and points must not know of more.
  const isBetween = (value: number) => Number.isFinite(value) && value >= from && value <= to
  const row = end === 'first' ? values.findIndex(isBetween) : values.findLastIndex(isBetween)
  return row < 0 ? undefined : steps[row]
}

/** The points of a range among points in order of steps. */
export function within(points: Points, range: Range): Points {
  const { steps } = points
  const from = range.fromStep === -Infinity ? 0 : countBelow(steps, range.fromStep)
  const to = range.toStep === Infinity ? steps.length : countBelow(steps, range.toStep + 1, from)
  const part = from === 0 && to === steps.length ? points : slicePoints(points, from, to)
  if (hasNoTimes(range)) return part
  const { times } = part
  const rows = Array.from(times.keys()).filter((row) => times[row] >= range.fromTime && times[row] <= range.toTime)
  if (rows.length === times.length) return part
  const pick = (column: Float64Array) => Float64Array.from(rows, (row) => column[row])
  return { steps: pick(part.steps), times: pick(times), values: pick(part.values) }
}

export function concatenate(parts: Points[]): Points {
  if (parts.length === 0) return noPoints
  if (parts.length === 1) return parts[0]
  const count = parts.reduce((sum, { steps }) => sum + steps.length, 0)
  const joined = { steps: new Float64Array(count), times: new Float64Array(count), values: new Float64Array(count) }
  let at = 0
  for (const part of parts) {
    for (const column of ['steps', 'times', 'values'] as const) joined[column].set(part[column], at)
    at += part.steps.length
  }
  return joined
}
