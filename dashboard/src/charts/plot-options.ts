import type uPlot from 'uplot'
import type { AxisScale } from './axis-scale.ts'
import { secondIncrements, tickText, valueTick } from './axis-text.ts'
import { chartTheme } from './theme.ts'
import { ticksOf } from './ticks.ts'

const distr = { linear: 1, log: 3, symlog: 4 } as const

/** Room for `−1.234e−7`, always: charts below each other begin at the same place, and nothing shifts when data comes. */
const yAxisWidth = 56
const xAxisHeight = 22

/** A plot of axes and a grid alone: the lines are painted over it (chart-view.ts). */
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
  const splits = (scale: () => AxisScale, pixelsEach: number): Partial<uPlot.Axis> => ({
    // It draws no axis for which it finds no increment in its own list: here is one that fits.
    incrs: (_, __, min, max, pixels, space) => [((max - min) * (space + 1)) / pixels],
    splits: (plot, index) => {
      const pixels = (index === 0 ? plot.bbox.width : plot.bbox.height) / devicePixelRatio
      return ticksOf(scale(), Math.max(2, Math.floor(pixels / pixelsEach)))
    },
    // It leaves out labels of a logarithm by a rule of its own.
    filter: (_, found) => found,
  })
  const look = {
    stroke: () => chartTheme().text,
    font: chartTheme().font,
    grid: { stroke: () => chartTheme().grid, width: 1 },
    ticks: { show: false },
  }
  return {
    ...size,
    ms: 1,
    padding: [6, 10, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    select: { show: false, left: 0, top: 0, width: 0, height: 0 },
    scales: {
      x: { time: axis === 'time', distr: distr[x().scale], range: () => [x().min, x().max] },
      y: { distr: distr[y().scale], asinh: y().threshold, range: () => [y().min, y().max] },
    },
    axes: [
      {
        ...look,
        size: xAxisHeight,
        gap: 4,
        space: 60,
        ...(x().scale === 'linear' ? {} : splits(x, 70)),
        ...(axis === 'time'
          ? {}
          : { values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : tickText(axis, tick))) }),
        ...(axis === 'relative' && x().scale === 'linear' ? { incrs: secondIncrements } : {}),
        // Half a step is none.
        ...(axis === 'step' && x().scale === 'linear' ? { incrs: wholeIncrements } : {}),
      },
      {
        ...look,
        size: yAxisWidth,
        gap: 4,
        space: 28,
        ...splits(y, 28),
        values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : valueTick(tick))),
      },
    ],
    series: [{}, { paths: () => null, points: { show: false } }],
  }
}

const wholeIncrements = Array.from({ length: 16 }, (_, power) => [1, 2, 5].map((one) => one * 10 ** power)).flat()
