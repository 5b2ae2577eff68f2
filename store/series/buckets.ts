import type { Points } from './points.ts'
import { addSum, isVast, meanOf, measureOf, type RollupColumns } from './rollups.ts'

/** What a bucket needs of rollups. */
export type BucketColumns = Pick<
  RollupColumns,
  'start' | 'count' | 'nonfinite' | 'sum' | 'sumLow' | 'min' | 'max' | 'firstStep' | 'firstTime'
>

const columns = ['start', 'count', 'nonfinite', 'sum', 'sumLow', 'min', 'max', 'firstStep', 'firstTime'] as const

/**
 * What a chart draws of each span of its grid. These are the columns of rollups that a chart needs, with the same meaning:
 * making all of them took twice the time. Points and rollups are added in the order of their steps.
 */
export class Buckets {
  /** Steps a bucket has: a power of two. */
  readonly span: number
  /** Whether the first point's step and time are kept, for an axis of times. */
  readonly hasTimes: boolean
  length = 0
  start = new Float64Array(0)
  count = new Float64Array(0)
  nonfinite = new Float64Array(0)
  sum = new Float64Array(0)
  sumLow = new Float64Array(0)
  min = new Float64Array(0)
  max = new Float64Array(0)
  firstStep = new Float64Array(0)
  firstTime = new Float64Array(0)
  /** The first step after the last bucket. */
  #end = -Infinity

  /** `capacity`: how many there will be, about. */
  constructor(span: number, hasTimes: boolean, capacity = 0) {
    this.span = span
    this.hasTimes = hasTimes
    if (capacity > 0) this.#allocate(capacity)
  }

  points(points: Points): void {
    const { steps, values } = points
    // Times are decoded when they are looked at.
    const times = this.hasTimes ? points.times : undefined
    for (let row = 0; row < steps.length; ) {
      const at = steps[row] < this.#end ? this.length - 1 : this.#open(steps[row], steps[row], times?.[row])
      row = this.#addValues(at, steps, values, row)
    }
  }

  /** Rollups from one row to before another, of spans that are no longer than a bucket. */
  rollups(rollups: BucketColumns, from: number, to: number): void {
    const { start, count, nonfinite, sum, sumLow, min, max } = rollups
    const firstStep = this.hasTimes ? rollups.firstStep : undefined
    const firstTime = this.hasTimes ? rollups.firstTime : undefined
    for (let row = from; row < to; row++) {
      const at = start[row] < this.#end ? this.length - 1 : this.#open(start[row], firstStep?.[row], firstTime?.[row])
      this.#add(at, count[row], nonfinite[row], sum[row], sumLow[row], min[row], max[row])
    }
  }

  /** Of the finite values; NaN when there is none. */
  mean(at: number): number {
    return meanOf(this.sum[at] + this.sumLow[at], this.count[at] - this.nonfinite[at], this.min[at], this.max[at])
  }

  /** Takes over a bucket of another list that comes after all there are, or belongs to the last of them and is newer. */
  take(from: Buckets, row: number): void {
    if (from.start[row] >= this.#end) this.#open(from.start[row], from.firstStep[row], from.firstTime[row])
    const at = this.length - 1
    if (from.firstStep[row] < this.firstStep[at]) {
      this.firstStep[at] = from.firstStep[row]
      this.firstTime[at] = from.firstTime[row]
    }
    this.#add(at, from.count[row], from.nonfinite[row], from.sum[row], from.sumLow[row], from.min[row], from.max[row])
  }

  #open(step: number, firstStep = Number.NaN, firstTime = Number.NaN): number {
    if (this.length === this.start.length) this.#allocate(Math.max(64, this.length * 2))
    const at = this.length++
    this.start[at] = Math.floor(step / this.span) * this.span
    this.min[at] = Infinity
    this.max[at] = -Infinity
    this.firstStep[at] = firstStep
    this.firstTime[at] = firstTime
    this.#end = this.start[at] + this.span
    return at
  }

  /** Adds the values of one bucket. One loop over everything: this is done for every point of a short run. @returns the row after them */
  #addValues(at: number, steps: Float64Array, values: Float64Array, from: number): number {
    const end = this.#end
    const count = steps.length
    let min = this.min[at]
    let max = this.max[at]
    let sum = this.sum[at]
    let low = this.sumLow[at]
    let nonfinite = 0
    let row = from
    do {
      const value = values[row++]
      if (value - value !== 0) {
        nonfinite++
        continue
      }
      if (value < min) min = value
      if (value > max) max = value
      // Of values that are not vast, what `addSum` gives: only what each addition loses is put apart until the end, so
      // that the next one need not wait for it.
      const high = sum + value
      const part = high - sum
      low += sum - (high - part) + (value - part)
      sum = high
    } while (row < count && steps[row] < end)
    if (isVast(min, max)) {
      for (const value of values.subarray(from, row)) {
        if (value - value === 0) this.#add(at, 1, 0, value * measureOf(value, value), 0, value, value)
        else this.#add(at, 1, 1, 0, 0, Infinity, -Infinity)
      }
      return row
    }
    this.count[at] += row - from
    this.nonfinite[at] += nonfinite
    const whole = sum + low
    this.sum[at] = whole
    this.sumLow[at] = low - (whole - sum)
    this.min[at] = min
    this.max[at] = max
    return row
  }

  #add(at: number, count: number, nonfinite: number, sum: number, sumLow: number, min: number, max: number): void {
    addSum(this, at, measureOf(this.min[at], this.max[at]), sum, sumLow, measureOf(min, max))
    this.count[at] += count
    this.nonfinite[at] += nonfinite
    if (min < this.min[at]) this.min[at] = min
    if (max > this.max[at]) this.max[at] = max
  }

  #allocate(capacity: number): void {
    const memory = new Float64Array(columns.length * capacity)
    columns.forEach((name, index) => {
      const grown = memory.subarray(index * capacity, (index + 1) * capacity)
      grown.set(this[name])
      this[name] = grown
    })
  }
}

/** Two lists of one grid as one; the points of the second came later. */
export function mergeBuckets(older: Buckets, newer: Buckets): Buckets {
  if (newer.length === 0) return older
  if (older.length === 0) return newer
  const merged = new Buckets(older.span, older.hasTimes, older.length + newer.length)
  let b = 0
  for (let a = 0; a < older.length; a++) {
    while (b < newer.length && newer.start[b] < older.start[a]) merged.take(newer, b++)
    merged.take(older, a)
    if (b < newer.length && newer.start[b] === older.start[a]) merged.take(newer, b++)
  }
  while (b < newer.length) merged.take(newer, b++)
  return merged
}

/** Of how many finite values each mean is. */
export const finiteCounts = ({ counts, nonfinite }: { counts: Float64Array; nonfinite: Float64Array }): Float64Array =>
  counts.map((count, row) => count - nonfinite[row])
