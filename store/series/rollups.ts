import type { Points } from './points.ts'

/**
 * What the points of one span of steps come to, for many spans in the order of their steps. Spans are aligned: a span
 * of n steps starts at a multiple of n, whatever points there are. Columns, as a chunk keeps them.
 */
export class Rollups {
  /** Steps a span has: a power of two. */
  readonly span: number
  length = 0
  /** The first step of the span. */
  start!: Float64Array
  /** Of all points. */
  count!: Float64Array
  /** Of the NaN and infinite ones. */
  nonfinite!: Float64Array
  /**
   * Of the finite values, as the unevaluated sum of two doubles: what the order of adding would change is below both.
   * Where the extremes are vast, of a part of each value, so that no sum is infinite: see `measureOf`.
   */
  sum!: Float64Array
  sumLow!: Float64Array
  /** Of the finite values: Infinity and -Infinity while there is none, at the step and time NaN. Of equals the lowest step. */
  min!: Float64Array
  minStep!: Float64Array
  minTime!: Float64Array
  max!: Float64Array
  maxStep!: Float64Array
  maxTime!: Float64Array
  /** Of the lowest step the point that came first, of the highest the one that came last, whatever their values. */
  first!: Float64Array
  firstStep!: Float64Array
  firstTime!: Float64Array
  last!: Float64Array
  lastStep!: Float64Array
  lastTime!: Float64Array
  /** The earliest and the latest time of any point. */
  timeMin!: Float64Array
  timeMax!: Float64Array

  constructor(span: number, capacity: number) {
    this.span = span
    this.#allocate(capacity)
  }

  /** The rollups from one row to before another, as views. */
  slice(from: number, to: number): Rollups {
    const part = new Rollups(this.span, 0)
    for (const name of rollupColumns) part[name] = this[name].subarray(from, to)
    part.length = to - from
    return part
  }

  /** Appends a copy of a rollup of another list, as the start of the span it falls into. @returns its row */
  push(from: Rollups, row: number): number {
    const at = this.#add(Math.floor(from.start[row] / this.span) * this.span)
    this.count[at] = from.count[row]
    this.nonfinite[at] = from.nonfinite[row]
    this.sum[at] = from.sum[row]
    this.sumLow[at] = from.sumLow[row]
    this.min[at] = from.min[row]
    this.minStep[at] = from.minStep[row]
    this.minTime[at] = from.minTime[row]
    this.max[at] = from.max[row]
    this.maxStep[at] = from.maxStep[row]
    this.maxTime[at] = from.maxTime[row]
    this.first[at] = from.first[row]
    this.firstStep[at] = from.firstStep[row]
    this.firstTime[at] = from.firstTime[row]
    this.last[at] = from.last[row]
    this.lastStep[at] = from.lastStep[row]
    this.lastTime[at] = from.lastTime[row]
    this.timeMin[at] = from.timeMin[row]
    this.timeMax[at] = from.timeMax[row]
    return at
  }

  /** Appends a rollup of one point. */
  pushPoint(step: number, time: number, value: number): void {
    const at = this.#add(Math.floor(step / this.span) * this.span)
    const hasValue = Number.isFinite(value)
    this.count[at] = 1
    this.nonfinite[at] = hasValue ? 0 : 1
    this.sum[at] = hasValue ? value * measureOf(value, value) : 0
    this.sumLow[at] = 0
    this.min[at] = hasValue ? value : Infinity
    this.max[at] = hasValue ? value : -Infinity
    this.minStep[at] = this.maxStep[at] = hasValue ? step : Number.NaN
    this.minTime[at] = this.maxTime[at] = hasValue ? time : Number.NaN
    this.first[at] = this.last[at] = value
    this.firstStep[at] = this.lastStep[at] = step
    this.firstTime[at] = this.lastTime[at] = this.timeMin[at] = this.timeMax[at] = time
  }

