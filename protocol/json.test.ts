import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeeperThan, jsonNumber, parseJson } from './json.ts'

test('plain JSON is parsed as it is', () => {
  for (const text of ['{}', '[1,2.5,-0,1e3]', '"a"', 'null', ' {"a" : [true,false,null]} ']) {
    assert.deepEqual(parseJson(text), JSON.parse(text))
  }
})

test('the literals that Python writes for non-finite numbers become words', () => {
  assert.equal(parseJson('NaN'), 'NaN')
  assert.equal(parseJson('Infinity'), 'Infinity')
  assert.equal(parseJson('-Infinity'), '-Infinity')
  assert.deepEqual(parseJson('{"loss":NaN,"max":Infinity,"min":-Infinity}'), {
    loss: 'NaN',
    max: 'Infinity',
    min: '-Infinity',
  })
})

test('literals are found at any depth, with or without white space', () => {
  assert.deepEqual(parseJson('{"a":{"b":[[NaN , -Infinity],\n\t[ Infinity]]},"c":[]}'), {
    a: {
      b: [['NaN', '-Infinity'], ['Infinity']],
    },
    c: [],
  })
})

test('the same letters inside a string are left alone', () => {
  const document = { note: 'NaN, -Infinity: Infinity', 'NaN:': '"NaN"', '\\': 'ends in \\', tab: '\t"', loss: 0 }
  const text = JSON.stringify(document).replace('"loss":0', '"loss":NaN')
  assert.deepEqual(parseJson(text), { ...document, loss: 'NaN' })
})

test('a string that ends in an escaped quote or backslash does not hide what follows', () => {
  assert.deepEqual(parseJson(String.raw`["\"",NaN,"\\",NaN,"\\\"",NaN,"é",Infinity]`), [
    '"',
    'NaN',
    '\\',
    'NaN',
    '\\"',
    'NaN',
    'é',
    'Infinity',
  ])
})

test('keys may be called NaN and Infinity, but stand in quotes', () => {
  assert.deepEqual(parseJson('{"NaN":NaN,"-Infinity":-Infinity}'), { NaN: 'NaN', '-Infinity': '-Infinity' })
  assert.throws(() => parseJson('{NaN:1}'), SyntaxError)
  assert.throws(() => parseJson('{Infinity : 1}'), SyntaxError)
  assert.throws(() => parseJson('{-Infinity: 1}'), SyntaxError)
})

test('what only looks like a literal is refused', () => {
  for (const text of [
    'nan',
    'inf',
    '+Infinity',
    '--Infinity',
    '- Infinity',
    'NaNNaN',
    '-NaN',
    'Infinity1',
    '{"a":NaN',
  ]) {
    assert.throws(() => parseJson(text), SyntaxError, text)
  }
})

test('a number too large for a double becomes infinite, which is no word', () => {
  assert.equal(parseJson('1e999'), Infinity)
  assert.deepEqual(parseJson('[-1e999,NaN]'), [-Infinity, 'NaN'])
})

test('a body that never closes its string is refused in no time', () => {
  // A pattern that begins again at each quote took 2 s for this, and 10 minutes for the 1 MiB that a record may have.
  const started = performance.now()
  assert.throws(() => parseJson(`[NaN, "${'\\"'.repeat(30_000)}`), SyntaxError)
  const tookMs = performance.now() - started
  assert.ok(tookMs < 500, `took ${tookMs} ms`)
})

test('a string of many megabytes beside a literal is parsed', () => {
  const long = 'a'.repeat(1500_000)
  assert.deepEqual(parseJson(`[NaN,"${long}"]`), ['NaN', long])
  const escapes = '\\n'.repeat(500_000)
  assert.deepEqual(parseJson(`["${escapes}",NaN]`), ['\n'.repeat(500_000), 'NaN'])
})

test('a number as JSON can hold it is itself, or a word', () => {
  assert.equal(jsonNumber(1.5), 1.5)
  assert.equal(jsonNumber(NaN), 'NaN')
  assert.equal(jsonNumber(Infinity), 'Infinity')
  assert.equal(jsonNumber(-Infinity), '-Infinity')
})

test('depth counts objects and arrays, not what is in them', () => {
  assert.equal(isDeeperThan(1, 0), false)
  assert.equal(isDeeperThan(null, 0), false)
  assert.equal(isDeeperThan({}, 0), true)
  assert.equal(isDeeperThan({}, 1), false)
  assert.equal(isDeeperThan([], 1), false)
  assert.equal(isDeeperThan({ a: 1, b: [] }, 1), true)
  assert.equal(isDeeperThan({ a: 1, b: [] }, 2), false)
  assert.equal(isDeeperThan([[], [[1]]], 2), true)
})

test('depth is found without going down all of it', () => {
  let deep: unknown = 0
  for (let level = 0; level < 200_000; level++) deep = [deep]
  assert.equal(isDeeperThan(deep, 64), true)
  assert.equal(isDeeperThan({ a: deep }, 64), true)
})
