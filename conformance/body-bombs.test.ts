// Small requests that are large, or hard, once somebody begins to read them: whoever else asks something is answered
// meanwhile, and memory stays within bounds.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, suite, test } from 'node:test'
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { limits } from '@aspara/protocol/limits.ts'
import { exportedPoints, must } from '@aspara/tracker/testing/ask.ts'
import { startTracker, type TrackerProcess } from '@aspara/tracker/testing/tracker-process.ts'
import { mostMemoryMiB, StallWatch } from './stall-watch.ts'

const stallMsMax = 200
const memoryMiBMax = 400
/** What the largest batches leave in the threads that store and compact them comes on top. */
const memoryOfLargestMiBMax = 640
const MiB = 2 ** 20

const fill = (before: string, piece: string, after: string, bytes = 64 * MiB) =>
  Buffer.concat([
    Buffer.from(before),
    Buffer.alloc(Math.floor((bytes - before.length - after.length - 8) / piece.length) * piece.length, piece),
    Buffer.from(after),
  ])

const bombs: Record<string, Buffer> = {
  'a list of zeros': fill('{"x":[', '0,', '0]}'),
  'empty objects': fill('{"x":[', '{},', '{}]}'),
  'empty lists': fill('{"x":[', '[],', '[]]}'),
  'empty texts': fill('{"x":[', '"",', '""]}'),
  objects: fill('{"x":[', '{"a":0},', '{}]}'),
  NaN: fill('{"x":[', 'NaN,', '0]}'),
  'NaN in a text': fill('{"x":"', 'NaN,', '"}'),
  'escapes in a text': fill('{"x":"', '\\u0041', '"}'),
  'escapes in many texts, after a NaN': fill('{"x":[NaN,', `"${'\\n'.repeat(40)}",`, '0]}', 30 * MiB),
  'lists in lists': fill('{"x":', '[', '', 8 * MiB),
  'objects in objects': fill('{"x":', '{"a":', '', 8 * MiB),
  'four million keys': Buffer.from(
    `{"metrics":{${Array.from({ length: 4_000_000 }, (_, index) => `"${index}":[1]`).join()}}}`,
  ),
  'one number': fill('{"x":', '9', '}', 30 * MiB),
  spaces: fill('{', ' ', '"x":1}', 30 * MiB),
  quotes: fill('', '"', '', 30 * MiB),
  'one sign that is not ASCII': fill('{"x":[', '0.25,', '"é"]}', 5 * MiB),
}

/** As many cells as a batch may have, in columns with gaps and words. */
function largestBatch(columns: number): object {
  const rows = Math.floor(limits.batchCellsMax / (columns + 2))
  const cell = (index: number) => (index % 97 === 0 ? null : index % 89 === 0 ? 'NaN' : Math.sin(index) * 1e-5)
  const metrics = Array.from({ length: columns }, (_, column) => [
    `metric-${column}`,
    Array.from({ length: rows }, (_, row) => cell(column * rows + row)),
  ])
  return {
    writer: randomUUID(),
    sequence: 0,
    steps: Array.from({ length: rows }, (_, row) => row),
    timestamps: Array.from({ length: rows }, (_, row) => 1_700_000_000_000 + row + 0.125),
    metrics: Object.fromEntries(metrics),
  }
}