  /**
   * Appends a rollup of the points of one span, in order of steps, from a row on. One loop over everything: compaction
   * does this for every point. @returns the row after them
   */
  pushPoints(steps: Float64Array, times: Float64Array, values: Float64Array, from: number): number {
    const end = Math.floor(steps[from] / this.span) * this.span + this.span
    const rowCount = steps.length
    let min = Infinity
    let max = -Infinity
    let minRow = -1
    let maxRow = -1
    let sum = 0
    let low = 0
    let nonfinite = 0
    let timeMin = Infinity
    let timeMax = -Infinity
    let row = from
    do {
      const value = values[row]
      const time = times[row]
      if (time < timeMin) timeMin = time
      if (time > timeMax) timeMax = time
      if (value - value === 0) {
        if (value < min) {
          min = value
          minRow = row
        }
        if (value > max) {
          max = value
          maxRow = row
        }
        // What `addSum` gives of values that are not vast; what each addition loses is put apart until the end.
        const high = sum + value
        const part = high - sum
        low += sum - (high - part) + (value - part)
        sum = high
      } else nonfinite++
      row++
    } while (row < rowCount && steps[row] < end)
    if (isVast(min, max)) {
      this.pushPoint(steps[from], times[from], values[from])
      const at = this.length - 1
      for (let next = from + 1; next < row; next++) this.addPoint(at, steps[next], times[next], values[next])
      return row
    }
    const at = this.#add(end - this.span)
    this.count[at] = row - from
    this.nonfinite[at] = nonfinite
    this.sum[at] = sum + low
    this.sumLow[at] = low - (this.sum[at] - sum)
    this.min[at] = min
    this.minStep[at] = minRow < 0 ? Number.NaN : steps[minRow]
    this.minTime[at] = minRow < 0 ? Number.NaN : times[minRow]
    this.max[at] = max
    this.maxStep[at] = maxRow < 0 ? Number.NaN : steps[maxRow]
    this.maxTime[at] = maxRow < 0 ? Number.NaN : times[maxRow]
    this.first[at] = values[from]
    this.firstStep[at] = steps[from]
    this.firstTime[at] = times[from]
    this.last[at] = values[row - 1]
    this.lastStep[at] = steps[row - 1]
    this.lastTime[at] = times[row - 1]
    this.timeMin[at] = timeMin
    this.timeMax[at] = timeMax
    return row
  }

  /** Adds a point that comes after all of a row's points of the same step. */
  addPoint(at: number, step: number, time: number, value: number): void {
    this.count[at]++
    if (Number.isFinite(value)) {
      const measure = measureOf(value, value)
      addSum(this, at, measureOf(this.min[at], this.max[at]), value * measure, 0, measure)
      if (value < this.min[at] || (value === this.min[at] && step < this.minStep[at])) {
        this.min[at] = value
        this.minStep[at] = step
        this.minTime[at] = time
      }
      if (value > this.max[at] || (value === this.max[at] && step < this.maxStep[at])) {
        this.max[at] = value
        this.maxStep[at] = step
        this.maxTime[at] = time
      }
    } else this.nonfinite[at]++
    if (step < this.firstStep[at]) {
      this.first[at] = value
      this.firstStep[at] = step
      this.firstTime[at] = time
    }
    if (step >= this.lastStep[at]) {
      this.last[at] = value
      this.lastStep[at] = step
      this.lastTime[at] = time
    }
    if (time < this.timeMin[at]) this.timeMin[at] = time
    if (time > this.timeMax[at]) this.timeMax[at] = time
  }

  /** Adds a rollup of points that came later than a row's own. */
  add(at: number, newer: Rollups, row: number): void {
    this.count[at] += newer.count[row]
    this.nonfinite[at] += newer.nonfinite[row]
    const measure = measureOf(newer.min[row], newer.max[row])
    addSum(this, at, measureOf(this.min[at], this.max[at]), newer.sum[row], newer.sumLow[row], measure)
    const min = newer.min[row]
    if (min < this.min[at] || (min === this.min[at] && newer.minStep[row] < this.minStep[at])) {
      this.min[at] = min
      this.minStep[at] = newer.minStep[row]
      this.minTime[at] = newer.minTime[row]
    }
    const max = newer.max[row]
    if (max > this.max[at] || (max === this.max[at] && newer.maxStep[row] < this.maxStep[at])) {
      this.max[at] = max
      this.maxStep[at] = newer.maxStep[row]
      this.maxTime[at] = newer.maxTime[row]
    }
    if (newer.firstStep[row] < this.firstStep[at]) {
      this.first[at] = newer.first[row]
      this.firstStep[at] = newer.firstStep[row]
      this.firstTime[at] = newer.firstTime[row]
    }
    if (newer.lastStep[row] >= this.lastStep[at]) {
      this.last[at] = newer.last[row]
      this.lastStep[at] = newer.lastStep[row]
      this.lastTime[at] = newer.lastTime[row]
    }
    if (newer.timeMin[row] < this.timeMin[at]) this.timeMin[at] = newer.timeMin[row]
    if (newer.timeMax[row] > this.timeMax[at]) this.timeMax[at] = newer.timeMax[row]
  }

  /** Of the finite values; NaN when there is none. */
  mean(at: number): number {
    return meanOf(this.sum[at] + this.sumLow[at], this.count[at] - this.nonfinite[at], this.min[at], this.max[at])
  }

  #add(start: number): number {
    if (this.length === this.start.length) this.#grow()
    this.start[this.length] = start
    return this.length++
  }

  #grow(): void {
    const before = this.slice(0, this.length)
    this.#allocate(Math.max(16, this.length * 2))
    for (const name of rollupColumns) this[name].set(before[name])
  }

  /** All columns in one piece of memory: one for each took a quarter of a chart's time. */
  #allocate(capacity: number): void {
    const columns = new Float64Array(rollupColumns.length * capacity)
    rollupColumns.forEach((name, index) => {
      this[name] = columns.subarray(index * capacity, (index + 1) * capacity)
    })
  }
}

/** A sum of 2^53 values below this is finite, and so is one of 2^53 values of any size times `vastMeasure`. */
const vast = 2 ** 960
const vastMeasure = 2 ** -64

