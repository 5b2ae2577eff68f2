import type { AxisScale } from './axis-scale.ts'

/**
 * Where ticks stand on an axis, lowest first, at most about `most` of them, however far a loss has diverged. `axis`: of steps
 * there are no halves, and seconds are counted as people count them.
 */
export function ticksOf({ scale, min, max, threshold }: AxisScale, most: number, axis = ''): number[] {
  if (scale === 'linear') {
    const least = (max - min) / Math.max(1, most)
    if (axis === 'relative') return multiples(min, max, secondSteps.find((step) => step >= least) ?? niceStep(least))
    return linearTicks(min, max, most, axis === 'step' ? 1 : 0)
  }
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

function linearTicks(min: number, max: number, most: number, leastStep = 0): number[] {
  const rough = (max - min) / Math.max(1, most)
  return rough > 0 ? multiples(min, max, Math.max(leastStep, niceStep(rough))) : [min]
}

/** The smallest of 1, 2 and 5 times a power of ten that is not below `least`. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return [1, 2, 5, 10].map((part) => part * power).find((size) => size >= least * (1 - 1e-9))!
}

function multiples(min: number, max: number, step: number): number[] {
  const first = Math.ceil(min / step - 1e-9)
  const last = Math.floor(max / step + 1e-9)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => (first + at) * step)
}

const minute = 60
const hour = 60 * minute
const day = 24 * hour
const secondSteps = [
  ...[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12].map((count) => count * hour),
  ...[1, 2, 7, 14, 30].map((count) => count * day),
]
