import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPattern, sectionsOf, titleOf } from './sections.ts'

test('metrics stand under their first piece, what tells of learning first and machines last', () => {
  const metrics = ['system/gpu.10', 'system/gpu.9', 'val/acc', 'loss', '/odd', 'train/grad/norm', 'train/loss', 'end/']
  assert.deepEqual(
    sectionsOf(metrics, null).map(({ prefix, metrics }) => [prefix, ...metrics]),
    [
      ['train', 'train/grad/norm', 'train/loss'],
      ['val', 'val/acc'],
      ['', '/odd', 'loss'],
      ['end', 'end/'],
      ['system', 'system/gpu.9', 'system/gpu.10'],
    ],
  )
  assert.deepEqual(['train/grad/norm', 'loss', '/odd', 'end/'].map(titleOf), ['grad/norm', 'loss', '/odd', 'end/'])
})

test('a search is a regular expression, and a wrong one says why', () => {
  const { pattern } = readPattern('LOSS|acc$')
  assert.deepEqual(
    sectionsOf(['train/loss', 'acc', 'accuracy'], pattern).flatMap(({ metrics }) => metrics),
    ['train/loss', 'acc'],
  )
  const wrong = readPattern('loss(')
  assert.equal(wrong.pattern, null)
  assert.match(wrong.problem!, /Unterminated group/)
})
