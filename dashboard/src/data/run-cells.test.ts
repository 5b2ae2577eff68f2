import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Run } from '../api/queries.ts'
import { readColumn } from './columns.ts'
import { cellValue, groupCell, meanAndStd } from './run-cells.ts'
import { testRun } from './test-run.ts'

const cell = (run: Run, id: string) => cellValue(run, readColumn(id)!)
const loss = (said: Partial<Run['metrics'][number]>): Run['metrics'] => [
  {
    metric: 'loss',
    count: 3,
    nonfinite: 0,
    first_step: 0,
    first: 1,
    last_step: 2,
    last: 0.25,
    min: 0.25,
    min_step: 2,
    max: 1,
    max_step: 0,
    mean: 0.5,
    ...said,
  },
]

test('a metric shows what was asked of it, the best of a loss being its lowest', () => {
  const run = testRun(1, { metrics: loss({}) })
  assert.equal(cell(run, 'metric:loss:best').text, '0.25')
  assert.equal(cell(run, 'metric:loss:max').text, '1')
  assert.equal(cell(run, 'metric:loss:mean').text, '0.5')
  assert.equal(cell(run, 'metric:other:mean').text, '')
})

test('a loss that diverged is written as what it is, and is a failure', () => {
  const run = testRun(1, { metrics: loss({ last: 'NaN', nonfinite: 1 }) })
  assert.deepEqual(cell(run, 'metric:loss:last'), { number: Number.NaN, text: 'NaN', isFailure: true })
  const never = testRun(1, { metrics: loss({ last: 'Infinity', min: null, nonfinite: 3 }) })
  assert.deepEqual([cell(never, 'metric:loss:last').text, cell(never, 'metric:loss:best').text], ['+∞', 'NaN'])
})

test('a run that has not ended lasts until it was last heard', () => {
  assert.equal(cell(testRun(1), 'duration').text, '2m 30s')
  assert.equal(cell(testRun(1, { finished_at: null, duration: 60, status: 'running' }), 'duration').text, '1m')
})

test('what a document holds is shown on one line, and nothing for what is not there', () => {
  const run = testRun(1, { config: { layers: [32, 64], drop: null, name: 'x', deep: { lr: 1e-7 } } })
  assert.equal(cell(run, 'config.layers').text, '[32,64]')
  assert.equal(cell(run, 'config.deep.lr').text, '1e−7')
  assert.equal(cell(run, 'config.drop').text, '')
  assert.equal(cell(run, 'config.none').text, '')
})

test('a group shows mean ± sample standard deviation of what is finite, and says what it left out', () => {
  const cells = [1, 2, 3, Number.NaN].map((number) => ({ number, text: String(number), isFailure: false }))
  const { text, title } = groupCell(cells)
  assert.equal(text, '2 ± 1')
  assert.equal(title, 'mean 2 ± 1 of 3, 1 NaN or ∞')
  assert.equal(groupCell(cells.slice(0, 1)).text, '1')
  assert.equal(groupCell(cells.slice(3)).text, 'NaN')
})

test('a group shows the text that its runs share, or how many there are', () => {
  const texts = (...all: string[]) => all.map((text) => ({ number: null, text, isFailure: false }))
  assert.equal(groupCell(texts('adam', 'adam', '')).text, 'adam')
  assert.deepEqual(groupCell(texts('adam', 'sgd', 'sgd')), { text: '2 values', title: 'adam, sgd' })
  assert.equal(groupCell(texts('', '')).text, '')
})

test('the spread of values far from zero keeps its digits', () => {
  const { mean, std } = meanAndStd([1e9 + 1, 1e9 + 2, 1e9 + 3])
  assert.deepEqual([mean, std], [1e9 + 2, 1])
})
