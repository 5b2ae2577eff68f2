import { formatCount, formatDuration, formatMoment, formatValue } from '../data/format.ts'

/** What kind of thing x is, by the API's word for the axis. */
export function axisName(axis: string): string {
  if (axis === 'step') return 'step'
  if (axis === 'time') return 'time'
  if (axis === 'relative') return 'time since start'
  return axis.replace(/^metric:/, '')
}

/** A place on the x axis, as exactly as one may want to know it. */
export function placeText(axis: string, x: number): string {
  if (axis === 'step') return `step ${x.toLocaleString('en-US')}`
  if (axis === 'time') return formatMoment(x)
  if (axis === 'relative') return `${formatDuration(x * 1000)} after start`
  return `${axisName(axis)} ${formatValue(x, 6)}`
}

/** Ticks of the x axis; of wall time, where it is bent by a logarithm. */
export function tickText(axis: string, x: number): string {
  if (axis === 'step') return formatCount(x)
  if (axis === 'relative') return x === 0 ? '0' : formatDuration(x * 1000)
  if (axis === 'time') return formatMoment(x).slice(0, 16)
  return valueTick(x)
}

/** Ticks of the y axis: 400k rather than 400000. */
export const valueTick = (value: number): string =>
  Math.abs(value) >= 1e4 && Math.abs(value) < 1e15 ? formatCount(value) : formatValue(value)
