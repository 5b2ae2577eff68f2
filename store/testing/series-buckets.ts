import { meanOf } from './exact-sum.ts'

/** A point of one metric. */
export interface PlainPoint {
  step: number
  time: number
  value: number
}

/** Points in the order of their steps; those of one step stay in the order in which they came. */
export const inOrder = (points: PlainPoint[]): PlainPoint[] => points.toSorted((one, other) => one.step - other.step)

/** What the points of some steps come to. */
export interface PlainBucket {
  /** The multiple of the bucket's length at which it begins. */
  start: number
  count: number
  nonfinite: number
  /** NaN without a finite value. */
  mean: number
  min: PlainPoint | undefined
  max: PlainPoint | undefined
  first: PlainPoint
  last: PlainPoint
  timeMin: number
  timeMax: number
}

/** Points, in order, cut into buckets of so many steps. */
export function bucketsOf(points: PlainPoint[], steps: number): PlainBucket[] {
  const buckets: PlainBucket[] = []
  const indexOf = (row: number) => Math.floor(points[row].step / steps)
  for (let from = 0; from < points.length; ) {
    let to = from + 1
    while (to < points.length && indexOf(to) === indexOf(from)) to++
    buckets.push(bucketOf(indexOf(from) * steps, points.slice(from, to)))
    from = to
  }
  return buckets
}

/** Points, in order, as one bucket. */
export function bucketOf(start: number, points: PlainPoint[]): PlainBucket {
  const finite = points.filter((point) => Number.isFinite(point.value))
  return {
    start,
    count: points.length,
    nonfinite: points.length - finite.length,
    mean: meanOf(finite.map((point) => point.value)),
    min: firstOf(finite, (value, lowest) => value < lowest),
    max: firstOf(finite, (value, highest) => value > highest),
    first: points[0],
    last: points[points.length - 1],
    timeMin: points.reduce((least, point) => Math.min(least, point.time), Infinity),
    timeMax: points.reduce((most, point) => Math.max(most, point.time), -Infinity),
  }
}

/** The first of the points whose value no other surpasses. */
function firstOf(points: PlainPoint[], surpasses: (value: number, other: number) => boolean): PlainPoint | undefined {
  let best: PlainPoint | undefined = points[0]
  for (const point of points) if (surpasses(point.value, best.value)) best = point
  return best
}
