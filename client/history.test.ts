import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alignSeries, Series } from './history.ts'

const seriesOf = (points: [number, number, number][]) => {
  const series = new Series()
  for (const point of points) series.add(...point)
  return series
}
const plain = (columns: object) =>
  Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, Array.from(values as Float64Array)]))

test('metrics of the same steps stand side by side', () => {
  const steps = Array.from({ length: 1_000 }, (_, step) => step)
  const loss = seriesOf(steps.map((step) => [step, step * 10, step / 2]))
  const accuracy = seriesOf(steps.map((step) => [step, step * 10, -step]))
  const table = plain(
    alignSeries(
      new Map([
        ['loss', loss],
        ['accuracy', accuracy],
      ]),
    ),
  )
  assert.deepEqual(table.step, steps)
  assert.deepEqual(
    table.timestamp,
    steps.map((step) => step * 10),
  )
  assert.deepEqual(
    table.loss,
    steps.map((step) => step / 2),
  )
  assert.deepEqual(
    table.accuracy,
    steps.map((step) => -step),
  )
})

test('where a metric has no value is NaN, and the second one of a step is a row of its own', () => {
  const loss = seriesOf([
    [-1, 5, 0],
    [3, 7, 1],
    [3, 8, 2],
    [4, 9, 3],
  ])
  const accuracy = seriesOf([
    [3, 7.5, 10],
    [5, 11, 20],
  ])
  assert.deepEqual(
    plain(
      alignSeries(
        new Map([
          ['loss', loss],
          ['accuracy', accuracy],
        ]),
      ),
    ),
    {
      step: [-1, 3, 3, 4, 5],
      timestamp: [5, 7, 8, 9, 11],
      loss: [0, 1, 2, 3, Number.NaN],
      accuracy: [Number.NaN, 10, Number.NaN, Number.NaN, 20],
    },
  )
})

test('a metric that is called step or timestamp gives way, and nothing is nothing', () => {
  const table = plain(alignSeries(new Map([['step', seriesOf([[1, 2, 3]])]])))
  assert.deepEqual(table, { step: [1], timestamp: [2], 'metric.step': [3] })
  assert.deepEqual(plain(alignSeries(new Map())), { step: [], timestamp: [] })
})
