import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSort } from '@aspara/protocol/sort.ts'
import {
  bestOf,
  columnTitle,
  descendsFirst,
  headlineColumns,
  metricsOfColumns,
  moveColumn,
  readColumn,
  readSort,
  sortedColumn,
  sortOf,
  sortText,
  toggleSort,
  variedColumns,
  withoutSort,
} from './columns.ts'

const runs = [
  { config: { lr: 0.1, optimizer: { name: 'adam' }, 'a.b': { 'learning rate': 1 } }, summary: {} },
  { config: { lr: 0.2, optimizer: { name: 'adam' }, layers: [1, 2] }, summary: {} },
]
const sortOfId = (id: string) => sortText(readColumn(id)!, runs)

test('an id of a column is read, whatever the name of its metric', () => {
  assert.deepEqual(readColumn('metric:loss:val, smoothed:min'), {
    kind: 'metric',
    id: 'metric:loss:val, smoothed:min',
    metric: 'loss:val, smoothed',
    stat: 'min',
  })
  assert.equal(readColumn('config.optimizer.lr')?.kind, 'config')
  for (const id of ['', 'config.', 'metric:loss', 'metric:loss:median', 'nothing', 'constructor']) {
    assert.equal(readColumn(id), undefined, id)
  }
})

test('the best of a loss is its lowest value, of an accuracy its highest, and the header says which', () => {
  const lowest = ['loss', 'val/loss', 'train_loss', 'valLoss', 'error', 'test/wer', 'perplexity', 'val/ppl', 'rmse']
  for (const metric of lowest) assert.equal(bestOf(metric), 'min', metric)
  for (const metric of ['acc', 'val/accuracy', 'reward', 'flossy', 'terror_score', 'f1']) {
    assert.equal(bestOf(metric), 'max', metric)
  }
  assert.equal(columnTitle(readColumn('metric:val/loss:best')!), 'val/loss · best (min)')
  assert.equal(columnTitle(readColumn('metric:val/acc:best')!), 'val/acc · best (max)')
})

test('every column that the tracker can order by has a key that its own parser reads as that field', () => {
  const fields: [id: string, field: unknown][] = [
    ['metric:val/acc:best', { name: 'metric', metric: 'val/acc', stat: 'max' }],
    ['metric:loss, smoothed:min', { name: 'metric', metric: 'loss, smoothed', stat: 'min' }],
    ['metric:"quoted":last', { name: 'metric', metric: '"quoted"', stat: 'last' }],
    ['metric:a:b:mean', { name: 'metric', metric: 'a:b', stat: 'mean' }],
    ['config.optimizer.name', { name: 'config', path: ['optimizer', 'name'] }],
    ['config.a.b.learning rate', { name: 'config', path: ['a.b', 'learning rate'] }],
    ['created', { name: 'created' }],
    ['job_type', { name: 'job_type' }],
  ]
  for (const [id, field] of fields) {
    const [key] = parseSort(sortOfId(id)!)
    const told = Object.fromEntries(Object.entries(key!.field).filter(([name]) => name !== 'start' && name !== 'end'))
    assert.deepEqual(told, field, id)
    assert.equal(sortedColumn(['status', id], `-${sortOfId(id)}`, runs), id)
  }
  assert.equal(sortOfId('tags'), null)
  assert.equal(sortOfId('duration'), 'duration')
})

test('a column goes from one direction to the other and then out of the order', () => {
  const key = sortOfId('metric:val/acc:max')!
  assert.equal(descendsFirst(readColumn('metric:val/acc:max')!), true)
  const first = toggleSort('', key, true, false)
  const second = toggleSort(first, key, true, false)
  assert.deepEqual([first, second, toggleSort(second, key, true, false)], [`-${key}`, key, ''])
})

test('with Shift a column joins the order, keeps its place as it turns, and leaves the others behind', () => {
  const [lr, odd] = [sortOfId('config.lr')!, sortOfId('metric:loss, smoothed:min')!]
  const both = toggleSort(toggleSort('', odd, false, true), lr, false, true)
  assert.equal(both, `${odd},${lr}`)
  assert.deepEqual(sortOf(both, lr), { isDescending: false, place: 2 })
  const turned = toggleSort(both, odd, false, true)
  assert.equal(turned, `-${odd},${lr}`)
  assert.equal(toggleSort(turned, odd, false, true), lr)
  assert.equal(withoutSort(turned, lr), `-${odd}`)
  const full = 'name,status,group,created'
  assert.equal(readSort(toggleSort(full, lr, false, true)).length, 4)
})

test('an order that was written by hand in another way is known all the same', () => {
  assert.deepEqual(sortOf('status, -metric.val/acc.max', sortOfId('metric:val/acc:best')), {
    isDescending: true,
    place: 2,
  })
  assert.deepEqual(readSort('nonsense('), [])
})

test('until somebody chooses, the telling metrics are shown by their best and the keys that differ', () => {
  const metrics = ['gpu/temp', 'train/acc', 'train/loss', 'val/acc', 'val/loss'].map((metric) => ({ metric }))
  assert.deepEqual(headlineColumns(metrics), ['metric:val/acc:best', 'metric:train/acc:best', 'metric:val/loss:best'])
  assert.deepEqual(headlineColumns([{ metric: 'x' }]), ['metric:x:last'])
  assert.deepEqual(headlineColumns(Array.from({ length: 9 }, (_, at) => ({ metric: `m${at}` }))), [])
  assert.deepEqual(variedColumns(runs), ['config.lr'])
  assert.deepEqual(variedColumns(runs.slice(1)), [])
})

test('the metrics that columns need are named once each', () => {
  assert.deepEqual(metricsOfColumns(['metric:b:max', 'status', 'metric:a:min', 'metric:b:min']), ['a', 'b'])
})

test('a column moves within the bounds', () => {
  assert.deepEqual(moveColumn(['a', 'b', 'c'], 'a', 2), ['b', 'c', 'a'])
  assert.deepEqual(moveColumn(['a', 'b', 'c'], 'c', 5), ['a', 'b', 'c'])
  assert.deepEqual(moveColumn(['a', 'b', 'c'], 'x', 1), ['a', 'b', 'c'])
})
