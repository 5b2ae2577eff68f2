import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { suite, test } from 'node:test'
import { crc32 } from 'node:zlib'
import { type ReadColumn, readChunk, readTotal } from '../testing/page-reader.ts'
import { plainNumber } from '../testing/plain-entry.ts'
import { decodePoints, decodeRollups, decodeTotal, encodePoints, encodeRollups, encodeTotal, spanOf } from './chunk.ts'
import { Rollups, rollupColumns, totalSpan } from './rollups.ts'

/** What JSON has no number for (NaN, Infinity, -Infinity, -0) is a string. */
type Plain = number | string

interface GoldenChunk {
  about: string
  compression: 0 | 1
  /** How each column is written: its encoding and width, its scale unless that is 1, and its reference. */
  columns: string[]
  /** In hexadecimal, in pieces. */
  body: string[]
}
type GoldenPoints = GoldenChunk & { steps: Plain[]; times: Plain[]; values: Plain[] }
type GoldenRollups = GoldenChunk & { level: number } & { [column in (typeof rollupColumns)[number]]: Plain[] }
type GoldenTotal = { about: string; body: string[] } & { [column in (typeof rollupColumns)[number]]: Plain }

// Released bytes are read for ever: never change these files, add the next version's beside them.
const pointChunks = await golden<GoldenPoints>('chunk-points-v1.json')
const rollupChunks = await golden<GoldenRollups>('chunk-rollups-v1.json')
const totals = await golden<GoldenTotal>('series-total-v1.json')

async function golden<Shape>(file: string): Promise<Shape[]> {
  return JSON.parse(await readFile(new URL(`../testing/golden/${file}`, import.meta.url), 'utf8'))
}

const bytesOf = ({ body }: { body: string[] }): Uint8Array => new Uint8Array(Buffer.from(body.join(''), 'hex'))
const plain = (values: ArrayLike<number>): Plain[] => Array.from(values, plainNumber)
const numbers = (values: Plain[]): Float64Array => Float64Array.from(values, Number)

const encodingNames = ['line', 'delta', 'offset', 'float32', 'float64']
const written = ({ encoding, width, scale, reference }: ReadColumn) =>
  `${encodingNames[encoding]} ${width}${scale === 1 ? '' : ` / ${scale}`}${reference === 255 ? '' : ` + ${reference}`}`

function pointsOf({ steps, times, values }: GoldenPoints) {
  return { steps: numbers(steps), times: numbers(times), values: numbers(values) }
}

function rollupsOf(chunk: GoldenRollups): Rollups {
  const rollups = new Rollups(spanOf(chunk.level), 0)
  for (const name of rollupColumns) rollups[name] = numbers(chunk[name])
  rollups.length = chunk.start.length
  return rollups
}

function totalOf(plainTotal: GoldenTotal): Rollups {
  const total = new Rollups(totalSpan, 1)
  for (const name of rollupColumns) total[name][0] = Number(plainTotal[name])
  total.length = 1
  return total
}

for (const chunk of pointChunks) {
  test(`a chunk of version 1 is read as it was written then: ${chunk.about}`, () => {
    const read = decodePoints(bytesOf(chunk))
    for (const name of ['steps', 'times', 'values'] as const) assert.deepEqual(plain(read[name]), chunk[name], name)
  })
}

for (const chunk of rollupChunks) {
  test(`rollups of version 1 are read as they were written then: ${chunk.about}`, () => {
    const read = decodeRollups(bytesOf(chunk), chunk.level)
    assert.equal(read.length, chunk.start.length)
    for (const name of rollupColumns) assert.deepEqual(plain(read[name]), chunk[name], name)
  })
}

for (const total of totals) {
  test(`a total of version 1 is read as it was written then: ${total.about}`, () => {
    const read = decodeTotal(bytesOf(total))
    for (const name of rollupColumns) assert.deepEqual(plain(read[name]), [total[name]], name)
  })
}

suite('what is written today is version 1', () => {
  const isSame = (body: Uint8Array, chunk: GoldenChunk) => {
    const { compression, columns } = readChunk(body)
    assert.equal(compression, chunk.compression, chunk.about)
    assert.deepEqual(columns.map(written), chunk.columns, chunk.about)
    // What comes out of a compressor is up to its release; the bytes that go in are not.
    if (compression === 0) assert.deepEqual(Buffer.from(body), Buffer.from(bytesOf(chunk)), chunk.about)
    const before = readChunk(bytesOf(chunk)).columns.map(({ values }) => plain(values))
    assert.deepEqual(
      columns.map(({ values }) => plain(values)),
      before,
      chunk.about,
    )
  }

  test('chunks of points, byte by byte where they are not compressed', () => {
    for (const chunk of pointChunks) isSame(encodePoints(pointsOf(chunk)), chunk)
  })

  test('chunks of rollups, in the same encodings', () => {
    for (const chunk of rollupChunks) isSame(encodeRollups(rollupsOf(chunk)), chunk)
  })

  test('totals, byte by byte', () => {
    for (const total of totals) {
      assert.deepEqual(Buffer.from(encodeTotal(totalOf(total))), Buffer.from(bytesOf(total)), total.about)
    }
  })
})

