import assert from 'node:assert/strict'
import { test } from 'node:test'
import { entryOf, type PlainEntry } from '../testing/plain-entry.ts'
import { foldEntry, type Summary } from './read-summaries.ts'

function fold(...entries: Omit<PlainEntry, 'timestamps'>[]): Record<string, Summary> {
  const summaries = new Map<string, Summary>()
  for (const entry of entries) foldEntry(summaries, entryOf({ ...entry, timestamps: entry.steps.map(() => 0) }))
  return Object.fromEntries(summaries)
}

const dense = (metric: string, values: (number | string)[]) => ({ metric, rows: null, values })

test('first and last are of the lowest and the highest step, whatever came when', () => {
  const { a } = fold(
    { steps: [5, 9, 7], columns: [dense('a', [50, 90, 70])] },
    { steps: [8, 2], columns: [dense('a', [80, 20])] },
  )
  assert.deepEqual(a, { count: 5, firstStep: 2, first: 20, lastStep: 9, last: 90, min: 20, max: 90 })
})

test('among points of one step the first that came is the first, and the last the last', () => {
  const { a } = fold(
    { steps: [1, 1, 1], columns: [dense('a', [10, 11, 12])] },
    { steps: [1, 1], columns: [dense('a', [13, 14])] },
  )
  assert.deepEqual(a, { count: 5, firstStep: 1, first: 10, lastStep: 1, last: 14, min: 10, max: 14 })
})

test('the lowest and highest value are of the finite ones', () => {
  const { a, b } = fold({
    steps: [0, 1, 2, 3],
    columns: [dense('a', ['NaN', 3, '-Infinity', 'Infinity']), dense('b', ['NaN', 'Infinity', 'Infinity', 'NaN'])],
  })
  assert.deepEqual([a.count, a.first, a.last, a.min, a.max], [4, NaN, Infinity, 3, 3])
  assert.deepEqual([b.count, b.first, b.last, b.min, b.max], [4, NaN, NaN, Infinity, -Infinity])
})

test('a sparse column takes the steps of its rows', () => {
  const { a, b } = fold({
    steps: [10, 20, 30],
    columns: [
      { metric: 'a', rows: [1, 2], values: [1, 2] },
      { metric: 'b', rows: [0], values: [3] },
    ],
  })
  assert.deepEqual([a.firstStep, a.lastStep, a.count], [20, 30, 2])
  assert.deepEqual([b.firstStep, b.lastStep, b.count], [10, 10, 1])
})

test('metrics come in the order in which they first came', () => {
  const folded = fold(
    { steps: [0], columns: [dense('z', [1])] },
    { steps: [1], columns: [dense('a', [1]), dense('z', [2])] },
  )
  assert.deepEqual(Object.keys(folded), ['z', 'a'])
})

test('a column without values is not yet a metric', () => {
  assert.deepEqual(fold({ steps: [0], columns: [{ metric: 'a', rows: [], values: [] }] }), {})
  assert.deepEqual(fold({ steps: [], columns: [dense('a', [])] }), {})
})
