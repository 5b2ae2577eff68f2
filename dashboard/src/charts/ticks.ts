import type { AxisScale } from './axis-scale.ts'

/**
 * Where ticks stand on an axis of values, lowest first, at most about `most` of them. uPlot's own go up decade by decade and
 * further between them, which takes it for ever where a loss has diverged to 1e30, and linear ones it has none above 1e15.
 */
export function ticksOf({ scale, min, max, threshold }: AxisScale, most: number): number[] {
  if (scale === 'linear') return linearTicks(min, max, most)
  return scale === 'symlog' ? symlogTicks(min, max, threshold, most) : logTicks(min, max, most)
}

function logTicks(min: number, max: number, most: number): number[] {
  const decades = powersBetween(min, max)
  const low = Math.floor(Math.log10(min))
  const high = Math.ceil(Math.log10(max))
  if (decades.length >= 3) return thinned(decades, most)
  // Little more than a decade has its 2 and 5 as well; less than that, even steps.
  const between: number[] = []
  for (let power = low; power <= high; power++) {
    for (const part of [1, 2, 5]) {
      const value = part * 10 ** power
      if (value >= min && value <= max) between.push(value)
    }
  }
  return between.length >= 2 ? thinned(between, most) : linearTicks(min, max, most)
}

function symlogTicks(min: number, max: number, threshold: number, most: number): number[] {
  const above = max > threshold ? powersBetween(Math.max(threshold, min), max) : []
  const below = min < -threshold ? powersBetween(Math.max(threshold, -max), -min) : []
  const hasZero = min <= 0 && max >= 0
  const ends = above.length + below.length
  if (ends < 2) return linearTicks(min, max, most)
  const share = Math.max(1, most - (hasZero ? 1 : 0))
  const forAbove = Math.max(above.length > 0 ? 1 : 0, Math.round((share * above.length) / ends))
  // Counted from the outside, so that the largest decade has its tick.
  const negative = thinned(below.toReversed(), Math.max(below.length > 0 ? 1 : 0, share - forAbove)).map(
    (value) => -value,
  )
  return [...negative, ...(hasZero ? [0] : []), ...thinned(above.toReversed(), forAbove).toReversed()]
}

/** Powers of ten from one value to another, both above 0. */
function powersBetween(min: number, max: number): number[] {
  const first = Math.ceil(Math.log10(min) - 1e-9)
  const last = Math.floor(Math.log10(max) + 1e-9)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => 10 ** (first + at))
}

/** Every second, third … of them. */
function thinned(values: number[], most: number): number[] {
  const every = Math.ceil(values.length / Math.max(1, most))
  return values.filter((_, at) => at % every === 0)
}

function linearTicks(min: number, max: number, most: number): number[] {
  const rough = (max - min) / Math.max(1, most)
  if (!(rough > 0)) return [min]
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((part) => part * power).find((size) => size >= rough)!
  const first = Math.ceil(min / step)
  const last = Math.floor(max / step)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => (first + at) * step)
}
