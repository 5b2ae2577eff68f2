import assert from 'node:assert/strict'
import { test } from 'node:test'
import { axisOf } from './axes.ts'
import type { PlotValue } from './fields.ts'
import { scatterLine, scatterPoints, scatterWords } from './scatter-data.ts'

const axes = (xs: PlotValue[], ys: PlotValue[]) =>
  [axisOf('config.x', xs, 'linear'), axisOf('config.y', ys, 'linear')] as const

test('points are placed by both axes; NaN is beside the plot, and a run that lacks one is counted', () => {
  const xs = [0, 10, Number.NaN, undefined]
  const ys = [5, 15, 10, 1]
  const [x, y] = axes(xs, ys)
  const { points, unset, offScale } = scatterPoints(x, y, xs, ys)
  assert.deepEqual([unset, offScale], [1, 1])
  assert.deepEqual(
    points.map(({ at, x: left }) => [at, left]),
    [
      [0, 0],
      [1, 1],
      [2, null],
    ],
  )
})

test('the line goes through points that are on one', () => {
  const xs = [0, 5, 10]
  const ys = [0, 1, 2]
  const [x, y] = axes(xs, ys)
  const line = scatterLine(scatterPoints(x, y, xs, ys).points)!
  assert.deepEqual(
    [line.left, line.right, line.r2].map((one) => Number(one.toFixed(9))),
    [0, 1, 1],
  )
  assert.equal(scatterLine([]), null)
})

test('in words: how the two go together, or why that can not be told', () => {
  const xs = [1, 2, 3, 4, 5, 6, 7, 8]
  const ys = xs.map((value) => -value)
  const [x, y] = axes(xs, ys)
  assert.equal(
    scatterWords(x, y, xs, ys),
    'Strong relation: more x goes with less y (ρ = −1.00, 8 runs). A straight line explains 100 % of y.',
  )
  const names = ['a', 'b', 'c']
  assert.match(scatterWords(...axes(names, [1, 2, 3]), names, [1, 2, 3]), /^x has values without an order/)
})
