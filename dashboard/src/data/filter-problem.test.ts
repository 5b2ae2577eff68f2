import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FilterError } from '@aspara/protocol/filter-error.ts'
import { blameParts, filterParts, problemOf, problemOfAnswer } from './filter-problem.ts'

test('a mistake is told with the character it is at, without asking the tracker', () => {
  assert.deepEqual(problemOf('config.lr < and'), { sentence: 'expected a number or a text', offset: 12 })
  assert.deepEqual(problemOf('config.lr <'), { sentence: 'expected a number or a text', offset: 11 })
  assert.equal(problemOf('config.lr < 1'), null)
  assert.equal(problemOf('  '), null)
})

test("the tracker's answer is read as the parser's own", () => {
  const text = 'config.lr < and'
  const { message } = new FilterError(text, 12, 'expected a number or a text')
  assert.deepEqual(problemOfAnswer(message, text), problemOf(text))
  assert.deepEqual(problemOfAnswer(new FilterError(text, 99, 'expected x').message, text).offset, text.length)
  assert.deepEqual(problemOfAnswer('something else', text), { sentence: 'something else', offset: null })
})

test('the parts of a filter are as they were written, an or in its parentheses', () => {
  assert.deepEqual(filterParts('config.a = 1 and (config.b = 2 or config.b=3) and not "x" in tags'), [
    'config.a = 1',
    '(config.b = 2 or config.b=3)',
    'not "x" in tags',
  ])
  assert.deepEqual(filterParts('status = "lost" or name = "x"'), ['status = "lost" or name = "x"'])
})

const lost = 'status = "lost"'
const low = 'config.lr < 1'
const named = 'name = "x"'

test('the part that fits no run is to blame, and the filter without it is offered', async () => {
  const { none, together } = await blameParts(`${lost} and ${low}`, async (filter) => filter !== lost)
  assert.deepEqual([none, together], [[{ part: lost, without: low }], []])
})

test('when each part fits some run, those without which the rest fits are named', async () => {
  const fits = async (filter: string) => !filter.includes(' and ') || filter === `${low} and ${named}`
  const { none, together } = await blameParts(`${lost} and ${low} and ${named}`, fits)
  assert.deepEqual([none, together], [[], [{ part: lost, without: `${low} and ${named}` }]])
})
