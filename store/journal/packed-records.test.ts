import assert from 'node:assert/strict'
import { test } from 'node:test'
import { record } from '../testing/plain-appends.ts'
import type { RecordAppend } from './appends.ts'
import { packRecords, unpackRecords } from './packed-records.ts'

const crossed = (records: RecordAppend[]) => unpackRecords(structuredClone(packRecords(records)))

test('records are the same on the other side', () => {
  const records = [
    record('r', 0, { loss: 0.5, 'Genauigkeit/精度 🙂': NaN }, 1772368245123.456),
    record('r', null, { loss: -0 }),
    record('loss', -(2 ** 53 - 1), { r: Infinity, p: -Infinity, loss: 5e-324 }),
    record('r', 2 ** 53 - 1, {}),
    { ...record('r', 1, { __proto__: 1, constructor: 2 }), project: 'constructor' },
  ]
  assert.deepEqual(crossed(records), records)
  assert.deepEqual(crossed([]), [])
})

test('a step of 0 is not the next one', () => {
  assert.deepEqual(
    crossed([record('r', 0, { a: 1 }), record('r', null, { a: 1 })]).map(({ step }) => step),
    [0, null],
  )
})

test('each word crosses once', () => {
  const records = Array.from({ length: 100 }, (_, step) => record('r', step, { a: 1, p: 2 }))
  assert.deepEqual(packRecords(records).words, ['p', 'r', 'a'])
})
