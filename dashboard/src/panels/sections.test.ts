import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPattern } from './metric-pattern.ts'
import { sectionsOf, titleOf } from './sections.ts'

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

test('what people search for is taken, and answers for the worst names at once', () => {
  const usual = [
    'loss',
    '^train/',
    'loss|acc$',
    'val.*acc',
    '.*val.*acc.*',
    '^(train|val)/.*loss$',
    'layer\\d+/grad',
    '(loss)?',
    '[+*]+',
  ]
  for (const text of [
    ...usual,
    'gpu\\.[0-9]{1,2}',
    'top-?5',
    '^system/gpu\\.\\d+\\.(temp|powerWatts)$',
    'a{2}',
    'lr-.*group.*',
  ]) {
    assert.ok(readPattern(text).pattern, `${text}: ${readPattern(text).problem}`)
  }
  const names = Array.from({ length: 2_000 }, (_, index) => `${'a'.repeat(500)}${index}`)
  const { pattern } = readPattern('a+.*b')
  const startedMs = process.cpuUsage().user / 1_000
  assert.deepEqual(sectionsOf(names, pattern), [])
  assert.ok(process.cpuUsage().user / 1_000 - startedMs < 1_500)
})
