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

/** Ticks of the x axis; time has uPlot's own. */
export function tickText(axis: string, x: number): string {
  if (axis === 'step') return formatCount(x)
  if (axis === 'relative') return formatDuration(x * 1000)
  return formatValue(x)
}

/** Ticks of the y axis: 400k rather than 400000. */
export const valueTick = (value: number): string =>
  Math.abs(value) >= 1e4 && Math.abs(value) < 1e15 ? formatCount(value) : formatValue(value)

/** Steps between ticks of an axis of seconds that people count in. */
export const secondIncrements = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200,
  10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000,
]
