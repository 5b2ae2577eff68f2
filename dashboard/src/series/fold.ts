import { Line } from './line.ts'

/** A value that a run has just logged. */
export interface Point {
  step: number
  /** Where it belongs on the axis of the chart. */
  x: number
  value: number
}

/**
 * Takes a point into a line as the tracker would have had it been asked later: buckets lie at multiples of their size
 * (a power of two), so a mean with its count, a minimum and a maximum take one more value exactly.
 */
export function foldPoint(line: Line, point: Point): void {
  line.count++
  line.version++
  line.lastStep = Math.max(line.lastStep, point.step)
  if (line.exact) insertPoint(line, point)
  else addToBucket(line, point)
}

function insertPoint(line: Line, { step, x, value }: Point): void {
  const { length } = line
  // Points of one step stay in the order in which they came.
  const at = length === 0 || line.step[length - 1]! <= step ? length : line.rowOf(step + 1)
  line.open(at)
  line.step[at] = step
  line.x[at] = x
  line.y[at] = value
}

function addToBucket(line: Line, { step, x, value }: Point): void {
  const start = Math.floor(step / line.bucket) * line.bucket
  const at = line.rowOf(start)
  if (at === line.length || line.step[at] !== start) {
    line.open(at)
    // Along steps both are one column, and a bucket is where it begins.
    line.x[at] = x
    line.step[at] = start
    line.y[at] = Number.NaN
    line.min[at] = Number.NaN
    line.max[at] = Number.NaN
    line.nonfinite[at] = 0
    line.finite[at] = 0
  }
  if (!Number.isFinite(value)) {
    line.nonfinite[at]!++
    return
  }
  const finite = ++line.finite[at]!
  line.y[at] = finite === 1 ? value : line.y[at]! + (value - line.y[at]!) / finite
  // NaN is neither below nor above: the first finite value replaces it.
  if (!(line.min[at]! <= value)) line.min[at] = value
  if (!(line.max[at]! >= value)) line.max[at] = value
}

/**
 * The smallest power of two of steps of which no more than `points` buckets cover a range: how the tracker chooses
 * (docs/api/tracker.md, Read charts).
 */
export function bucketFor(from: number, to: number, points: number): number {
  let bucket = 1
  while (Math.floor(to / bucket) - Math.floor(from / bucket) + 1 > points) bucket *= 2
  return bucket
}

/** The same line in buckets of `bucket` steps, a multiple of its own. */
export function coarsen(line: Line, bucket: number): Line {
  const coarse = new Line(line.run, { exact: false, bucket, cursor: line.cursor, capacity: 256 })
  coarse.start = line.start
  coarse.lastStep = line.lastStep
  if (line.x !== line.step) coarse.x = new Float64Array(256)
  if (line.exact) {
    for (let row = 0; row < line.length; row++) {
      addToBucket(coarse, { step: line.step[row]!, x: line.x[row]!, value: line.y[row]! })
    }
  } else {
    for (let row = 0; row < line.length; row++) mergeBucket(coarse, line, row)
  }
  coarse.count = line.count
  coarse.version = line.version + 1
  return coarse
}

function mergeBucket(into: Line, from: Line, row: number): void {
  const start = Math.floor(from.step[row]! / into.bucket) * into.bucket
  const at = into.length - 1
  if (at < 0 || into.step[at] !== start) {
    into.open(into.length)
    const next = into.length - 1
    into.step[next] = start
    into.x[next] = from.x === from.step ? start : from.x[row]!
    into.y[next] = from.y[row]!
    into.min[next] = from.min[row]!
    into.max[next] = from.max[row]!
    into.nonfinite[next] = from.nonfinite[row]!
    into.finite[next] = from.finite[row]!
    return
  }
  into.nonfinite[at]! += from.nonfinite[row]!
  const added = from.finite[row]!
  if (added === 0) return
  into.finite[at]! += added
  const finite = into.finite[at]!
  into.y[at] = finite === added ? from.y[row]! : into.y[at]! + ((from.y[row]! - into.y[at]!) * added) / finite
  if (!(into.min[at]! <= from.min[row]!)) into.min[at] = from.min[row]!
  if (!(into.max[at]! >= from.max[row]!)) into.max[at] = from.max[row]!
}
