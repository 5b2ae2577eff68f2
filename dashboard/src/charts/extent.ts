import type { DrawnLine } from '../series/drawn-line.ts'
import type { Scale } from '../view/view.ts'

export interface YExtent {
  min: number
  max: number
  /** Finite values in sight that the range leaves out, of all of them. */
  above: number
  below: number
  total: number
  /** Values that a logarithmic axis can't show. */
  notPositive: number
  /** Points that stand where a logarithmic x axis has no place. */
  notPositiveX: number
  threshold: number
}

/** How far the lines go along x; null when they have no point. */
export function xExtent(lines: readonly DrawnLine[], scale: Scale): [number, number] | null {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (const { x, length } of lines) {
    for (let row = 0; row < length; row++) {
      const at = x[row]!
      if (scale === 'log' && at <= 0) continue
      if (at < min) min = at
      if (at > max) max = at
    }
  }
  return min <= max ? [min, max] : null
}

/** Outliers are what lies so many quartile ranges outside of the middle half. After Tukey, with far fences. */
const fences = 3

/**
 * The y range of what is seen between two x, and what it leaves out: nothing, unless outliers are clipped or the axis has
 * no place for it.
 */
export function yExtent(
  lines: readonly DrawnLine[],
  [from, to]: [number, number],
  { scale, clip, xScale }: { scale: Scale; clip: boolean; xScale: Scale },
): YExtent | null {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  let total = 0
  let notPositive = 0
  let notPositiveX = 0
  const sizes: number[] = []
  const sample: number[] = []
  const take = (value: number) => {
    if (!Number.isFinite(value)) return
    total++
    if (scale === 'log' && value <= 0) {
      notPositive++
      return
    }
    if (value < min) min = value
    if (value > max) max = value
    if (scale === 'symlog' && value !== 0) sizes.push(Math.abs(value))
    if (clip) sample.push(value)
  }
  for (const line of lines) {
    if (xScale === 'log') notPositiveX += firstAtLeast(line.x, line.length, Number.MIN_VALUE)
    const [first, last] = rowsBetween(line, from, to)
    for (let row = first; row < last; row++) {
      if (line.low && line.high) {
        take(line.low[row]!)
        take(line.high[row]!)
      } else take(line.raw ? line.raw[row]! : line.y[row]!)
    }
  }
  if (min > max) return null
  let above = 0
  let below = 0
  if (clip && sample.length >= 8) {
    // What lies far out is told on the axis as it is drawn: on a logarithm by decades.
    const place = (value: number) => (scale === 'log' ? Math.log10(value) : value)
    const sorted = Float64Array.from(sample).sort()
    const low = place(sorted[Math.floor(sorted.length * 0.25)]!)
    const high = place(sorted[Math.floor(sorted.length * 0.75)]!)
    const reach = fences * (high - low)
    const inside = sorted.filter((value) => place(value) >= low - reach && place(value) <= high + reach)
    if (reach > 0 && inside.length > 0) {
      min = inside[0]!
      max = inside.at(-1)!
      for (const value of sorted) {
        if (value > max) above++
        else if (value < min) below++
      }
    }
  }
  const threshold = thresholdOf(sizes)
  return { ...padded(min, max, scale, threshold), above, below, total, notPositive, notPositiveX, threshold }
}

/** Nine tenths of the values are above it in size: a power of ten, so that it seldom moves as values come. */
function thresholdOf(sizes: number[]): number {
  const size = sizes.sort((one, other) => one - other)[Math.floor(sizes.length / 10)]
  return size === undefined ? 1 : Math.max(1e-300, 10 ** Math.floor(Math.log10(size)))
}

/** A little air above and below, and a range where all values are one. */
function padded(min: number, max: number, scale: Scale, threshold: number): { min: number; max: number } {
  if (scale === 'log') {
    const air = max > min ? (max / min) ** 0.04 : 2
    return { min: min / air, max: max * air }
  }
  if (scale === 'symlog') {
    const [low, high] = [Math.asinh(min / threshold), Math.asinh(max / threshold)]
    const air = high > low ? (high - low) * 0.04 : 1
    return { min: Math.sinh(low - air) * threshold, max: Math.sinh(high + air) * threshold }
  }
  const air = max > min ? (max - min) * 0.04 : Math.abs(max) * 0.1 || 1
  return { min: min - air, max: max + air }
}

/** The rows of a line from the last before `from` to the first after `to`. x that goes back and forth: all of them. */
export function rowsBetween({ x, length }: DrawnLine, from: number, to: number): [number, number] {
  if (length === 0 || x[0]! > x[length - 1]!) return [0, length]
  const first = Math.max(0, firstAtLeast(x, length, from) - 1)
  let last = firstAtLeast(x, length, to)
  if (last < length) last++
  return [first, last]
}

export function firstAtLeast(x: Float64Array, length: number, value: number): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >> 1
    if (x[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}
