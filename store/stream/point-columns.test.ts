import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeEntry } from '../journal/entry.ts'
import { columnsJson } from './point-columns.ts'

const column = (metric: string, values: number[], rows?: number[]) => ({
  metric,
  values: Float64Array.from(values),
  rows: rows && Uint32Array.from(rows),
})
const entry = (stamp: number, steps: number[], columns: ReturnType<typeof column>[]) => ({
  stamp,
  body: encodeEntry({
    steps: Float64Array.from(steps),
    timestamps: Float64Array.from(steps, (step) => step + 0.5),
    columns,
  }),
})

test('metrics with the same rows share their steps and times, and each block says its commit', () => {
  const json = columnsJson([
    entry(
      11,
      [1, 2, 3],
      [column('a', [1, 2, 3]), column('b', [4, 5], [0, 2]), column('c', [6, 7], [0, 2]), column('d', [8, 9, 10])],
    ),
    entry(11, [0], [column('a', [11])]),
    entry(12, [9], [column('a', [12])]),
  ])
  assert.deepEqual(JSON.parse(json), [
    { cursor: '11', steps: [1, 2, 3], timestamps: [1.5, 2.5, 3.5], metrics: { a: [1, 2, 3], d: [8, 9, 10] } },
    { cursor: '11', steps: [1, 3], timestamps: [1.5, 3.5], metrics: { b: [4, 5], c: [6, 7] } },
    { cursor: '11', steps: [0], timestamps: [0.5], metrics: { a: [11] } },
    { cursor: '12', steps: [9], timestamps: [9.5], metrics: { a: [12] } },
  ])
})

test('every number is as it was: words for those that JSON has none for, and the sign of zero', () => {
  const values = [Number.NaN, Infinity, -Infinity, -0, 5e-324, Number.MAX_VALUE, 0.1, 1e21, -1e-7, 2 ** 53 - 1]
  const steps = values.map((_, index) => index)
  const [{ metrics }] = JSON.parse(columnsJson([entry(1, steps, [column('a', values)])]))
  assert.deepEqual(metrics.a, ['NaN', 'Infinity', '-Infinity', ...values.slice(3)])
})

test('a metric may have any name, and one without values is not told', () => {
  const names = ['__proto__', 'constructor', '"', '\\', 'ü\u2028', '10']
  const text = columnsJson([
    entry(1, [1], [column('nothing', [], []), ...names.map((name, index) => column(name, [index]))]),
  ])
  const [{ metrics }] = JSON.parse(text)
  for (const [index, name] of names.entries())
    assert.deepEqual(Object.getOwnPropertyDescriptor(metrics, name)?.value, [index])
  assert.equal(Object.keys(metrics).length, names.length)
  assert.equal(columnsJson([]), '[]')
})
