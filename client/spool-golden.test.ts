// The bytes of a spool against docs/format/spool.md: files that were made once, beside what is in them as plain JSON. Each
// version of the format leaves its files, which every later program must still read.

import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Receipt } from './receipt.ts'
import { SpoolWriter } from './spool.ts'
import type { RunDocument, SpoolDocument } from './spool-format.ts'
import { SpoolReader } from './spool-reader.ts'

interface PlainRow {
  keys: string[]
  step: number
  time: number
  /** Numbers; -0 and those that are not finite by their names. */
  values: (number | string)[]
}
type PlainRecord = { document: SpoolDocument } | PlainRow
interface PlainSpool {
  writer: string
  records: PlainRecord[]
  /** Rows that can't be read; of documents, which row they stood before, and 0. */
  damaged?: { row: number; count: number }[]
  receipt: { rows: number; points: number; checksum: string }
}

const goldenFolder = fileURLToPath(new URL('../conformance/spool/', import.meta.url))
const golden = (name: string) => join(goldenFolder, name)
const plainOf = (name: string) => JSON.parse(readFileSync(golden(`${name}.json`), 'utf8')) as PlainSpool

function readSpool(folder: string): PlainSpool {
  const reader = new SpoolReader(folder)
  const receipt = new Receipt()
  const records: PlainRecord[] = []
  for (let item = reader.peek(); item; item = reader.peek()) {
    if (item.document?.type === 'damaged') {
      // The reader has noted it.
    } else if (item.document) {
      records.push({ document: item.document })
    } else {
      receipt.add(item)
      const { keys, step, time, values, at } = item
      const plain = Array.from(values.subarray(at, at + keys.length), (value) =>
        Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? '-0' : String(value),
      )
      records.push({ keys: [...keys], step, time, values: plain })
    }
    reader.pass()
  }
  reader.close()
  const { rows, points, checksum } = receipt
  const damaged = reader.refused.map(({ row, count }) => ({ row, count }))
  return {
    ...{ writer: reader.writer, records, receipt: { rows, points, checksum } },
    ...(damaged.length > 0 && { damaged }),
  }
}

function writeSpool(folder: string, { writer, records }: PlainSpool, segmentBytes?: number): void {
  const [first, ...rest] = records as unknown as [{ document: RunDocument }, ...PlainRecord[]]
  const spool = new SpoolWriter({ folder, writer, run: first.document, segmentBytes })
  const shapes = new Map<string, ReturnType<SpoolWriter['shapeOf']>>()
  for (const record of rest) {
    if ('document' in record) {
      assert.ok(spool.keepDocument(record.document))
      continue
    }
    const name = record.keys.join('\0')
    const shape = shapes.get(name) ?? spool.shapeOf(record.keys)
    shapes.set(name, shape)
    spool.values.set(record.values.map(Number))
    assert.ok(spool.keepRow(shape, record.step, record.time))
  }
  spool.close()
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'aspara-test-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

for (const name of ['version-1', 'version-1-torn', 'version-2', 'version-2-damaged']) {
  test(`${name} is read as what it was written from`, () => {
    assert.deepEqual(readSpool(golden(name)), plainOf(name))
  })
}

test('what is written today has the bytes that version 2 has', (t) => {
  const path = join(folder(t), 'spool')
  writeSpool(path, plainOf('version-2'), 2_048)
  const segments = readdirSync(golden('version-2')).sort()
  assert.ok(segments.length > 1)
  assert.deepEqual(readdirSync(path).sort(), segments)
  for (const segment of segments) {
    assert.deepEqual(readFileSync(join(path, segment)), readFileSync(join(golden('version-2'), segment)), segment)
  }
})

test('wherever the last segment is cut, or its rest was never written, everything before that is there', (t) => {
  const { records } = plainOf('version-2')
  const path = folder(t)
  cpSync(golden('version-2'), path, { recursive: true })
  const last = join(path, readdirSync(path).sort().at(-1) as string)
  const whole = readFileSync(last)
  let before = records.length
  for (let size = whole.length - 1; size >= 64; size--) {
    truncateSync(last, size)
    const cut = readSpool(path).records
    assert.ok(cut.length <= before)
    before = cut.length
    assert.deepEqual(cut, records.slice(0, cut.length))
    // Made larger in advance, as a memory map is: zeros follow.
    writeFileSync(last, Buffer.concat([whole.subarray(0, size), Buffer.alloc(whole.length - size + 4_096)]))
    assert.deepEqual(readSpool(path).records, records.slice(0, cut.length))
  }
  assert.ok(before < records.length)
})

test('a bit that flips anywhere gives nothing that was not written, and costs no row of another segment', (t) => {
  const { records } = plainOf('version-2')
  const written = new Map(records.map((record) => [JSON.stringify(record), record]))
  const path = folder(t)
  cpSync(golden('version-2'), path, { recursive: true })
  for (const segment of readdirSync(path)) {
    const file = join(path, segment)
    const whole = readFileSync(file)
    for (let offset = 64; offset < whole.length; offset++) {
      const flipped = Buffer.from(whole)
      flipped[offset] ^= 1 << (offset % 8)
      writeFileSync(file, flipped)
      const read = readSpool(path)
      for (const record of read.records) assert.ok(written.has(JSON.stringify(record)), `${segment} ${offset}`)
      const damaged = (read.damaged ?? []).reduce((sum, { count }) => sum + count, 0)
      const rows = read.receipt.rows + damaged
      assert.equal(rows, 47, `${segment} ${offset}: ${rows} rows`)
    }
    writeFileSync(file, whole)
  }
})

test('a segment of a newer version is refused with both numbers', (t) => {
  const path = folder(t)
  cpSync(golden('version-1'), path, { recursive: true })
  const first = join(path, '000000.spool')
  const bytes = readFileSync(first)
  bytes.writeUInt32LE(3, 8)
  writeFileSync(first, bytes)
  assert.throws(() => new SpoolReader(path), /is of version 3, and this program reads versions 1 to 2/)
})

test('a reader that follows a writer has each record as soon as it is written', (t) => {
  const path = join(folder(t), 'spool')
  const { writer, records } = plainOf('version-1')
  const [first] = records as unknown as [{ document: RunDocument }]
  const spool = new SpoolWriter({ folder: path, writer, run: first.document, segmentBytes: 4_096 })
  const reader = new SpoolReader(path)
  reader.pass()
  reader.peek()
  reader.pass()
  const shape = spool.shapeOf(['loss', 'accuracy'])
  for (let step = 0; step < 1_000; step++) {
    assert.equal(reader.peek(), undefined)
    spool.values[0] = step / 3
    spool.values[1] = -step
    spool.keepRow(shape, step, 1_000 + step)
    const row = reader.peek()
    assert.ok(row && !row.document)
    assert.deepEqual(
      [row.step, row.time, row.values[row.at], row.values[row.at + 1]],
      [step, 1_000 + step, step / 3, -step],
    )
    assert.equal(reader.row, step)
    reader.pass()
    if (step % 7 === 0) reader.acknowledge()
    if (step % 50 === 49) {
      reader.rewind()
      while (reader.peek()) reader.pass()
      assert.equal(reader.row, step + 1)
    }
  }
  assert.ok(statSync(join(path, '000003.spool')).size > 0)
  spool.close()
  reader.close()
})
