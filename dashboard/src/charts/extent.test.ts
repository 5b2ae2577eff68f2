import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runStyle } from '../data/run-style.ts'
import type { DrawnLine } from '../series/drawn-line.ts'
import { xExtent, yExtent } from './extent.ts'

function line(values: number[], bands?: [low: number, high: number][]): DrawnLine {
  return {
    id: 'run',
    title: 'run',
    style: runStyle(1),
    length: values.length,
    x: Float64Array.from(values.keys()),
    y: Float64Array.from(values),
    raw: null,
    low: bands ? Float64Array.from(bands, ([low]) => low) : null,
    high: bands ? Float64Array.from(bands, ([, high]) => high) : null,
    nonfinite: null,
    members: null,
    count: values.length,
    bucket: 1,
    version: 1,
  }
}

const linear = { scale: 'linear', xScale: 'linear', clip: false } as const
const all: [number, number] = [-1e9, 1e9]

test('the range holds the true extremes, not the means, and nothing but finite values', () => {
  const { min, max, total } = yExtent(
    [
      line(
        [5, Number.NaN, 6],
        [
          [1, 5],
          [Number.NaN, Number.NaN],
          [6, 11],
        ],
      ),
    ],
    all,
    linear,
  )!
  assert.deepEqual([min, max, total], [0.6, 11.4, 4])
  assert.equal(yExtent([line([Number.NaN, Number.POSITIVE_INFINITY])], all, linear), null)
})

test('only what is in sight counts, with the neighbours that a line comes from and goes to', () => {
  const far = line([100, 1, 2, 3, 100])
  assert.ok(yExtent([far], [1.9, 2.1], linear)!.max < 4)
  assert.ok(yExtent([far], [0.5, 2], linear)!.max > 99)
})

test('outliers are left out when asked, and counted; on a logarithm by decades', () => {
  const values = [...Array.from({ length: 96 }, (_, at) => 1 + (at % 10) / 10), 900, 1000, 1e6, -500]
  const clipped = yExtent([line(values)], all, { ...linear, clip: true })!
  assert.deepEqual([clipped.above, clipped.below, clipped.total], [3, 1, 100])
  assert.ok(clipped.max < 2.1 && clipped.min > 0.8)
  const decades = Array.from({ length: 50 }, (_, at) => 10 ** (at % 5))
  const onLog = yExtent([line([...decades, 1e30])], all, { ...linear, scale: 'log', clip: true })!
  assert.deepEqual([onLog.above, onLog.below], [1, 0])
})

test('what a logarithm has no place for is counted, on either axis', () => {
  const { notPositive, notPositiveX, min } = yExtent([line([-1, 0, 10, 100])], all, {
    ...linear,
    scale: 'log',
    xScale: 'log',
  })!
  assert.deepEqual([notPositive, notPositiveX], [2, 1])
  assert.ok(min > 0)
  assert.deepEqual(xExtent([line([1, 2, 3])], 'log'), [1, 2])
})

test('values that are all one have a range, and so has a loss that diverged to 1e300', () => {
  for (const values of [[0], [5, 5], [-3], [1e300, -1e300], [1e-320, 2e-320]]) {
    for (const scale of ['linear', 'symlog'] as const) {
      const { min, max } = yExtent([line(values)], all, { ...linear, scale })!
      assert.ok(min < max && Number.isFinite(min) && Number.isFinite(max), `${scale} ${values}: ${min} to ${max}`)
    }
  }
})
