import assert from 'node:assert/strict'
import { test } from 'node:test'
import { zstdDecompressSync } from 'node:zlib'
import type { ExportFormat } from '@aspara/protocol/metrics.ts'
import { type Table, tableFromIPC } from 'apache-arrow'
import { parquetReadObjects } from 'hyparquet'
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js'
import { randomFromEnvironment } from '../testing/random.ts'
import { type PagePoint, pointsOf, randomPages } from '../testing/random-pages.ts'
import { encodePoints } from './encode-points.ts'
import type { PointPage } from './point-page.ts'

const random = randomFromEnvironment()

interface Row {
  run?: string
  metric: string
  step: bigint
  /** Microseconds since the epoch. */
  timestamp: bigint
  value: number
}

/** How somebody else's code reads each format. */
const readers: Record<ExportFormat, (file: Uint8Array<ArrayBuffer>) => Promise<Row[]>> = {
  jsonl: async (file) =>
    linesOf(file).map((line) => {
      const { value, ...point } = JSON.parse(line)
      return rowOf({ ...point, value: Number(value) })
    }),
  csv: async (file) => {
    const [header, ...lines] = linesOf(file)
    return lines.map((line) => {
      // A field is in quotes, within which a quote stands twice, or has neither quote nor comma.
      const fields = Array.from(line.matchAll(/(?<=^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g), ([, quoted, plain]) =>
        quoted === undefined ? plain : quoted.replaceAll('""', '"'),
      )
      const { run, metric, step, timestamp, value } = Object.fromEntries(
        header.split(',').map((name, index) => [name, fields[index]]),
      )
      return rowOf({ run, metric, step: Number(step), timestamp: Number(timestamp), value: Number(value) })
    })
  },
  arrow: async (file) => {
    const table = tableFromIPC(file)
    const columns = table.schema.fields.map(({ name }) => [name, columnOf(table, name)] as const)
    return Array.from(
      { length: table.numRows },
      (_, row) => Object.fromEntries(columns.map(([name, column]) => [name, column[row]])) as unknown as Row,
    )
  },
  parquet: async (file) =>
    (await parquetReadObjects({
      file: file.buffer,
      compressors: { ZSTD: (bytes) => zstdDecompressSync(bytes) },
      parsers: { ...DEFAULT_PARSERS, timestampFromMicroseconds: (microseconds: bigint) => microseconds },
    })) as Row[],
}
const formats = Object.keys(readers) as ExportFormat[]

const linesOf = (file: Uint8Array) => Buffer.from(file).toString().split('\n').slice(0, -1)

/** Values as they are stored: its own access would make milliseconds of a timestamp. */
function columnOf(table: Table, name: string): unknown[] {
  const column = table.getChild(name)!
  if (name === 'run' || name === 'metric') return column.toArray() as unknown[]
  return column.data.flatMap((data) => Array.from(data.values as Iterable<unknown>))
}

function rowOf({ run, metric, step, timestamp, value }: Omit<PagePoint, 'run'> & { run?: string }): Row {
  return {
    ...(run !== undefined && { run }),
    metric,
    step: BigInt(step),
    timestamp: BigInt(Math.round(timestamp * 1000)),
    value,
  }
}

function rowsOf(pages: PointPage[], withRun: boolean): Row[] {
  return pages.flatMap(pointsOf).map(({ run, ...point }) => rowOf(withRun ? { run, ...point } : point))
}

async function* inOrder(pages: PointPage[]): AsyncGenerator<PointPage> {
  yield* pages
}

async function fileOf(format: ExportFormat, pages: PointPage[], withRun: boolean): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = []
  for await (const piece of encodePoints(format, inOrder(pages), { withRun })) {
    assert.ok(piece.length > 0)
    assert.equal(piece.buffer.byteLength, piece.length, 'a piece has its buffer to itself')
    pieces.push(structuredClone(piece, { transfer: [piece.buffer as ArrayBuffer] }))
  }
  return new Uint8Array(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer())
}

for (const format of formats) {
  test(`${format}: every point of every page comes back as it was, the hard ones too`, async (t) => {
    t.diagnostic(`ASPARA_TEST_SEED=${random.seed}`)
    const shapes = [
      { runs: 1, pages: 1, points: 1, withRun: false },
      { runs: 1, pages: 40, points: 50, withRun: true },
      { runs: 30, pages: 2, points: 100, withRun: true },
      { runs: 3, pages: 2, points: 10_000, withRun: true },
      { runs: 1, pages: 4, points: 75_000, withRun: false },
    ]
    for (const { runs, pages, points, withRun } of shapes) {
      const given = randomPages(random, runs, pages, points)
      const read = await readers[format](await fileOf(format, given, withRun))
      const expected = rowsOf(given, withRun)
      assert.equal(read.length, expected.length)
      // One by one: a difference among 300,000 is not for showing as a whole.
      for (const [index, row] of read.entries()) assert.deepEqual(row, expected[index])
    }
  })

  test(`${format}: without points it is a file without rows`, async () => {
    for (const withRun of [true, false]) assert.deepEqual(await readers[format](await fileOf(format, [], withRun)), [])
  })

  test(`${format}: a page is made when what came of those before it has been taken`, async () => {
    const pages = randomPages(random, 1, 4, 100_000)
    const rowsInPieces: number[] = []
    let asked = 0
    async function* counted() {
      for (const page of pages) {
        asked++
        yield page
      }
    }
    for await (const _ of encodePoints(format, counted(), { withRun: false })) rowsInPieces.push(asked)
    assert.deepEqual([...new Set(rowsInPieces)], [1, 2, 3, 4])
  })

  test(`${format}: what goes wrong with the pages is thrown, and they are told when nobody reads on`, async () => {
    const page = randomPages(random, 1, 1, 100_000)[0]
    let isClosed = false
    async function* failing() {
      try {
        yield page
        throw new Error('the disk is gone')
      } finally {
        isClosed = true
      }
    }
    await assert.rejects(Array.fromAsync(encodePoints(format, failing(), { withRun: true })), /the disk is gone/)
    isClosed = false
    for await (const _ of encodePoints(format, failing(), { withRun: true })) break
    assert.ok(isClosed)
  })
}
