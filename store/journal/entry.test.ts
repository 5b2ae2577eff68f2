import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import { entryOf, type PlainEntry, plainOf } from '../testing/plain-entry.ts'
import { countPoints, decodeEntry, type Entry, EntryCorrupt, encodeEntry } from './entry.ts'

const golden = (file: string) => new URL(`../testing/golden/${file}`, import.meta.url)

const various: PlainEntry = {
  steps: [3, -(2 ** 53 - 1), 2 ** 53 - 1, 3, 0],
  timestamps: [1772368245123.456, -8.64e15, 8.64e15, 0, 1.5],
  columns: [
    { metric: 'loss', rows: null, values: ['NaN', 'Infinity', '-Infinity', '-0', 5e-324] },
    { metric: 'Verlust/損失 🙂 "x", y', rows: [0, 2, 4], values: [1, 2, -1.7976931348623157e308] },
    { metric: 'a', rows: [4], values: ['NaN'] },
    { metric: 'exactly8', rows: [0, 1, 2, 3, 4], values: [1, 2, 3, 4, 5] },
    { metric: 'no value', rows: [], values: [] },
  ],
}

/** The body with its bytes changed by hand and a checksum that agrees with them. */
function forge(body: Uint8Array, change: (words: Uint32Array) => void): Uint8Array {
  const forged = new Uint8Array(body)
  const words = new Uint32Array(forged.buffer)
  change(words)
  words[1] = crc32(forged.subarray(8))
  return forged
}

test('an entry is read back as it was, whatever is in it', () => {
  const entries: PlainEntry[] = [
    various,
    { steps: [], timestamps: [], columns: [] },
    { steps: [1, 2], timestamps: [0, 0], columns: [] },
    { steps: [], timestamps: [], columns: [{ metric: 'm', rows: null, values: [] }] },
    { steps: [0], timestamps: [0], columns: [{ metric: 'ä'.repeat(256), rows: null, values: [0.1] }] },
  ]
  for (const plain of entries) assert.deepEqual(plainOf(decodeEntry(encodeEntry(entryOf(plain)))), plain)
})

test('what an engine returns need not be aligned', () => {
  const body = encodeEntry(entryOf(various))
  for (let offset = 0; offset < 16; offset++) {
    const around = new Uint8Array(body.length + 32).fill(0xaa)
    around.set(body, offset)
    assert.deepEqual(plainOf(decodeEntry(around.subarray(offset, offset + body.length))), various)
  }
})

test('any byte that is not what was written is noticed', () => {
  const body = encodeEntry(entryOf(various))
  for (let at = 0; at < body.length; at++) {
    for (const bits of [0x01, 0x80, 0xff]) {
      const flipped = new Uint8Array(body)
      flipped[at] ^= bits
      assert.throws(() => decodeEntry(flipped), EntryCorrupt, `byte ${at} flipped by ${bits}`)
    }
  }
})

test('a body that was cut, or has bytes after its end, is noticed', () => {
  const body = encodeEntry(entryOf(various))
  for (let length = 0; length < body.length; length++) {
    assert.throws(() => decodeEntry(body.slice(0, length)), EntryCorrupt, `${length} bytes`)
  }
  for (const more of [1, 8, 16]) {
    const longer = new Uint8Array(body.length + more)
    longer.set(body)
    assert.throws(() => decodeEntry(longer), EntryCorrupt)
    if (more % 8 === 0) assert.throws(() => decodeEntry(forge(longer, () => {})), /its columns end at/)
  }
})

