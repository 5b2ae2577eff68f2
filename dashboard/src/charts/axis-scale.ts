import type { Scale } from '../view/view.ts'

/** How values become places along an axis. The same rules as uPlot's, which draws the ticks (`distr` 1, 3 and 4). */
export interface AxisScale {
  scale: Scale
  min: number
  max: number
  /** Of `symlog`: below it in size the axis is about linear. A power of ten. */
  threshold: number
}

/** Before it is stretched to pixels. NaN: the axis can't show it. */
export function transform(value: number, { scale, threshold }: Pick<AxisScale, 'scale' | 'threshold'>): number {
  if (scale === 'linear') return value
  if (scale === 'log') return value > 0 ? Math.log10(value) : Number.NaN
  return Math.asinh(value / threshold)
}

export function untransform(place: number, { scale, threshold }: Pick<AxisScale, 'scale' | 'threshold'>): number {
  if (scale === 'linear') return place
  if (scale === 'log') return 10 ** place
  return Math.sinh(place) * threshold
}

/** `place = factor · transform(value) + offset`, from pixel `start` for min to pixel `end` for max. */
export function toPixels(axis: AxisScale, start: number, end: number): { factor: number; offset: number } {
  const low = transform(axis.min, axis)
  const high = transform(axis.max, axis)
  const factor = (end - start) / (high - low || 1)
  return { factor, offset: start - factor * low }
}

/** The value at a part of the axis: 0 is min, 1 max. */
export function valueAt(axis: AxisScale, part: number): number {
  const low = transform(axis.min, axis)
  const high = transform(axis.max, axis)
  return untransform(low + (high - low) * part, axis)
}

/** The part of the axis at which a value is: 0 is min, 1 max. */
export function partOf(axis: AxisScale, value: number): number {
  const low = transform(axis.min, axis)
  const high = transform(axis.max, axis)
  return (transform(value, axis) - low) / (high - low || 1)
}

/** The range that is seen after zooming by `factor` (below 1: closer) around a part of the axis. */
export function zoomed(axis: AxisScale, part: number, factor: number): [number, number] {
  return [valueAt(axis, part - part * factor), valueAt(axis, part + (1 - part) * factor)]
}

/** The range that is seen after moving by a part of the axis. */
export const panned = (axis: AxisScale, by: number): [number, number] => [valueAt(axis, by), valueAt(axis, 1 + by)]
