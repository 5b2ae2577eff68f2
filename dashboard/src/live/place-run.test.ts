import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testRun } from '../data/test-run.ts'
import { isInPlace, type Lists, placeRun } from './place-run.ts'

const at = (number: number, minute: number) =>
  testRun(number, { created_at: new Date(Date.UTC(2026, 0, 31, 9, minute)).toISOString() })

const lists = (next: string | null): Lists => ({
  pages: [
    { runs: [at(5, 50), at(4, 40)], next_cursor: 'more' },
    { runs: [at(3, 30), at(2, 20)], next_cursor: next },
  ],
  pageParams: [null, 'more'],
})

const numbersOf = ({ pages }: Lists) => pages.map(({ runs }) => runs.map(({ number }) => number))

test('a new run stands where the tracker lists it, by when it began', () => {
  const placed = (minute: number, next: string | null = null) => numbersOf(placeRun(lists(next), at(6, minute)))
  assert.deepEqual(placed(55), [
    [6, 5, 4],
    [3, 2],
  ])
  assert.deepEqual(
    placed(50),
    [
      [6, 5, 4],
      [3, 2],
    ],
    'of one moment the one that came last is first',
  )
  assert.deepEqual(placed(45), [
    [5, 6, 4],
    [3, 2],
  ])
  assert.deepEqual(placed(35), [
    [5, 4],
    [6, 3, 2],
  ])
  assert.deepEqual(placed(10), [
    [5, 4],
    [3, 2, 6],
  ])
  assert.deepEqual(
    placed(10, 'more'),
    [
      [5, 4],
      [3, 2],
    ],
    'it comes with its page',
  )
})

test('a run that began earlier than was known moves there, and is as it is told', () => {
  const data = lists(null)
  const moved = placeRun(data, { ...at(5, 25), notes: 'imported' })
  assert.deepEqual(numbersOf(moved), [[4], [3, 5, 2]])
  assert.equal(moved.pages[1]!.runs[1]!.notes, 'imported')
  assert.deepEqual(
    numbersOf(data),
    [
      [5, 4],
      [3, 2],
    ],
    'what was there is left as it was',
  )
  assert.deepEqual(
    [isInPlace(data, at(5, 50)), isInPlace(data, at(5, 25)), isInPlace(data, at(6, 55))],
    [true, false, false],
  )
})
