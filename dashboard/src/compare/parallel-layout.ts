import { type Axis, type Mark, placeOf } from './axes.ts'
import type { PlotValue } from './fields.ts'

/** Where things are in the plot of parallel coordinates, in CSS pixels from its top left. */
export interface ParallelLayout {
  width: number
  height: number
  /** Of each axis. */
  xs: number[]
  /** Of the upper and the lower end of all axes. */
  top: number
  bottom: number
  /** Of the marks below the axes; null when no run needs them. */
  offY: number | null
  unsetY: number | null
}

const sidePadding = 56
const topPadding = 10
const markHeight = 18
/** Below this neither labels nor fingers have room: the plot is then wider than the page, and scrolls. */
export const axisGapMin = 112

export const parallelWidth = (available: number, axes: number): number =>
  Math.max(available, 2 * sidePadding + axisGapMin * Math.max(0, axes - 1))

export function parallelLayout(axes: readonly Axis[], width: number, height: number): ParallelLayout {
  const isOff = axes.some(({ offScale }) => offScale > 0)
  const isUnset = axes.some(({ unset }) => unset > 0)
  const gap = axes.length > 1 ? (width - 2 * sidePadding) / (axes.length - 1) : 0
  const unsetY = isUnset ? height - 10 : null
  const offY = isOff ? height - 10 - (isUnset ? markHeight : 0) : null
  const first = offY ?? unsetY
  return {
    width,
    height,
    xs: axes.map((_, at) => (axes.length > 1 ? sidePadding + gap * at : width / 2)),
    top: topPadding,
    bottom: first === null ? height - 12 : first - markHeight - 6,
    offY,
    unsetY,
  }
}

export function yOf({ top, bottom, offY, unsetY }: ParallelLayout, place: number | Mark): number {
  if (place === 'off') return offY ?? bottom
  if (place === 'unset') return unsetY ?? bottom
  return bottom + (top - bottom) * place
}

/** The part of an axis at a height. */
export const partAt = ({ top, bottom }: ParallelLayout, y: number): number =>
  Math.min(1, Math.max(0, (bottom - y) / (bottom - top)))

/** The height of each run on each axis: by run, one after the other, as many as there are axes. */
export function linesOf(
  layout: ParallelLayout,
  axes: readonly Axis[],
  columns: readonly (readonly PlotValue[])[],
  count: number,
): Float32Array {
  const lines = new Float32Array(count * axes.length)
  for (const [at, axis] of axes.entries()) {
    for (let run = 0; run < count; run++) lines[run * axes.length + at] = yOf(layout, placeOf(axis, columns[at]![run]))
  }
  return lines
}

/** The run whose line passes a point at the least height from it, of those that are kept; undefined beyond `reach` pixels. */
export function runAt(
  { xs }: ParallelLayout,
  lines: Float32Array,
  kept: readonly boolean[],
  x: number,
  y: number,
  reach = 10,
): number | undefined {
  if (xs.length === 0) return undefined
  const right = xs.findIndex((one) => one >= x)
  const after = right < 0 ? xs.length - 1 : right
  const before = Math.max(0, right < 0 ? after : after - 1)
  const span = xs[after]! - xs[before]!
  const part = span > 0 ? Math.min(1, Math.max(0, (x - xs[before]!) / span)) : 0
  let best: number | undefined
  let least = reach
  for (let run = 0; run < kept.length; run++) {
    if (!kept[run]) continue
    const from = lines[run * xs.length + before]!
    const away = Math.abs(from + (lines[run * xs.length + after]! - from) * part - y)
    if (away < least) {
      least = away
      best = run
    }
  }
  return best
}
