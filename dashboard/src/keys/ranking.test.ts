import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bestFit, rank } from './ranking.ts'

const best = (typed: string, texts: string[]) => rank(typed, texts, (text) => text, 10)

test('the beginning of a text wins over the beginning of a word, over the middle, over scattered letters', () => {
  assert.deepEqual(best('loss', ['l o s s i', 'closs', 'val/loss', 'loss/val']), [
    'loss/val',
    'val/loss',
    'closs',
    'l o s s i',
  ])
})

test('words in any order all have to be there', () => {
  assert.deepEqual(best('theme next', ['Next theme', 'Next', 'Theme']), ['Next theme'])
})

test('shorter texts come first among those that fit alike, whatever the case', () => {
  assert.deepEqual(best('ACC', ['accuracy_of_all', 'acc']), ['acc', 'accuracy_of_all'])
})

test('two letters that are merely somewhere are no match', () => {
  assert.deepEqual(best('lr', ['learning rate', 'config.lr']), ['config.lr'])
})

test('nothing typed keeps everything in its order', () => {
  assert.deepEqual(best('', ['b', 'a']), ['b', 'a'])
})

test('a group stands where its best item does', () => {
  const texts = (list: string[]) => bestFit('acc', list, (text) => text)
  assert.ok(texts(['x', 'acc']) > texts(['val/acc']))
  assert.equal(texts(['x']), Number.NEGATIVE_INFINITY)
})
