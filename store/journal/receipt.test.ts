import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import { batch } from '../testing/plain-appends.ts'
import { type PlainRow, plainReceipt } from '../testing/plain-receipt.ts'
import { type Random, randomFromEnvironment } from '../testing/random.ts'
import type { Entry } from './entry.ts'
import { emptyReceipt, type Receipt, receiptAfter } from './receipt.ts'

/** Rows as a batch has them: in columns. */
function columnsOf(rows: PlainRow[]): Entry {
  const names = [...new Set(rows.flatMap((row) => row.values.map(([metric]) => metric)))]
  const cell = (row: PlainRow, name: string) => row.values.find(([metric]) => metric === name)?.[1] ?? null
  return batch({
    sequence: 0,
    steps: rows.map((row) => row.step),
    timestamps: rows.map((row) => row.timestamp),
    metrics: Object.fromEntries(names.map((name) => [name, rows.map((row) => cell(row, name))])),
  })
}

const told = ({ rows, points, checksum }: Receipt) => ({
  rows,
  points,
  checksum: checksum.toString(16).padStart(8, '0'),
})

test('the checksum is that of the bytes that docs/format/spool.md draws', () => {
  const rows: PlainRow[] = [
    { step: 0, timestamp: 1000, values: [['loss', 0.5]] },
    {
      step: 1,
      timestamp: 2000.5,
      values: [
        ['loss', Number.NaN],
        ['acc', 0],
      ],
    },
  ]
  // Worked out by Python's zlib and struct.
  const expected = { rows: 2, points: 3, checksum: '9b26a9d9' }
  assert.deepEqual(told(receiptAfter(emptyReceipt, columnsOf(rows))), expected)
  assert.deepEqual(plainReceipt(rows), expected)
})

test('nothing is a receipt of nothing', () => {
  assert.deepEqual(receiptAfter(emptyReceipt, columnsOf([])), { rows: 0, points: 0, checksum: 0 })
})

test('a row without a value counts as a row, with its step and its time', () => {
  const row = { step: 3, timestamp: 4, values: [] }
  assert.deepEqual(told(receiptAfter(emptyReceipt, columnsOf([row]))), plainReceipt([row]))
  const later = receiptAfter(emptyReceipt, columnsOf([{ ...row, timestamp: 5 }]))
  assert.notEqual(later.checksum, receiptAfter(emptyReceipt, columnsOf([row])).checksum)
})

test('every NaN is the same, and -0 is not 0', () => {
  const bits = (high: number) => new Float64Array(Uint32Array.of(1, high).buffer)[0]
  const of = (value: number) =>
    receiptAfter(emptyReceipt, columnsOf([{ step: 0, timestamp: 0, values: [['x', value]] }]))
  for (const high of [0x7ff00000, 0x7ff80000, 0xfff80000]) assert.deepEqual(of(bits(high)), of(Number.NaN))
  assert.notDeepEqual(of(-0), of(0))
})

test('metrics whose names have one CRC stand in the order of their bytes', () => {
  const [one, other] = ['plumless', 'buckeroo']
  assert.equal(crc32(one), crc32(other), 'a pair that is known for it')
  const rows = (names: string[]) => [
    { step: 0, timestamp: 0, values: names.map((name, index) => [name, index] as [string, number]) },
  ]
  for (const names of [
    [one, other, 'x'],
    [other, 'x', one],
  ])
    assert.deepEqual(told(receiptAfter(emptyReceipt, columnsOf(rows(names)))), plainReceipt(rows(names)))
})

test('however rows are divided into batches, the receipt is that of a plain reading of the format', (t) => {
  const random = randomFromEnvironment()
  t.diagnostic(`ASPARA_TEST_SEED=${random.seed}`)
  for (let round = 0; round < 150; round++) {
    const rows = randomRows(random)
    let receipt = emptyReceipt
    for (let first = 0; first < rows.length; ) {
      const count = random.pick([1, 2, 7, rows.length])
      receipt = receiptAfter(receipt, columnsOf(rows.slice(first, first + count)))
      first += count
    }
    assert.deepEqual(told(receipt), plainReceipt(rows), `ASPARA_TEST_SEED=${random.seed}, round ${round}`)
  }
})

test('rows too many for one piece, and a row too long for one, are in it whole', () => {
  const many = Array.from(
    { length: 5_000 },
    (_, step): PlainRow => ({
      step,
      timestamp: step * 250,
      values: [['full', step / 3], ...(step % 3 === 0 ? [['sparse', -step] as [string, number]] : [])],
    }),
  )
  const wide = [1, 2].map(
    (step): PlainRow => ({
      step,
      timestamp: 0,
      values: Array.from({ length: 10_000 }, (_, index) => [`m${index}`, index * step]),
    }),
  )
  const narrow = many.map((row) => ({ ...row, values: row.values.slice(0, 1) }))
  for (const rows of [many, narrow]) {
    assert.deepEqual(told(receiptAfter(emptyReceipt, columnsOf(rows))), plainReceipt(rows))
  }
  const names = wide[0].values.map(([metric]) => metric)
  const columns = names.map((metric, index) => ({ metric, values: Float64Array.of(index, index * 2), rows: undefined }))
  const steps = Float64Array.of(1, 2)
  assert.deepEqual(
    told(receiptAfter(emptyReceipt, { steps, timestamps: new Float64Array(2), columns })),
    plainReceipt(wide),
  )
})

function randomRows(random: Random): PlainRow[] {
  const names = ['loss', 'acc', 'lr', 'Ä "x", y', '精度 🙂', 'plumless', 'buckeroo'].slice(0, random.between(1, 7))
  const gaps = random.pick([0, 0, 0.2, 0.9])
  const value = () => random.pick([random.next(), -random.next() * 1e9, 0, -0, Number.NaN, Infinity, -Infinity, 5e-324])
  return Array.from({ length: random.between(0, 40) }, () => ({
    step: random.pick([random.between(-50, 50), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]),
    timestamp: random.next() * 2e12,
    values: names.filter(() => !random.chance(gaps)).map((name): [string, number] => [name, value()]),
  }))
}
