import assert from 'node:assert/strict'
import { test } from 'node:test'
import { copiedValue, documentRows, isOpenAtFirst, pathText, splitByMatch, valueText } from './document-rows.ts'

const config = {
  optimizer: { name: 'adam', lr: 0.001, betas: [0.9, 0.999] },
  model: { layers: [{ size: 128 }, { size: 64 }], 'learning rate': 'none' },
  seed: 3,
  empty: {},
}

const none: ReadonlySet<string> = new Set()
const shown = (search: string, options: { toggled?: Set<string>; isOpen?: boolean } = {}) =>
  documentRows(config, { search, toggled: none, isOpen: true, ...options }).rows.map(({ path }) => pathText(path))

test('a document is told row by row, what is inside of an object under it', () => {
  assert.deepEqual(shown(''), [
    'optimizer',
    'optimizer.name',
    'optimizer.lr',
    'optimizer.betas',
    'optimizer.betas[0]',
    'optimizer.betas[1]',
    'model',
    'model.layers',
    'model.layers[0]',
    'model.layers[0].size',
    'model.layers[1]',
    'model.layers[1].size',
    'model."learning rate"',
    'seed',
    'empty',
  ])
  const { rows } = documentRows(config, { toggled: none, isOpen: true })
  const lr = rows.find(({ label }) => label === 'lr')!
  assert.deepEqual([lr.depth, lr.position, lr.siblings, lr.type, lr.parentId], [1, 2, 3, 'number', '["optimizer"]'])
})

test('what a person closes is closed, and what is closed at first can be opened', () => {
  assert.deepEqual(shown('', { toggled: new Set(['["optimizer"]', '["model"]']) }), [
    'optimizer',
    'model',
    'seed',
    'empty',
  ])
  assert.deepEqual(shown('', { isOpen: false, toggled: new Set(['["optimizer"]']) }), [
    'optimizer',
    'optimizer.name',
    'optimizer.lr',
    'optimizer.betas',
    'model',
    'seed',
    'empty',
  ])
})

test('a search finds keys, values and paths, and opens what leads to them', () => {
  const closed = { isOpen: false }
  assert.deepEqual(shown('SIZE', closed), [
    'model',
    'model.layers',
    'model.layers[0]',
    'model.layers[0].size',
    'model.layers[1]',
    'model.layers[1].size',
  ])
  assert.deepEqual(shown('adam', closed), ['optimizer', 'optimizer.name'])
  assert.deepEqual(shown('optimizer.lr', closed), ['optimizer', 'optimizer.lr'])
  assert.deepEqual(shown('0.999', closed), ['optimizer', 'optimizer.betas', 'optimizer.betas[1]'])
  assert.deepEqual(shown('nowhere'), [])
})

test('an object that is found by its key shows what is inside of it', () => {
  assert.deepEqual(shown('optim'), [
    'optimizer',
    'optimizer.name',
    'optimizer.lr',
    'optimizer.betas',
    'optimizer.betas[0]',
    'optimizer.betas[1]',
  ])
  assert.equal(documentRows(config, { search: 'optim', toggled: none, isOpen: true }).matches, 1)
})

test('matches are counted whether what they are in is open or closed', () => {
  const nested = { lr: { lr: 1, inner: { lr: 2 } } }
  for (const isOpen of [true, false])
    assert.equal(documentRows(nested, { search: 'lr', toggled: none, isOpen }).matches, 3)
})

test('a list of lists, and a file that is a list, are trees too', () => {
  const { rows } = documentRows([[1, 2], 'x'], { toggled: none, isOpen: true })
  assert.deepEqual(
    rows.map(({ path, type }) => `${pathText(path)} ${type}`),
    ['[0] list', '[0][0] number', '[0][1] number', '[1] text'],
  )
})

test('10,000 keys are searched in a moment, and begin closed', () => {
  const many = Object.fromEntries(
    Array.from({ length: 100 }, (_, outer) => [
      `group${outer}`,
      Object.fromEntries(Array.from({ length: 100 }, (_, inner) => [`key${inner}`, outer * inner])),
    ]),
  )
  assert.equal(isOpenAtFirst(many), false)
  assert.equal(isOpenAtFirst(config), true)
  const started = performance.now()
  const { rows, matches } = documentRows(many, { search: 'key99', toggled: none, isOpen: false })
  assert.deepEqual([rows.length, matches], [200, 100])
  assert.ok(performance.now() - started < 1_000)
})

test('values are whole, and copied as they can be pasted', () => {
  assert.equal(valueText(0.000123456789), '0.000123456789')
  assert.equal(valueText(null), 'null')
  assert.equal(valueText({}), '{}')
  assert.equal(valueText([1]), '1 item')
  assert.equal(copiedValue('a text'), 'a text')
  assert.equal(copiedValue({ a: [1] }), '{\n  "a": [\n    1\n  ]\n}')
})

test('what is found is marked, every time that it is there', () => {
  assert.deepEqual(splitByMatch('lr_max_LR', 'lr'), ['', 'lr', '_max_', 'LR', ''])
  assert.deepEqual(splitByMatch('seed', 'lr'), ['seed'])
  assert.deepEqual(splitByMatch('seed', ''), ['seed'])
})
