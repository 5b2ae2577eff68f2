import type uPlot from 'uplot'
import { type AxisScale, partOf } from './axis-scale.ts'
import { tickText, valueTick } from './axis-text.ts'
import { chartTheme } from './theme.ts'
import { ticksOf } from './ticks.ts'

/** Room for `−1.234e−7`, always: charts below each other begin at the same place, and nothing shifts when data comes. */
const yAxisWidth = 56
const xAxisHeight = 22
/** From one tick to the next at least, pixels. */
const space = { x: 70, y: 28 }

/**
 * A plot of axes and a grid alone: the lines are painted over it (chart-view.ts). But for wall time, which uPlot's calendar is
 * good at, an axis goes from 0 to 1 for it, and what stands there is ours: its own ticks end at 1e17, and on a logarithm
 * they have no end.
 */
export function plotOptions({
  axis,
  size,
  x,
  y,
}: {
  axis: string
  size: { width: number; height: number }
  x: () => AxisScale
  y: () => AxisScale
}): uPlot.Options {
  const look = {
    stroke: () => chartTheme().text,
    font: chartTheme().font,
    grid: { stroke: () => chartTheme().grid, width: 1 },
    ticks: { show: false },
    gap: 4,
  }
  const isTime = isCalendar(axis, x())
  return {
    ...size,
    ms: 1,
    padding: [6, 10, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    select: { show: false, left: 0, top: 0, width: 0, height: 0 },
    scales: {
      x: { time: isTime, range: () => (isTime ? [x().min, x().max] : [0, 1]) },
      y: { range: () => [0, 1] },
    },
    axes: [
      isTime
        ? { ...look, size: xAxisHeight, space: space.x }
        : { ...look, size: xAxisHeight, ...ownTicks(axis, x, space.x, (value) => tickText(axis, value)) },
      { ...look, size: yAxisWidth, ...ownTicks('value', y, space.y, valueTick) },
    ],
    series: [{}, { paths: () => null, points: { show: false } }],
  }
}

/** Wall time, on an axis that is not bent. */
export const isCalendar = (axis: string, { scale }: Pick<AxisScale, 'scale'>): boolean =>
  axis === 'time' && scale === 'linear'

function ownTicks(
  axis: string,
  scale: () => AxisScale,
  pixelsEach: number,
  text: (value: number) => string,
): Partial<uPlot.Axis> {
  let ticks: number[] = []
  return {
    space: pixelsEach,
    // Any that fits into 0 to 1: which ticks there are is decided below.
    incrs: [1],
    splits: (plot, index) => {
      const pixels = (index === 0 ? plot.bbox.width : plot.bbox.height) / devicePixelRatio
      const found = ticksOf(scale(), Math.max(2, Math.floor(pixels / pixelsEach)), axis)
      const placeOf = (tick: number) => partOf(scale(), tick) * pixels
      // Around zero a bent axis may have them upon each other.
      ticks = found.filter((tick, at) => at === 0 || placeOf(tick) - placeOf(found[at - 1]!) >= pixelsEach / 2)
      return ticks.map((tick) => partOf(scale(), tick))
    },
    filter: (_, parts) => parts,
    values: () => ticks.map(text),
  }
}
