import type { Database } from '../engines/engine.ts'
import type { RunId } from '../tables.ts'
import { decodePoints, decodeRollups, decodeTotal, spanOf } from './chunk.ts'
import { ChunkTree } from './chunk-tree.ts'
import { type Levels, readLevels } from './levels.ts'
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
  readonly #levels: Levels
  readonly #tree: ChunkTree
  #readBodies: (() => Promise<Uint8Array[]>) | undefined

  constructor(db: Database, run: RunId, row: { number: number; rollup: Uint8Array; levels: string }) {
    this.total = decodeTotal(row.rollup)
    this.#levels = readLevels(row.levels)
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
    const levels = Object.keys(this.#levels.kept)
      .map(Number)
      .filter((level) => spanOf(level) <= bucket)
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
    const levels = Object.keys(this.#levels.kept).map(Number)
    const lists = (await this.#collect(levels, range, undefined)).filter((list) => list.length > 0)
    if (lists.length === 0) return undefined
    const last = lists[lists.length - 1]
    return { first: lists[0].firstStep[0], last: last.lastStep[last.length - 1] }
  }

  /** The first or the last step of a point whose value lies between two. @returns undefined when there is none */
  stepOfValue(values: Values, end: 'first' | 'last'): Promise<number | undefined> {
    return this.#stepOfValue(Object.keys(this.#levels.kept).map(Number), everything, values, end)
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
      for (let index = 0; index < rollups.length; index++) {
        const row = end === 'first' ? index : rollups.length - 1 - index
        if (!(rollups.max[row] >= values.from && rollups.min[row] <= values.to)) continue
        const within = {
          ...range,
          fromStep: Math.max(range.fromStep, rollups.firstStep[row]),
          toStep: Math.min(range.toStep, rollups.lastStep[row]),
        }
        // Values on both sides of what is asked for, perhaps, and none between.
        const step = await this.#stepOfValue(levels.slice(0, -1), within, values, end)
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
      let taken = 0
      for (let row = 0; row < rollups.length; row++) {
        if (isInside(rollups, row, row + 1, range)) continue
        if (row > taken) lists.push(rollups.slice(taken, row))
        taken = row + 1
        if (isOutside(rollups, row, range)) continue
        // The range cuts through this span, in steps or in times: the level below tells its points apart.
        const part = {
          ...range,
          fromStep: Math.max(range.fromStep, rollups.firstStep[row]),
          toStep: Math.min(range.toStep, rollups.lastStep[row]),
        }
        lists.push(...(await this.#collect(lower, part, bucket)))
      }
      if (rollups.length > taken) lists.push(rollups.slice(taken, rollups.length))
    }
    return lists
  }
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
  const isBetween = (value: number) => value >= from && value <= to
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
