import type { Database } from '../engines/engine.ts'
import type { RunId } from '../tables.ts'
import { decodePoints, decodeRollups, decodeTotal, spanOf } from './chunk.ts'
import { ChunkTree } from './chunk-tree.ts'
import { readLevels } from './levels.ts'
import { countBelow, noPoints, type Points, slicePoints } from './points.ts'
import { type Rollups, rollUp, rollUpPoints } from './rollups.ts'

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

/** The compacted part of a series, read from its chunks. */
export class StoredSeries {
  /** All of it as one rollup. */
  readonly total: Rollups
  /** Its levels of rollups, the lowest first. */
  readonly #kept: number[]
  readonly #tree: ChunkTree
  #readBodies: (() => Promise<Uint8Array[]>) | undefined

  constructor(db: Database, run: RunId, row: { number: number; rollup: Uint8Array; levels: string }) {
    this.total = decodeTotal(row.rollup)
    this.#kept = Object.keys(readLevels(row.levels).kept).map(Number)
    this.#tree = new ChunkTree(db, run, row.number)
  }

  /** Has all chunks of points from somebody who reads them together with others'. */
  readPointsBy(readBodies: () => Promise<Uint8Array[]>): void {
    this.#readBodies = readBodies
  }

  /** Every point of a range. */
  async points(range: Range): Promise<Points> {
    const parts: Points[] = []
    const bodies = await (this.#readBodies?.() ?? this.#tree.bodiesBetween(0, range.fromStep, range.toStep))
    for (const body of bodies) {
      const part = within(decodePoints(body), range)
      if (part.steps.length > 0) parts.push(part)
    }
    return parts.length === 1 ? parts[0] : concatenate(parts)
  }

  /**
   * The points of a range rolled up into spans of `bucket` steps. What lies inside the range is read from the highest
   * level whose spans are no longer than a bucket; what its ends cut through from the levels below.
   */
  async rollups(range: Range, bucket: number): Promise<Rollups> {
    const levels = this.#kept.filter((level) => spanOf(level) <= bucket)
    return rollUp(await this.#collect(levels, range, bucket), bucket)
  }

  /**
   * The first and last step of the range's points, or of a little more: at the ends of a range of times it is exact to
   * the step.
   * @returns undefined when there is none
   */
  async extent(range: Range): Promise<{ first: number; last: number } | undefined> {
    const { total } = this
    if (isInside(total, 0, 1, range)) return { first: total.firstStep[0], last: total.lastStep[0] }
    const lists = (await this.#collect(this.#kept, range, undefined)).filter((list) => list.length > 0)
    if (lists.length === 0) return undefined
    const last = lists[lists.length - 1]
    return { first: lists[0].firstStep[0], last: last.lastStep[last.length - 1] }
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
    for (const body of bodies) {
      const rollups = decodeRollups(body, level)
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

  /** Rollups and points of the range, in order of steps, from the highest of the levels down to the points. */
  async #collect(levels: number[], range: Range, bucket: number | undefined): Promise<Rollups[]> {
    const { total } = this
    if (isOutside(total, 0, range)) return []
    const level = levels.at(-1)
    if (level === undefined) return [rollUpPoints(await this.points(range), bucket ?? spanOf(1))]

    const lower = levels.slice(0, -1)
    const span = spanOf(level)
    const lists: Rollups[] = []
    for (const body of await this.#tree.bodiesBetween(level, alignDown(range.fromStep, span), range.toStep)) {
      const rollups = decodeRollups(body, level)
      if (isInside(rollups, 0, rollups.length, range)) {
        lists.push(rollups)
        continue
      }
      // The range cuts through these spans, in steps or in times: the level below tells their points apart.
      const cut = rowsWhere(
        rollups,
        (row) => !isInside(rollups, row, row + 1, range) && !isOutside(rollups, row, range),
      )
      let row = 0
      for (const [first, last] of stretchesOf(cut, rollups.count)) {
        lists.push(...insideOf(rollups, row, first, range))
        lists.push(...(await this.#collect(lower, between(rollups, first, last, range), bucket)))
        row = last + 1
      }
      lists.push(...insideOf(rollups, row, rollups.length, range))
    }
    return lists
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

function rowsWhere({ length }: Rollups, isSo: (row: number) => boolean): number[] {
  return Array.from({ length }, (_, row) => row).filter(isSo)
}

/** A range cut down to the steps of some rows. */
const between = ({ firstStep, lastStep }: Rollups, first: number, last: number, range: Range): Range => ({
  ...range,
  fromStep: Math.max(range.fromStep, firstStep[first]),
  toStep: Math.min(range.toStep, lastStep[last]),
})

/** The rows from one to before another that lie in a range, in as few lists as that takes. */
function insideOf(rollups: Rollups, from: number, to: number, range: Range): Rollups[] {
  const lists: Rollups[] = []
  let start = from
  for (let row = from; row <= to; row++) {
    if (row < to && isInside(rollups, row, row + 1, range)) continue
    if (row > start) lists.push(rollups.slice(start, row))
    start = row + 1
  }
  return lists
}

const alignDown = (step: number, span: number) => Math.floor(step / span) * span

function isInside(rollups: Rollups, from: number, to: number, range: Range): boolean {
  if (rollups.firstStep[from] < range.fromStep || rollups.lastStep[to - 1] > range.toStep) return false
  if (range.fromTime === -Infinity && range.toTime === Infinity) return true
  for (let row = from; row < to; row++) {
    if (rollups.timeMin[row] < range.fromTime || rollups.timeMax[row] > range.toTime) return false
  }
  return true
}

function isOutside(rollups: Rollups, row: number, range: Range): boolean {
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
  if (range.fromTime === -Infinity && range.toTime === Infinity) return part
  const { times } = part
  const rows = Array.from(times.keys()).filter((row) => times[row] >= range.fromTime && times[row] <= range.toTime)
  if (rows.length === times.length) return part
  const pick = (column: Float64Array) => Float64Array.from(rows, (row) => column[row])
  return { steps: pick(part.steps), times: pick(times), values: pick(part.values) }
}

function concatenate(parts: Points[]): Points {
  if (parts.length === 0) return noPoints
  const count = parts.reduce((sum, { steps }) => sum + steps.length, 0)
  const joined = { steps: new Float64Array(count), times: new Float64Array(count), values: new Float64Array(count) }
  let at = 0
  for (const part of parts) {
    for (const column of ['steps', 'times', 'values'] as const) joined[column].set(part[column], at)
    at += part.steps.length
  }
  return joined
}