suite('a reader that was written from docs/format/series.md alone', () => {
  test('finds in the golden chunks what they hold, and how it is written', () => {
    for (const chunk of pointChunks) {
      const { kind, compression, columns } = readChunk(bytesOf(chunk))
      assert.deepEqual({ kind, compression }, { kind: 0, compression: chunk.compression }, chunk.about)
      assert.deepEqual(columns.map(written), chunk.columns, chunk.about)
      assert.deepEqual(
        columns.map(({ values }) => plain(values)),
        [chunk.steps, chunk.times, chunk.values],
        chunk.about,
      )
    }
    for (const chunk of rollupChunks) {
      const { kind, compression, columns } = readChunk(bytesOf(chunk))
      assert.deepEqual({ kind, compression }, { kind: 1, compression: chunk.compression }, chunk.about)
      assert.deepEqual(columns.map(written), chunk.columns, chunk.about)
      assert.deepEqual(
        columns.map(({ values }) => plain(values)),
        rollupColumns.map((name) => chunk[name]),
        chunk.about,
      )
    }
    for (const total of totals) {
      const values = readTotal(bytesOf(total))
      assert.deepEqual(
        plain(values),
        rollupColumns.map((name) => total[name]),
        total.about,
      )
    }
  })

  test('notices as our own does that a byte is not what was written', () => {
    const seldom = 5 // Every byte of every chunk would take a minute.
    for (const [number, chunk] of [...pointChunks, ...rollupChunks].entries()) {
      const body = bytesOf(chunk)
      const ours = (bytes: Uint8Array) => ('steps' in chunk ? decodePoints(bytes) : decodeRollups(bytes, chunk.level))
      for (let at = number % seldom; at < body.length; at += at < 16 ? 1 : seldom) {
        const flipped = new Uint8Array(body)
        flipped[at] ^= 1 << (at % 8)
        const place = `byte ${at} of ${chunk.about}`
        assert.throws(() => readChunk(flipped), place)
        assert.throws(() => ours(flipped), { name: 'ChunkCorrupt' }, place)
      }
    }
    for (const total of totals) {
      for (let at = 0; at < 160; at++) {
        const flipped = bytesOf(total)
        flipped[at] ^= 1 << (at % 8)
        assert.throws(() => readTotal(flipped), `byte ${at} of ${total.about}`)
        assert.throws(() => decodeTotal(flipped), { name: 'ChunkCorrupt' }, `byte ${at} of ${total.about}`)
      }
    }
  })

  test('reads its example', async () => {
    const page = await readFile(new URL('../../docs/format/series.md', import.meta.url), 'utf8')
    const hex = /```hex\n([^`]+)```/.exec(page)?.[1] ?? ''
    const lines = hex.trimEnd().split('\n')
    lines.forEach((line, index) => {
      assert.equal(line.slice(0, 4), `${(index * 16).toString(16).padStart(2, '0')}  `)
    })
    const body = Buffer.from(lines.map((line) => line.slice(4, 51).replaceAll(' ', '')).join(''), 'hex')
    const example = JSON.parse([...page.matchAll(/```json\n([^`]+)```/g)].at(-1)?.[1] ?? '')
    const { columns } = readChunk(body)
    assert.deepEqual(
      columns.map(({ values }) => plain(values)),
      [example.steps, example.times, example.values],
    )
    assert.deepEqual(Buffer.from(encodePoints(pointsOf(example))), body)
  })
})

test('the golden chunks have every encoding in every width, compressed and not', () => {
  const found = new Set([...pointChunks, ...rollupChunks].flatMap(({ columns }) => columns))
  const widths = [1, 2, 3, 4].flatMap((width) => [`delta ${width}`, `offset ${width}`])
  const scaled = ['delta 1 / 1000', 'delta 2 / 1000', 'offset 1 / 1000']
  const relative = ['line 0 + 16', 'delta 2 + 13', 'offset 2 + 0', 'float32 4 + 0']
  for (const each of ['line 0', 'float32 4', 'float64 8', ...widths, ...scaled, ...relative]) {
    assert.ok(found.has(each), `no column is written as ${each}`)
  }
  assert.deepEqual([...new Set(pointChunks.map(({ compression }) => compression))].sort(), [0, 1])
})

test('a chunk or total of another version is not guessed at', () => {
  for (const version of [0, 2, 255]) {
    const chunk = bytesOf(pointChunks[0])
    chunk[0] = version
    assert.throws(() => decodePoints(chunk), { name: 'ChunkCorrupt', message: /version/ })
    assert.throws(() => readChunk(chunk), /version/)
    const total = bytesOf(totals[0])
    total[0] = version
    assert.throws(() => decodeTotal(total), { name: 'ChunkCorrupt', message: /version/ })
    assert.throws(() => readTotal(total), /version/)
  }
})

test('a payload of another length than it says is noticed apart from the checksum', () => {
  for (const chunk of pointChunks) {
    for (const payloadBytes of [0, 1, 71, 2 ** 31]) {
      const forged = bytesOf(chunk)
      const view = new DataView(forged.buffer)
      view.setUint32(12, payloadBytes, true)
      view.setUint32(4, crc32(forged.subarray(8)), true)
      assert.throws(() => decodePoints(forged), { name: 'ChunkCorrupt' }, `${payloadBytes} bytes of ${chunk.about}`)
      assert.throws(() => readChunk(forged), `${payloadBytes} bytes of ${chunk.about}`)
    }
  }
})
