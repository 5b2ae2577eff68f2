import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseFilter } from '@aspara/protocol/filter.ts'
import { acceptCompletion, completeFilter } from './filter-completion.ts'
import { filterPlace } from './filter-place.ts'
import { knownKeys } from './known-keys.ts'
import { testRun } from './test-run.ts'

const known = knownKeys(
  [
    testRun(1, {
      config: { lr: 0.1, optimizer: { name: 'adam' }, 'learning rate': 1, layers: [1] },
      tags: ['baseline', 'a "b"'],
      group: 'g1',
      summary: { accepted: true },
    }),
    testRun(2, { config: { lr: 0.1, 'x.y': 2 }, tags: ['baseline'], group: 'g2' }),
    testRun(3, { config: { lr: 0.01 } }),
  ],
  ['loss', 'loss.scale', 'val/acc', 'odd, name'].map((metric) => ({ metric })),
)

/** What is offered at the `|`. */
const at = (marked: string) => {
  const caret = marked.indexOf('|')
  return completeFilter(marked.replace('|', ''), caret, known).items.map(({ text }) => text)
}

test('the place in a filter tells what may come there', () => {
  const places: [marked: string, expects: string, word: string][] = [
    ['|', 'part', ''],
    ['conf|', 'part', 'conf'],
    ['config.lr |', 'operator', ''],
    ['config.lr <|', 'operator', '<'],
    ['config.lr < |', 'value', ''],
    ['config.lr < 0.0|', 'value', '0.0'],
    ['config.lr < 0.01 |', 'joiner', ''],
    ['config.lr < 0.01 an|', 'joiner', 'an'],
    ['config.lr < 0.01 and |', 'part', ''],
    ['not (status = "fai|', 'value', '"fai'],
    ['status in |', 'list', ''],
    ['status in (|', 'value', ''],
    ['status in ("failed" |', 'comma', ''],
    ['status in ("failed", |', 'value', ''],
    ['status in ("failed") |', 'joiner', ''],
    ['"base|', 'part', '"base'],
    ['"baseline" |', 'in', ''],
    ['"baseline" in |', 'tags', ''],
    ['config."learning rate" |', 'operator', ''],
    ['config."learning ra|', 'part', 'config."learning ra'],
  ]
  for (const [marked, expects, word] of places) {
    const caret = marked.indexOf('|')
    const place = filterPlace(marked.replace('|', ''), caret)
    assert.deepEqual([place.expects, place.word], [expects, word], marked)
  }
})

test('fields are found by any part of their name, config keys first, those of most runs before others', () => {
  assert.deepEqual(at('lr|').slice(0, 1), ['config.lr '])
  assert.equal(at('|')[0], 'config.lr ')
  assert.deepEqual(at('config.opt|'), ['config.optimizer.name '])
  assert.deepEqual(at('learn|'), ['config."learning rate" '])
  assert.deepEqual(at('x.y|'), ['config."x.y" '])
  assert.deepEqual(at('base|'), ['"baseline" in tags '])
})

test('a metric is named first and then what of it, the longer name being meant where two could be', () => {
  assert.ok(at('metric.va|').includes('metric.val/acc.'))
  assert.deepEqual(at('metric.val/acc.m|'), ['metric.val/acc.min ', 'metric.val/acc.max ', 'metric.val/acc.mean '])
  assert.deepEqual(at('metric.loss.scale.la|'), ['metric.loss.scale.last '])
  assert.deepEqual(at('metric.loss.la|'), ['metric.loss.last '])
  assert.deepEqual(at('metric."odd, name".f|').slice(0, 1), ['metric."odd, name".first '])
})

test('operators fit the field', () => {
  assert.deepEqual(at('status |'), ['= ', '!= ', 'in ('])
  assert.ok(!at('metric.loss.last |').includes('contains '))
  assert.ok(at('notes |').includes('contains '))
  assert.deepEqual(at('config.lr <|'), ['<= '])
})

test('values are those that the runs have, those of most runs first', () => {
  assert.deepEqual(at('config.lr = |').slice(0, 2), ['0.1 ', '0.01 '])
  assert.deepEqual(at('status = "f|'), ['"finished" ', '"failed" '])
  assert.deepEqual(at('group in ("g1", |').slice(0, 2), ['"g1" ', '"g2" '])
  assert.ok(at('created > |').includes('now - 24h '))
  assert.deepEqual(at('summary.accepted = |'), ['true ', 'null '])
  assert.deepEqual(at('summary.accepted < |'), [])
  assert.deepEqual(at('config.lr < |'), ['0.1 ', '0.01 '])
})

test('and, or come after a comparison, and a parenthesis is closed only when one is open', () => {
  assert.deepEqual(at('config.lr < 1 |'), ['and ', 'or '])
  assert.deepEqual(at('(config.lr < 1 |'), ['and ', 'or ', ') '])
})

test('whatever is offered, followed to the end, is a filter that the parser reads', () => {
  for (const begin of ['', 'not ', '(', 'config.lr < 1 and ']) {
    for (const field of completeFilter(begin, begin.length, known).items) {
      let text = begin + field.text
      for (let step = 0; step < 10 && !canRead(text) && !canRead(`${text})`); step++) {
        const { start, items } = completeFilter(text, text.length, known)
        const next = items[step % items.length] ?? { text: canRead(`${text}1`) || canRead(`${text}1)`) ? '1 ' : '"x" ' }
        text = text.slice(0, start) + next.text
      }
      // A parenthesis may be open still.
      assert.ok(canRead(text) || canRead(`${text})`), `${begin}${field.text} → ${text}`)
    }
  }
})

function canRead(text: string): boolean {
  try {
    parseFilter(text)
    return true
  } catch {
    return false
  }
}

test('a completion replaces the word under the caret and leaves what follows', () => {
  const text = 'conf < 1'
  const { start, items } = completeFilter(text, 4, known)
  const lr = items.find(({ text: one }) => one === 'config.lr ')!
  assert.deepEqual(acceptCompletion(text, 4, start, lr), { text: 'config.lr < 1', caret: 10 })
})