suite('however a body is made', { timeout: 300_000 }, () => {
  let tracker: TrackerProcess
  before(async () => {
    tracker = await startTracker()
  })
  after(() => tracker?.stop())

  const send = async (path: string, body: Uint8Array, encoding?: string) => {
    const headers = { 'content-type': 'application/json', ...(encoding && { 'content-encoding': encoding }) }
    const request = { method: 'POST', headers, body: body as Uint8Array<ArrayBuffer> }
    const response = await fetch(`${tracker.api}/projects/p/runs${path}`, request)
    return { status: response.status, text: await response.text() }
  }
  /** Sends several at once, and holds the tracker to what it promises meanwhile. */
  async function sendAll(requests: (() => Promise<{ status: number; text: string }>)[], memoryMax = memoryMiBMax) {
    const watch = new StallWatch(tracker)
    const answers = await Promise.all(requests.map((request) => request()))
    const worstMs = await watch.end()
    assert.ok(worstMs <= stallMsMax, `a request waited for ${worstMs.toFixed(0)} ms of work`)
    const memory = mostMemoryMiB(tracker)
    assert.ok(memory <= memoryMax, `the tracker took ${memory.toFixed(0)} MiB`)
    return answers
  }

  for (const [name, bomb] of Object.entries(bombs)) {
    for (const [encoding, compress] of [
      ['gzip', gzipSync],
      ['zstd', zstdCompressSync],
    ] as const) {
      test(`${name} in ${encoding}, six at once, stall nobody`, async () => {
        const body = compress(bomb)
        const six = Array.from({ length: 6 }, () => () => send('/r/metrics/batch', body, encoding))
        for (const { status, text } of await sendAll(six)) assert.ok([413, 422].includes(status), `${status} ${text}`)
      })
    }
  }

  test('calls that take less expand less', async () => {
    for (const path of ['/r/metrics', '/r/config', '/r/tags', '']) {
      const body = gzipSync(fill('{"config":{"x":"', 'a', '"}}', 4 * MiB))
      const [{ status, text }] = await sendAll([() => send(path, body, 'gzip')])
      assert.equal(status, 413, text)
      assert.match(JSON.parse(text).detail, /^Body is larger than \d+ bytes$/)
    }
  })

  test('documents of the largest size that are hard to read stall nobody', async () => {
    const size = limits.recordBytesMax - 64
    const keys = `{"config":{${Array.from({ length: 80_000 }, (_, index) => `"${index * 7919}":1`).join()}}}`
    const bodies = [
      fill('{"config":{"x":[', '{},', '{}]}}', size),
      fill('{"config":{"x":', '[', '', size),
      fill('{"config":{"x":', '{"a":', '', size),
      fill('{"config":{"x":[', 'NaN,', '0]}}', size),
      fill('{"metrics":{"x":[', '[],', '0]}}', size),
      Buffer.from(keys),
    ]
    await must('POST', `${tracker.api}/projects/p/runs`, { name: 'r' })
    const all = bodies.flatMap((body) => ['', '/r/config', '/r/summary', '/r/metrics'].map((path) => ({ body, path })))
    for (const { status, text } of await sendAll(
      all.map(
        ({ path, body }) =>
          () =>
            send(path, body),
      ),
    )) {
      assert.ok(status < 500, `${status} ${text.slice(0, 200)}`)
    }
  })

  test('a body in brotli is refused as it comes', async () => {
    const [{ status }] = await sendAll([() => send('/r/metrics/batch', brotliCompressSync(bombs.NaN), 'br')])
    assert.equal(status, 415)
  })

  test('a frame of zstd that asks for a huge window gets none', async () => {
    // Magic number, a header with a window of 128 MiB and no size, one empty last block.
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x88, 0x01, 0x00, 0x00])
    const [{ status }] = await sendAll([() => send('/r/metrics/batch', frame, 'zstd')])
    assert.equal(status, 400)
  })

  test('the largest batches are stored, and stall nobody either', async () => {
    for (const columns of [1, 100, 9_000]) {
      const batch = largestBatch(columns) as { steps: number[]; metrics: Record<string, unknown[]> }
      const text = Buffer.from(JSON.stringify(batch))
      const run = `largest-${columns}`
      const plain = () => send(`/${run}/metrics/batch`, zstdCompressSync(text), 'zstd')
      const [answer] = await sendAll([plain], memoryOfLargestMiBMax)
      assert.deepEqual(JSON.parse(answer.text), { status: 'ok', next_sequence: 1 })
      const [again] = await sendAll(
        [() => send(`/${run}/metrics/batch`, gzipSync(text), 'gzip')],
        memoryOfLargestMiBMax,
      )
      assert.equal(JSON.parse(again.text).duplicate, true)
      const { metrics } = await must('GET', `${tracker.api}/projects/p/runs/${run}/metrics`)
      const counted = metrics.reduce((sum: number, { count }: { count: number }) => sum + count, 0)
      const sent = Object.values(batch.metrics).flat()
      assert.equal(counted, sent.filter((cell) => cell !== null).length)
    }
    const points = await exportedPoints(`${tracker.api}/projects/p/runs/largest-100`, '?metric=metric-7')
    const { metrics, steps } = largestBatch(100) as { steps: number[]; metrics: Record<string, unknown[]> }
    const expected = metrics['metric-7'].map((value, row) => ({ step: steps[row], value }))
    assert.deepEqual(
      points.map(({ step, value }) => ({ step, value })),
      expected.filter(({ value }) => value !== null),
    )
  })
})