/** Of so many finite values between two; NaN when there is none. */
export const meanOf = (sum: number, count: number, min: number, max: number): number =>
  sum / count / measureOf(min, max)

/** Whether the sum of values between two is of a part of each. */
export const isVast = (min: number, max: number): boolean => max >= vast || min <= -vast

/** What values are multiplied with in the sum of those that lie between two, which follows from them alone. */
export const measureOf = (min: number, max: number): number => (isVast(min, max) ? vastMeasure : 1)

/**
 * Adds to a row's sum another, each in its own measure; what comes is in the smaller of the two.
 * Double-double addition: T. J. Dekker, A floating-point technique for extending the available precision, 1971.
 */
export function addSum(
  { sum: sums, sumLow: lows }: { sum: Float64Array; sumLow: Float64Array },
  at: number,
  measure: number,
  high: number,
  low: number,
  highMeasure: number,
): void {
  if (measure > highMeasure) {
    sums[at] *= highMeasure
    lows[at] *= highMeasure
  } else if (measure < highMeasure) {
    high *= measure
    low *= measure
  }
  const sum = sums[at] + high
  const part = sum - sums[at]
  const lost = sums[at] - (sum - part) + (high - part) + lows[at] + low
  sums[at] = sum + lost
  lows[at] = lost - (sums[at] - sum)
}

export const rollupColumns = [
  'start',
  'count',
  'nonfinite',
  'sum',
  'sumLow',
  'min',
  'minStep',
  'minTime',
  'max',
  'maxStep',
  'maxTime',
  'first',
  'firstStep',
  'firstTime',
  'last',
  'lastStep',
  'lastTime',
  'timeMin',
  'timeMax',
] as const

/** The columns of a list, wherever they come from. */
export type RollupColumns = { readonly [column in (typeof rollupColumns)[number]]: Float64Array }

/** Points in the order of their steps, rolled up. */
export function rollUpPoints({ steps, times, values }: Points, span: number): Rollups {
  const rollups = new Rollups(span, spansBetween(steps[0], steps[steps.length - 1], span, steps.length))
  for (let row = 0; row < steps.length; ) row = rollups.pushPoints(steps, times, values, row)
  return rollups
}

/** Rollups in order, rolled up further: `span` is a multiple of theirs. Whatever comes in several lists goes into one. */
export function rollUp(all: Rollups[], span: number): Rollups {
  const lists = all.filter((list) => list.length > 0)
  if (lists.length === 0) return new Rollups(span, 0)
  if (lists.length === 1 && lists[0].span === span) return lists[0]
  const last = lists[lists.length - 1]
  const most = lists.reduce((sum, list) => sum + list.length, 0)
  const coarse = new Rollups(span, spansBetween(lists[0].start[0], last.start[last.length - 1], span, most))
  let end = -Infinity
  for (const fine of lists) {
    for (let row = 0; row < fine.length; row++) {
      if (fine.start[row] < end) coarse.add(coarse.length - 1, fine, row)
      else {
        const at = coarse.push(fine, row) // It may move the columns.
        end = coarse.start[at] + span
      }
    }
  }
  return coarse
}

/** How many spans there can be from one step to another. */
function spansBetween(first: number, last: number, span: number, most: number): number {
  return most === 0 ? 0 : Math.min(most, Math.floor(last / span) - Math.floor(first / span) + 1)
}

/** Two lists of the same span as one. */
export function mergeRollups(older: Rollups, newer: Rollups): Rollups {
  if (newer.length === 0) return older
  if (older.length === 0) return newer
  const merged = new Rollups(older.span, older.length + newer.length)
  let a = 0
  let b = 0
  while (a < older.length || b < newer.length) {
    const isOlder = b === newer.length || (a < older.length && older.start[a] <= newer.start[b])
    if (!isOlder) {
      merged.push(newer, b++)
      continue
    }
    const at = merged.push(older, a)
    if (b < newer.length && newer.start[b] === older.start[a]) merged.add(at, newer, b++)
    a++
  }
  return merged
}

/** All of a list as one rollup. */
export function rollUpAll(rollups: Rollups): Rollups {
  const total = new Rollups(totalSpan, 1)
  total.push(rollups, 0)
  for (let row = 1; row < rollups.length; row++) total.add(0, rollups, row)
  return total
}

/** Points in the order in which they came, whatever their steps, as one rollup. */
export function totalOfPoints({ steps, times, values }: Points): Rollups {
  const total = new Rollups(totalSpan, 1)
  total.pushPoint(steps[0], times[0], values[0])
  for (let row = 1; row < steps.length; row++) total.addPoint(0, steps[row], times[row], values[row])
  return total
}

/** Two totals as one. */
export function addTotals(older: Rollups, newer: Rollups): Rollups {
  const total = rollUpAll(older)
  total.add(0, newer, 0)
  return total
}

/** Longer than all steps there are: a total has every point, and its start says nothing. */
export const totalSpan = 2 ** 54
