import { type Axis, placeOf } from './axes.ts'
import { correlationWords, fitLine, spearman } from './correlation.ts'
import { type PlotValue, shortLabel } from './fields.ts'

/** Places of points in parts of the plot, 0 to 1 from its lower left; null: at the mark beside an axis. */
export interface ScatterPoint {
  /** The run's place. */
  at: number
  x: number | null
  y: number | null
}

/** Those of the runs that have something of both; `unset` lack one of them, and are nowhere. */
export function scatterPoints(
  x: Axis,
  y: Axis,
  xs: readonly PlotValue[],
  ys: readonly PlotValue[],
): { points: ScatterPoint[]; unset: number; offScale: number } {
  const points = xs.flatMap((value, at): ScatterPoint[] => {
    const [placeX, placeY] = [placeOf(x, value), placeOf(y, ys[at])]
    if (placeX === 'unset' || placeY === 'unset') return []
    return [{ at, x: placeX === 'off' ? null : placeX, y: placeY === 'off' ? null : placeY }]
  })
  const offScale = points.filter((point) => point.x === null || point.y === null).length
  return { points, unset: xs.length - points.length, offScale }
}

/** The straight line through the points as they are drawn, from the left edge to the right, in parts of the plot. */
export function scatterLine(points: readonly ScatterPoint[]): { left: number; right: number; r2: number } | null {
  const placed = points.filter(
    (point): point is { at: number; x: number; y: number } => point.x !== null && point.y !== null,
  )
  if (placed.length < 3) return null
  const line = fitLine(
    Float64Array.from(placed, ({ x }) => x),
    Float64Array.from(placed, ({ y }) => y),
  )
  return line && { left: line.intercept, right: line.intercept + line.slope, r2: line.correlation ** 2 }
}

/** What there is to see, for who can't, and how far it can be trusted. */
export function scatterWords(x: Axis, y: Axis, xs: readonly PlotValue[], ys: readonly PlotValue[]): string {
  const [nameX, nameY] = [shortLabel(x.id), shortLabel(y.id)]
  if (x.kind === 'category' || y.kind === 'category')
    return `${x.kind === 'category' ? nameX : nameY} has values without an order: there is no correlation to tell.`
  const words = correlationWords(spearman(xs, ys), nameX, nameY)
  const { points } = scatterPoints(x, y, xs, ys)
  const line = scatterLine(points)
  const scales = x.kind === 'log' || y.kind === 'log' ? ', on these scales,' : ''
  return line ? `${words}. A straight line${scales} explains ${Math.round(line.r2 * 100)} % of ${nameY}.` : `${words}.`
}
