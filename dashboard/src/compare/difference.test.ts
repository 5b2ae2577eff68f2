import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Run } from '../api/queries.ts'
import { compareRuns, filterRows, orderRuns } from './difference.ts'
import { fieldsOf, fieldValue, metricsOf, plotValue, readMetricField } from './fields.ts'

type Summary = Run['metrics'][number]

const summary = (metric: string, last: number | string, min: number | null, max: number | null): Summary => ({
  ...{ metric, count: 3, nonfinite: 0, first_step: 0, first: 1, last_step: 2, min_step: 0, max_step: 0, mean: min },
  ...{ last: last as Summary['last'], min, max },
})

const run = (name: string, more: Partial<Run>): Run => ({
  ...{ project: 'p', name, run_id: name, number: 1, id: null, display_name: null, group: null, job_type: null },
  ...{ status: 'finished', exit_code: 0, tags: [], notes: '', config: {}, summary: {}, metrics: [] },
  ...{ created_at: '2026-01-01T00:00:00Z', heard_at: '2026-01-01T00:01:00Z', finished_at: '2026-01-01T01:00:00Z' },
  ...{ duration: 3_600, finish_reason: null },
  ...more,
})

const request = { stats: ['last', 'best'] as const, goals: {} }
const find = (rows: ReturnType<typeof compareRuns>, id: string) => rows.find((row) => row.id === id)!

test('only keys of which some run has another value, or none, differ', () => {
  const rows = compareRuns(
    [
      run('a', { config: { lr: 0.1, optimizer: { name: 'adam' }, sizes: [1, 2], seed: 1 } }),
      run('b', { config: { lr: 0.2, optimizer: { name: 'adam' }, sizes: [1, 2] } }),
    ],
    request,
  )
  const different = filterRows(rows, { onlyDifferent: true, search: '' }).map(({ id }) => id)
  assert.deepEqual(different, ['config.lr', 'config.seed'])
  assert.deepEqual(find(rows, 'config.optimizer.name').values, ['adam', 'adam'])
  assert.equal(find(rows, 'config.sizes').differs, false)
})

test('disjoint configs have every key in a line of its own, empty where a run has nothing', () => {
  const rows = compareRuns([run('a', { config: { x: 1 } }), run('b', { config: { y: 'two' } })], request)
  assert.deepEqual(find(rows, 'config.x').values, [1, undefined])
  assert.deepEqual(find(rows, 'config.y').values, [undefined, 'two'])
})

test('one run differs from nothing, and all of it is shown', () => {
  const rows = compareRuns([run('a', { config: { x: 1 } })], request)
  assert.equal(filterRows(rows, { onlyDifferent: true, search: '' }).length, rows.length)
})

test('the best of a metric is the least loss and the greatest accuracy, and a person has the last word', () => {
  const runs = [
    run('a', { metrics: [summary('acc', 0.5, 0.1, 0.7), summary('loss', 1, 0.4, 2)] }),
    run('b', { metrics: [summary('acc', 0.9, 0.2, 0.9), summary('loss', 'NaN', null, null)] }),
    run('c', { metrics: [summary('loss', 2, 0.3, 2)] }),
  ]
  const rows = compareRuns(runs, request)
  assert.deepEqual(find(rows, 'metric:acc:best').values, [0.7, 0.9, undefined])
  assert.deepEqual(find(rows, 'metric:acc:best').best, [1])
  assert.deepEqual(find(rows, 'metric:loss:best').values, [0.4, Number.NaN, 0.3])
  assert.deepEqual(find(rows, 'metric:loss:best').best, [2])
  const turned = compareRuns(runs, { ...request, goals: { loss: 'max' } })
  assert.deepEqual(find(turned, 'metric:loss:best').values, [2, Number.NaN, 2])
  assert.deepEqual(find(turned, 'metric:loss:best').best, [0, 2], 'two share the best')
})

test('words that stand for numbers are numbers, and empty notes are none', () => {
  const rows = compareRuns([run('a', { summary: { acc: 'NaN' } }), run('b', { summary: { acc: 0.5 } })], request)
  assert.deepEqual(find(rows, 'summary.acc').values, [Number.NaN, 0.5])
  assert.equal(find(rows, 'summary.acc').isNumeric, true)
  assert.equal(find(rows, 'notes'), undefined)
})

test('runs are ordered by a line: finite ones first in either direction, then NaN, then those without', () => {
  const runs = [
    run('none', {}),
    run('nan', { config: { x: Number.NaN } }),
    run('two', { config: { x: 2 } }),
    run('one', { config: { x: 1 } }),
  ]
  const row = find(compareRuns(runs, request), 'config.x')
  assert.deepEqual(orderRuns(row, 4, 'ascending'), [3, 2, 1, 0])
  assert.deepEqual(orderRuns(row, 4, 'descending'), [2, 3, 1, 0])
  assert.deepEqual(orderRuns(undefined, 2, 'ascending'), [0, 1])
})

test('a search finds lines by their name and by their values', () => {
  const rows = compareRuns(
    [run('a', { config: { optimizer: 'Adam', lr: 1 } }), run('b', { config: { optimizer: 'sgd', lr: 2 } })],
    request,
  )
  const found = (search: string) => filterRows(rows, { onlyDifferent: false, search }).map(({ id }) => id)
  assert.deepEqual(found('adam'), ['config.optimizer'])
  assert.deepEqual(found('config LR'), ['config.lr'])
  assert.deepEqual(found('nothing has this'), [])
})

test('a metric that logged nothing finite is NaN; non-finite words in a config are numbers; null is nothing', () => {
  const one = run('a', { metrics: [summary('x:y', 'Infinity', null, null)], config: { a: null, b: [1] } })
  assert.equal(fieldValue(one, 'metric:x:y:last'), Number.POSITIVE_INFINITY)
  assert.ok(Number.isNaN(fieldValue(one, 'metric:x:y:min')))
  assert.equal(fieldValue(one, 'metric:z:min'), undefined)
  assert.equal(fieldValue(one, 'config.a'), undefined)
  assert.equal(plotValue(fieldValue(one, 'config.b')), '[1]')
  assert.equal(plotValue('-Infinity'), Number.NEGATIVE_INFINITY)
  assert.equal(fieldValue(one, 'duration'), 3_600_000)
})

test('fields know the metrics that have to be asked for', () => {
  assert.deepEqual(readMetricField('metric:a:b:max'), { metric: 'a:b', stat: 'max' })
  assert.equal(readMetricField('metric:loss:sum'), undefined)
  assert.deepEqual(metricsOf(['config.lr', 'metric:b:min', 'metric:a:max', 'metric:a:min', undefined]), ['a', 'b'])
  const ids = fieldsOf([run('a', { config: { lr: 1 }, summary: { s: 1 } })], ['loss']).map(({ id }) => id)
  for (const id of ['config.lr', 'summary.s', 'metric:loss:last', 'created']) assert.ok(ids.includes(id), id)
})
