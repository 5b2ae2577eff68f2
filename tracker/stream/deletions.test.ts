import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Deletions } from './deletions.ts'

const deletion = (run: string, before: number, stamp: number, project = 'p') => ({ project, run, before, stamp })

test('what was deleted between two commits is known when each deletion from one to the other is', () => {
  const deletions = new Deletions()
  for (const [run, before, stamp] of [
    ['a', 5, 10],
    ['b', 10, 20],
    ['c', 20, 20],
    ['d', 20, 30],
  ] as const) {
    deletions.note(deletion(run, before, stamp))
    deletions.note(deletion(`other-${run}`, before, stamp, 'q'))
  }
  assert.deepEqual(deletions.between('p', 5, 30), ['a', 'b', 'c', 'd'])
  assert.deepEqual(deletions.between('p', 7, 20), ['a', 'b', 'c'])
  assert.deepEqual(deletions.between('p', 10, 30), ['b', 'c', 'd'])
  assert.deepEqual(deletions.between('p', 15, 20), ['b', 'c'])
  assert.deepEqual(deletions.between('p', 30, 30), [])
  assert.deepEqual(deletions.between('p', 99, 30), [])
})

test('one that is missing is noticed: before the first that is known, and after the last', () => {
  const deletions = new Deletions()
  assert.equal(deletions.between('p', 0, 5), undefined)
  deletions.note(deletion('a', 5, 10))
  assert.equal(deletions.between('p', 4, 10), undefined)
  assert.equal(deletions.between('p', 5, 20), undefined)
  assert.deepEqual(deletions.between('p', 5, 10), ['a'])
})

test('the oldest are forgotten, and whoever missed one of them is told so', () => {
  const deletions = new Deletions()
  for (let stamp = 1; stamp <= 1_500; stamp++) deletions.note(deletion(`${stamp}`, stamp - 1, stamp))
  assert.equal(deletions.between('p', 100, 1_500), undefined)
  assert.equal(deletions.between('p', 500, 1_500)?.length, 1_000)
})