test('counts and orders are checked apart from the checksum', () => {
  const plain = {
    steps: [0, 1, 2],
    timestamps: [0, 0, 0],
    columns: [{ metric: 'm', rows: [0, 2], values: [1, 2] }],
  }
  const body = encodeEntry(entryOf(plain))
  const column = (16 + 3 * 16) / 4 // in words: name bytes, values, kind, reserved, then two rows
  const wrong: [RegExp, (words: Uint32Array) => void][] = [
    [/version 2/, (words) => (words[0] = 2)],
    [/column/, (words) => (words[2] = 2)],
    [/ends? at/, (words) => (words[3] = 0)],
    [/ends at byte/, (words) => (words[3] = 2)],
    [/ends? at/, (words) => (words[column] = 9)],
    [/column/, (words) => (words[column + 1] = 1)],
    [/column/, (words) => (words[column + 2] = 0)],
    [/kind 2/, (words) => (words[column + 2] = 2)],
    [/row 0 after row 2/, (words) => words.set([2, 0], column + 4)],
    [/row 1 after row 1/, (words) => words.set([1, 1], column + 4)],
    [/row 3 .* of 3 rows/, (words) => words.set([0, 3], column + 4)],
  ]
  for (const [message, change] of wrong) {
    assert.throws(() => decodeEntry(forge(body, change)), { name: 'EntryCorrupt', message }, String(change))
  }
})

test('no count in a body leads a reader astray', () => {
  const body = encodeEntry(entryOf(various))
  const counts = [0, 1, 7, 8, 2 ** 28, 2 ** 29, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 8, 2 ** 32 - 1]
  for (let word = 2; word < body.length / 4; word++) {
    for (const count of counts) {
      const forged = forge(body, (words) => (words[word] = count))
      try {
        decodeEntry(forged)
      } catch (error) {
        assert.ok(error instanceof EntryCorrupt, `word ${word} set to ${count}: ${error}`)
      }
    }
  }
})

test('what could not be read back is not written', () => {
  const entry = (columns: Entry['columns'], timestamps = 2): Entry => ({
    steps: Float64Array.of(0, 1),
    timestamps: new Float64Array(timestamps),
    columns,
  })
  const values = Float64Array.of(1, 2)
  const bad: Entry[] = [
    entry([], 1),
    entry([{ metric: 'm', values: Float64Array.of(1), rows: undefined }]),
    entry([{ metric: 'm', values, rows: Uint32Array.of(0) }]),
    entry([{ metric: 'm', values, rows: Uint32Array.of(1, 0) }]),
    entry([{ metric: 'm', values, rows: Uint32Array.of(1, 1) }]),
    entry([{ metric: 'm', values, rows: Uint32Array.of(0, 2) }]),
  ]
  for (const each of bad) assert.throws(() => encodeEntry(each), /^Error: BUG: /)
  encodeEntry(entry([{ metric: 'm', values, rows: Uint32Array.of(0, 1) }]))
})

test('points are values', () => {
  assert.equal(countPoints(entryOf(various)), 14)
})

// Released bytes are read for ever: never change these files, add the next version's beside them.
for (const version of [1]) {
  test(`an entry of version ${version} is read as it was written then`, async () => {
    const body = await readFile(golden(`journal-entry-v${version}.bin`))
    const plain = JSON.parse(await readFile(golden(`journal-entry-v${version}.json`), 'utf8'))
    assert.deepEqual(plainOf(decodeEntry(body)), plain)
  })
}

test('what is written today is version 1, byte by byte', async () => {
  const plain = JSON.parse(await readFile(golden('journal-entry-v1.json'), 'utf8'))
  assert.deepEqual(Buffer.from(encodeEntry(entryOf(plain))), await readFile(golden('journal-entry-v1.bin')))
})

test('the example of docs/format/journal.md is what the code reads and writes', async () => {
  const page = await readFile(new URL('../../docs/format/journal.md', import.meta.url), 'utf8')
  const hex = /```hex\n([^`]+)```/.exec(page)?.[1] ?? ''
  const lines = hex.trimEnd().split('\n')
  const body = Buffer.from(lines.map((line) => line.slice(4, 51).replaceAll(' ', '')).join(''), 'hex')
  lines.forEach((line, index) => {
    assert.equal(line.slice(0, 4), `${(index * 16).toString(16).padStart(2, '0')}  `)
  })
  const plain = JSON.parse(/```json\n([^`]+)```/.exec(page)?.[1] ?? '')
  assert.deepEqual(plainOf(decodeEntry(body)), plain)
  assert.deepEqual(Buffer.from(encodeEntry(entryOf(plain))), body)
})
