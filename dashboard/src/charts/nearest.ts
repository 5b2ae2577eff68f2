import type { DrawnLine } from '../series/drawn-line.ts'
import { firstAtLeast } from './extent.ts'

/** A line's row at the pointer. */
export interface Reading {
  line: DrawnLine
  row: number
  x: number
  y: number
}

/** An order of readings: highest first, NaN last. */
export function byValue({ y: one }: Reading, { y: other }: Reading): number {
  if (Number.isNaN(one)) return Number.isNaN(other) ? 0 : 1
  return Number.isNaN(other) ? -1 : other - one
}

/** The row of each line that is nearest to x, of those lines that are there: not beyond either of their ends by `reach`. */
export function readingsAt(lines: readonly DrawnLine[], x: number, reach: number): Reading[] {
  const readings: Reading[] = []
  for (const line of lines) {
    const row = nearestRow(line, x)
    if (row < 0) continue
    const at = line.x[row]!
    if (Math.abs(at - x) > reach && (x < line.x[0]! || x > line.x[line.length - 1]!)) continue
    readings.push({ line, row, x: at, y: line.y[row]! })
  }
  return readings
}

function nearestRow({ x, length }: DrawnLine, at: number): number {
  if (length === 0) return -1
  if (x[0]! > x[length - 1]!) return closestOfAll(x, length, at)
  const after = firstAtLeast(x, length, at)
  if (after === 0) return 0
  if (after === length) return length - 1
  return at - x[after - 1]! <= x[after]! - at ? after - 1 : after
}

/** Along another metric x may go back and forth. */
function closestOfAll(x: Float64Array, length: number, at: number): number {
  let best = 0
  for (let row = 1; row < length; row++) if (Math.abs(x[row]! - at) < Math.abs(x[best]! - at)) best = row
  return best
}
