import type { RunStyle } from '../data/run-style.ts'
import type { ShownRun } from '../data/shown-runs.ts'
import type { Smoothing } from '../view/view.ts'
import type { Line } from './line.ts'
import { smooth } from './smooth.ts'

/** A line as it is painted: of a run, or of a group of them. */
export interface DrawnLine {
  /** A run's name, or a group's. */
  id: string
  title: string
  style: RunStyle
  length: number
  x: Float64Array
  /** What is drawn; NaN breaks the line. */
  y: Float64Array
  /** What it was before smoothing, when it has been. */
  raw: Float64Array | null
  /** The true extremes of each bucket, or a group's band; null: each row is a point. */
  low: Float64Array | null
  high: Float64Array | null
  /** How many values of a row are not finite; null where there is none at all. */
  nonfinite: Float64Array | null
  /** Of a group: how many runs each row is of. */
  members: Float64Array | null
  /** Points behind it, and steps of a bucket; 1 when it is exact. */
  count: number
  bucket: number
  /** Content that was drawn already needs no second look. */
  version: number
}

/** The line of one run. */
export function drawnLine(run: ShownRun, line: Line, smoothing: Smoothing, extent: number): DrawnLine {
  const { length } = line
  const y = line.y.subarray(0, length)
  const weights = line.exact ? null : line.finite
  const isSmoothed = smoothing.amount > 0
  return {
    id: run.name,
    title: run.title,
    style: run.style,
    length,
    x: line.x.subarray(0, length),
    y: isSmoothed ? smooth({ x: line.x, y: line.y, weights, length }, smoothing, extent) : y,
    raw: isSmoothed ? y : null,
    low: line.exact ? null : line.min.subarray(0, length),
    high: line.exact ? null : line.max.subarray(0, length),
    nonfinite: line.exact ? nonfiniteOf(y) : hasSome(line.nonfinite, length),
    members: null,
    count: line.count,
    bucket: line.exact ? 1 : line.bucket,
    version: line.version,
  }
}

function nonfiniteOf(values: Float64Array): Float64Array | null {
  let marks: Float64Array | null = null
  for (let row = 0; row < values.length; row++) {
    if (Number.isFinite(values[row]!)) continue
    marks ??= new Float64Array(values.length)
    marks[row] = 1
  }
  return marks
}

function hasSome(counts: Float64Array, length: number): Float64Array | null {
  for (let row = 0; row < length; row++) if (counts[row]! > 0) return counts.subarray(0, length)
  return null
}

interface Made {
  line: Line
  version: number
  key: string
  drawn: DrawnLine
}

/** Makes lines anew only where something has changed since they were made. */
export class LineMaker {
  #made = new Map<string, Made>()

  make(
    runs: readonly ShownRun[],
    lineOf: (run: string) => Line | undefined,
    smoothing: Smoothing,
    extent: number,
  ): DrawnLine[] {
    const made = new Map<string, Made>()
    const lines: DrawnLine[] = []
    // The extent matters to what is smoothed along the axis, and grows with every point of a live run: by a twentieth is soon enough.
    const extentKey = smoothing.amount > 0 && smoothing.kind !== 'ema' ? Math.ceil(Math.log(extent || 1) * 20) : 0
    for (const run of runs) {
      const line = lineOf(run.name)
      if (!line || line.length === 0) continue
      const key = `${smoothing.kind} ${smoothing.amount} ${extentKey} ${run.title} ${run.style.light} ${run.style.dash}`
      const before = this.#made.get(run.name)
      const isSame = before && before.line === line && before.version === line.version && before.key === key
      const drawn = isSame ? before.drawn : drawnLine(run, line, smoothing, extent)
      made.set(run.name, { line, version: line.version, key, drawn })
      lines.push(drawn)
    }
    this.#made = made
    return lines
  }
}
