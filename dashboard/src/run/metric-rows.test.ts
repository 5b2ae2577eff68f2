import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Run } from '../api/queries.ts'
import { metricRows } from './metric-rows.ts'

const summary = (metric: string, last: number | 'NaN', min: number | null): Run['metrics'][number] => ({
  metric,
  count: 2,
  nonfinite: 0,
  first_step: 0,
  first: 1,
  last_step: 1,
  last,
  min,
  min_step: 0,
  max: 2,
  max_step: 1,
  mean: 1.5,
})

const metrics = [summary('val/loss10', 'NaN', null), summary('val/loss9', 0.5, 0.5), summary('train/LOSS', 3, -1)]
const names = (rows: Run['metrics']) => rows.map(({ metric }) => metric)

test('metrics stand as they were first logged until they are sorted', () => {
  assert.deepEqual(names(metricRows(metrics, { search: '', sort: null })), names(metrics))
})

test('what is no number stands last, up and down', () => {
  for (const [isDown, expected] of [
    [true, ['train/LOSS', 'val/loss9', 'val/loss10']],
    [false, ['val/loss9', 'train/LOSS', 'val/loss10']],
  ] as const) {
    assert.deepEqual(names(metricRows(metrics, { search: '', sort: { column: 'last', isDown } })), expected)
  }
})

test('names are sorted as people count, and searched in any case', () => {
  const sort = { column: 'metric', isDown: false } as const
  assert.deepEqual(names(metricRows(metrics, { search: 'loss', sort })), ['train/LOSS', 'val/loss9', 'val/loss10'])
  assert.deepEqual(names(metricRows(metrics, { search: 'VAL/', sort })), ['val/loss9', 'val/loss10'])
})
