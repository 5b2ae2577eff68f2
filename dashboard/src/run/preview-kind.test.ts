import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPdf, isText, languageOf, mediaType, previewKind } from './preview-kind.ts'

test('a file is shown by what its name ends in, in capitals too', () => {
  const kinds = Object.entries({
    'confusion.png': 'image',
    'photo.JPEG': 'image',
    'plot.svg': 'image',
    'train.log': 'text',
    'model.py': 'text',
    'report.json': 'json',
    'points.jsonl': 'text',
    'predictions.csv': 'table',
    'predictions.tsv': 'table',
    'speech.wav': 'audio',
    'rollout.mp4': 'video',
    'paper.pdf': 'pdf',
    'model.pt': 'unknown',
    Dockerfile: 'unknown',
    'x.constructor': 'unknown',
    'archive.tar.gz': 'unknown',
  })
  for (const [name, kind] of kinds) assert.equal(previewKind(name), kind, name)
})

test('the browser is told what a file is', () => {
  assert.equal(mediaType('plot.svg'), 'image/svg+xml')
  assert.equal(mediaType('model.pt'), 'application/octet-stream')
})

test('code is coloured by its language, and a log by none', () => {
  assert.equal(languageOf('train.py'), 'python')
  assert.equal(languageOf('config.toml'), 'ini')
  assert.equal(languageOf('train.log'), undefined)
  assert.equal(languageOf('x.toString'), undefined)
})

test('text is told from bytes, also where it is cut off within a letter', () => {
  const text = new TextEncoder().encode('loss → 0.5\n\ttab \u001b[31mred\u001b[0m')
  for (let end = 0; end <= text.length; end++) assert.equal(isText(text.subarray(0, end)), true, `${end}`)
  assert.equal(isText(Uint8Array.from([0x50, 0x4b, 3, 4])), false)
  assert.equal(isText(Uint8Array.from([0xff, 0xfe, 0x41])), false)
  assert.equal(isText(Uint8Array.from([0x41, 0])), false)
})

test('a PDF says that it is one', () => {
  assert.equal(isPdf(new TextEncoder().encode('%PDF-1.7\n')), true)
  assert.equal(isPdf(new TextEncoder().encode('<!doctype html>')), false)
})
