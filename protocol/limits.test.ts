import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from './limits.ts'

test('every limit is a whole number above zero', () => {
  for (const [name, limit] of Object.entries(limits)) assert.ok(Number.isSafeInteger(limit) && limit > 0, name)
})

test('a request of the largest size finds room in everything that it passes through', () => {
  assert.ok(limits.recordBytesMax <= limits.batchBytesMax)
  assert.ok(limits.batchBytesMax <= limits.batchBytesExpandedMax)
  assert.ok(limits.batchBytesMax <= limits.receivingBytesMax)
  // A value with its row number in a queued column takes 12 bytes; steps and timestamps are cells as well.
  assert.ok(limits.batchCellsMax * 12 <= limits.queuedBytesMax)
  assert.ok(limits.batchCellsMax >= limits.metricsPerRecordMax + 2)
  assert.ok(limits.commitBytesMax <= limits.queuedBytesMax)
  assert.ok(limits.documentBytesMax <= limits.queuedBytesMax)
})

test('a cursor holds the longest name it can stand for', () => {
  const cursor = Buffer.from(JSON.stringify('a'.repeat(limits.nameCharsMax))).toString('base64url')
  assert.ok(cursor.length <= limits.cursorCharsMax)
})

test('a cursor holds all that runs can be sorted by', () => {
  const text = '\u0001'.repeat(limits.sortTextCharsMax)
  // Of a value of a document the number and the text, one of which is null.
  const at = Array.from({ length: limits.sortKeysMax }, () => [null, text]).flat()
  const key = { of: 'x'.repeat(16), at, run: Number.MAX_SAFE_INTEGER }
  const cursor = Buffer.from(JSON.stringify(key)).toString('base64url')
  assert.ok(cursor.length <= limits.cursorCharsMax, `${cursor.length} characters`)
})

test('what moves is given up before what may take its time', () => {
  assert.ok(limits.headersMs < limits.bodyMs)
  assert.ok(limits.bodyMs < limits.uploadMs)
  assert.ok(limits.keepAliveMs > 60_000, 'proxies close an idle connection after 60 s and must do so first')
})
