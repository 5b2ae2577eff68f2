import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from './limits.ts'
import { isArtifactName, isProjectName, isRunName, metricKeyFault, textFault, writerPattern } from './names.ts'

test('project and run names are letters, digits, underscores and hyphens', () => {
  for (const isName of [isProjectName, isRunName]) {
    for (const name of ['a', 'Z', '0', '_', '-', '--', 'my_project-2', 'CON', '__proto__'])
      assert.ok(isName(name), name)
    for (const name of ['', '.', '..', 'a.b', 'a b', 'a/b', 'a\\b', 'ä', 'a\u0301', '名', '🙂', 'a\0', '%41', '~']) {
      assert.ok(!isName(name), name)
    }
  }
})

test('names have at most 255 characters', () => {
  assert.equal(limits.nameCharsMax, 255)
  for (const isName of [isProjectName, isRunName, isArtifactName]) {
    assert.ok(isName('a'.repeat(255)))
    assert.ok(!isName('a'.repeat(256)))
  }
})

test('a line break at either end is no part of a name', () => {
  for (const isName of [isProjectName, isRunName, isArtifactName]) {
    for (const name of ['a\n', '\na', 'a\r\n', 'a\n\n', 'a\nb', 'a\u2028'])
      assert.ok(!isName(name), JSON.stringify(name))
  }
})

test('artifact names may have dots, but do not start with two or consist of one', () => {
  for (const name of ['model.pt', '.env', '.a', 'a..b', 'a..', '.-', '._', 'v1.2.3', '-', 'a.']) {
    assert.ok(isArtifactName(name), name)
  }
  for (const name of ['', '.', '..', '...', '..a', '../a', 'a/b', 'a\\b', 'a:b', 'a b', 'ä.txt', '..\n']) {
    assert.ok(!isArtifactName(name), name)
  }
})

test('a writer is a UUID in letters of either case', () => {
  const writer = new RegExp(writerPattern)
  assert.ok(writer.test('0b6f2d0e-6f3c-4a3e-9d55-0a2a6f1c7e11'))
  assert.ok(writer.test('0B6F2D0E-6F3C-4A3E-9D55-0A2A6F1C7E11'))
  assert.ok(!writer.test('0b6f2d0e6f3c4a3e9d550a2a6f1c7e11'))
  assert.ok(!writer.test('{0b6f2d0e-6f3c-4a3e-9d55-0a2a6f1c7e11}'))
  assert.ok(!writer.test('0b6f2d0e-6f3c-4a3e-9d55-0a2a6f1c7e11\n'))
  assert.ok(!writer.test('0b6f2d0e-6f3c-4a3e-9d55-0a2a6f1c7e1g'))
})

test('a metric key is any text without control characters', () => {
  for (const key of ['loss', 'train/loss', ' ', 'a b', '"quoted", too', 'Δ損失🙂', '__proto__', '/', '\u2028', "'"]) {
    assert.equal(metricKeyFault(key), undefined, key)
  }
  for (const key of ['\n', 'a\tb', '\0', '\x1f', '\x7f', '\u0085', '\u009f', 'loss\r']) {
    assert.match(metricKeyFault(key) ?? '', /control characters/, JSON.stringify(key))
  }
  assert.equal(metricKeyFault('\u00a0'), undefined)
  assert.match(metricKeyFault('') ?? '', /needs a name/)
})

test('a metric key has at most 512 bytes of UTF-8, however many characters they are', () => {
  assert.equal(limits.metricKeyBytesMax, 512)
  assert.equal(metricKeyFault('a'.repeat(512)), undefined)
  assert.match(metricKeyFault('a'.repeat(513)) ?? '', /at most 512 bytes/)
  assert.equal(metricKeyFault('ä'.repeat(256)), undefined)
  assert.match(metricKeyFault('ä'.repeat(257)) ?? '', /512/)
  assert.equal(metricKeyFault(`${'損'.repeat(170)}ab`), undefined)
  assert.match(metricKeyFault('損'.repeat(171)) ?? '', /512/)
  assert.equal(metricKeyFault('🙂'.repeat(128)), undefined)
  assert.match(metricKeyFault(`${'🙂'.repeat(128)}a`) ?? '', /512/)
})

test('half of a character is no metric key, and no text', () => {
  for (const half of ['\ud83d', '\ude42', 'a\ud83d', '\ude42\ud83d']) {
    assert.match(metricKeyFault(half) ?? '', /well-formed/)
    assert.match(textFault(half) ?? '', /well-formed/)
  }
})

test('free text may hold anything but NUL', () => {
  for (const text of ['', 'a\nb\t🙂', '\u0001', '\ufffe']) assert.equal(textFault(text), undefined)
  assert.match(textFault('a\0b') ?? '', /NUL/)
})
