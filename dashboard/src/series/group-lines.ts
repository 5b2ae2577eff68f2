import type { RunStyle } from '../data/run-style.ts'
import type { Aggregate } from '../view/view.ts'
import type { DrawnLine } from './drawn-line.ts'

/** More rows than pixels would not be seen. */
const rowsMax = 2_000

/**
 * One line for several runs: at every x that one of them has, the mean or median of those that reach there, each taken
 * between its neighbouring points. A run counts from its first point to its last; `members` says how many there are.
 * The band is of the true extremes (`minmax`), or the mean ± the standard deviation of the sample, its standard error, or
 * its 95 % confidence interval by Student's t.
 */
export function groupLine(
  group: { id: string; title: string; style: RunStyle },
  lines: readonly DrawnLine[],
  { line: middle, band }: Aggregate,
): DrawnLine {
  const x = commonGrid(lines)
  const length = x.length
  const y = new Float64Array(length)
  const members = new Float64Array(length)
  const low = band === 'none' ? null : new Float64Array(length)
  const high = band === 'none' ? null : new Float64Array(length)
  const readers = lines.map((line) => new LineReader(line))
  const values: number[] = []
  for (let row = 0; row < length; row++) {
    values.length = 0
    let lowest = Number.POSITIVE_INFINITY
    let highest = Number.NEGATIVE_INFINITY
    for (const reader of readers) {
      if (!reader.read(x[row]!)) continue
      values.push(reader.y)
      lowest = Math.min(lowest, reader.low)
      highest = Math.max(highest, reader.high)
    }
    members[row] = values.length
    if (values.length === 0) {
      y[row] = Number.NaN
      if (low && high) low[row] = high[row] = Number.NaN
      continue
    }
    const mean = meanOf(values)
    y[row] = middle === 'mean' ? mean : medianOf(values)
    if (!low || !high) continue
    if (band === 'minmax' || band === 'none') {
      low[row] = lowest
      high[row] = highest
    } else {
      const spread = spreadOf(values, mean, band)
      low[row] = mean - spread
      high[row] = mean + spread
    }
  }
  let count = 0
  let version = 0
  let bucket = 1
  for (const line of lines) {
    count += line.count
    version += line.version
    bucket = Math.max(bucket, line.bucket)
  }
  return { ...group, length, x, y, raw: null, low, high, nonfinite: null, members, count, bucket, version }
}

/** Every x of any line, in order; of too many those of the line that has most. */
function commonGrid(lines: readonly DrawnLine[]): Float64Array {
  const all = new Set<number>()
  for (const { x, length } of lines) for (let row = 0; row < length; row++) all.add(x[row]!)
  if (all.size > rowsMax) {
    const longest = lines.reduce((one, other) => (other.length > one.length ? other : one))
    const ends = lines.flatMap(({ x, length }) => (length > 0 ? [x[0]!, x[length - 1]!] : []))
    return Float64Array.from(new Set([...longest.x.subarray(0, longest.length), ...ends])).sort()
  }
  return Float64Array.from(all).sort()
}

/** Reads a line at places that only go up. */
class LineReader {
  readonly #line: DrawnLine
  #row = 0
  y = 0
  low = 0
  high = 0

  constructor(line: DrawnLine) {
    this.#line = line
  }

  /** Whether the line is there: between its first and its last finite value. */
  read(at: number): boolean {
    const { x, y, length } = this.#line
    while (this.#row < length && (x[this.#row]! < at || !Number.isFinite(y[this.#row]!))) this.#row++
    if (this.#row === length) return false
    if (x[this.#row] === at) {
      this.#take(this.#row, this.#row, 0)
      return true
    }
    let before = this.#row - 1
    while (before >= 0 && !Number.isFinite(y[before]!)) before--
    if (before < 0) return false
    this.#take(before, this.#row, (at - x[before]!) / (x[this.#row]! - x[before]!))
    return true
  }

  #take(before: number, after: number, part: number): void {
    const { y, low, high } = this.#line
    const between = (column: Float64Array) => column[before]! + (column[after]! - column[before]!) * part
    this.y = between(y)
    this.low = low ? between(low) : this.y
    this.high = high ? between(high) : this.y
  }
}

const meanOf = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

function medianOf(values: number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

function spreadOf(values: number[], mean: number, band: 'std' | 'stderr' | 'ci95'): number {
  const count = values.length
  if (count < 2) return 0
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const deviation = Math.sqrt(squares / (count - 1))
  if (band === 'std') return deviation
  const error = deviation / Math.sqrt(count)
  return band === 'stderr' ? error : error * studentT(count - 1)
}

/** The 97.5 % quantile of Student's t by degrees of freedom (NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2). */
const quantiles = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
]

/** Past the table the expansion of Fisher and Cornish, to the second decimal. */
const studentT = (freedom: number): number => quantiles[freedom - 1] ?? 1.96 + 2.37 / freedom
