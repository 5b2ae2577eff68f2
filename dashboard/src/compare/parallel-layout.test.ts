import assert from 'node:assert/strict'
import { test } from 'node:test'
import { axisOf } from './axes.ts'
import type { PlotValue } from './fields.ts'
import { axisGapMin, linesOf, parallelLayout, parallelWidth, partAt, runAt, yOf } from './parallel-layout.ts'

const a: PlotValue[] = [0, 1, Number.NaN]
const b: PlotValue[] = [1, 0, undefined]
const axes = [axisOf('a', a, 'auto'), axisOf('b', b, 'auto')]
const layout = parallelLayout(axes, 500, 300)
const lines = linesOf(layout, axes, [a, b], 3)

test('more is higher; NaN and what is not set are below the axes, at two marks', () => {
  assert.ok(lines[0]! > lines[2]!)
  assert.equal(lines[0], layout.bottom)
  assert.equal(lines[2], layout.top)
  assert.ok(lines[4]! > layout.bottom && lines[5]! > lines[4]!)
  assert.ok(lines[5]! < layout.height)
  assert.equal(parallelLayout([axisOf('a', [1, 2], 'auto')], 500, 300).offY, null)
})

test('a height is a part of the axis, and that part the height', () => {
  assert.equal(partAt(layout, yOf(layout, 0.25)), 0.25)
  assert.equal(partAt(layout, -50), 1)
  assert.equal(partAt(layout, 1000), 0)
})

test('the run under the pointer is the one whose line passes there, between axes too', () => {
  const all = [true, true, true]
  const [left, right] = layout.xs as [number, number]
  assert.equal(runAt(layout, lines, all, left, layout.bottom), 0)
  assert.equal(runAt(layout, lines, all, right, layout.bottom), 1)
  const quarter = left + (right - left) / 4
  assert.equal(runAt(layout, lines, all, quarter, yOf(layout, 0.25)), 0)
  assert.equal(runAt(layout, lines, all, quarter, yOf(layout, 0.75)), 1)
  assert.equal(runAt(layout, lines, [true, false, true], quarter, yOf(layout, 0.75)), undefined, 'it is dimmed')
  assert.equal(runAt(layout, lines, all, quarter, yOf(layout, 0.5)), undefined, 'none is near')
  assert.equal(runAt(layout, lines, all, 0, layout.bottom), 0, 'left of the first axis')
})

test('one axis stands in the middle, none is no mistake, many make the plot wider than the page', () => {
  assert.deepEqual(parallelLayout([axes[0]!], 500, 300).xs, [250])
  assert.equal(runAt(parallelLayout([], 500, 300), new Float32Array(), [], 5, 5), undefined)
  assert.equal(parallelWidth(390, 2), 390)
  assert.ok(parallelWidth(390, 9) >= 8 * axisGapMin)
})
