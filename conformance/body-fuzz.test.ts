// 10,000 bodies that are almost right, in type, in structure or in bytes: none stalls the tracker, none is a fault of its own,
// and what is refused leaves nothing behind.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { exportedPoints, must } from '@aspara/tracker/testing/ask.ts'
import { startTracker } from '@aspara/tracker/testing/tracker-process.ts'
import { chanceOf, changed } from './hostile-answers.ts'
import { StallWatch } from './stall-watch.ts'

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
const bodiesMax = 10_000
const atOnce = 24
const stallMsMax = 200

/** Bodies that are right, by the call that takes them; `*` is a name of its own for each. */
const calls: [method: string, path: string, body: () => object][] = [
  [
    'POST',
    '/runs/*/metrics',
    () => ({ step: 3, timestamp: '2026-01-01T00:00:00Z', metrics: { loss: 0.5, 'val/acc': 1 } }),
  ],
  [
    'POST',
    '/runs/*/metrics/batch',
    () => ({
      ...{ writer: randomUUID(), sequence: 0, steps: [0, 1, null], timestamps: [1.7e12, 1.7e12, null] },
      ...{ metrics: { loss: [1, 'NaN', null], acc: [0, true, 2] }, label: 'rank 0', client: { pid: 7 } },
    }),
  ],
  [
    'POST',
    '/runs',
    () => ({
      ...{ name: '*', id: '*', config: { lr: 0.1, deep: { a: [1, { b: null }] } }, tags: ['a'], notes: 'n' },
      ...{ project_tags: ['p'], resume: false, group: 'g', job_type: 'j', display_name: 'shown', writer: randomUUID() },
    }),
  ],
  ['POST', '/runs/kept/config', () => ({ config: { lr: 0.1, list: [1, 2, { a: 'b' }] } })],
  ['POST', '/runs/kept/summary', () => ({ summary: { best: 0.9 } })],
  ['POST', '/runs/kept/tags', () => ({ tags: ['a', 'b'] })],
  ['POST', '/runs/kept/finish', () => ({ exit_code: 0, time: '2026-01-01T00:00:00Z', reason: 'done' })],
  ['PATCH', '/runs/kept', () => ({ display_name: 'x', tags: ['t'], notes: 'n' })],
  ['PUT', '/views/mine', () => ({ view: { columns: ['a'], metrics: 'loss' } })],
  ['PATCH', '', () => ({ display_name: 'p', tags: [], notes: '' })],
]

const codings: ((body: Buffer) => [Buffer, string])[] = [
  (body) => [gzipSync(body), 'gzip'],
  (body) => [zstdCompressSync(body), 'zstd'],
  (body) => [gzipSync(body), 'zstd'],
  (body) => [deflateSync(body), 'gzip'],
  (body) => [gzipSync(body).subarray(0, -5), 'gzip'],
  (body) => [zstdCompressSync(body).subarray(0, -3), 'zstd'],
  (body) => [body, 'gzip'],
  (body) => [Buffer.concat([gzipSync(body), Buffer.from('more')]), 'gzip'],
  (body) => [gzipSync(gzipSync(body)), 'gzip'],
]

/** The bytes with something in them changed, left out, or there twice. */
function scrambled(body: Buffer, chance: (below: number) => number): Buffer {
  const at = chance(body.length + 1)
  const rest = body.subarray(at)
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    ':',
    '\\',
    '\0',
    '\\ud800',
    'NaN',
    '-Infinity',
    '1e999',
    '{}',
    '"a":1,',
    '\u00e9',
    ' ',
  ]
  switch (chance(5)) {
    case 0:
      return body.subarray(0, at)
    case 1:
      return Buffer.concat([body.subarray(0, at), Buffer.from(pieces[chance(pieces.length)]), rest])
    case 2:
      return Buffer.concat([
        body.subarray(0, at),
        Buffer.from(pieces[chance(pieces.length)].repeat(chance(5_000))),
        rest,
      ])
    case 3:
      return Buffer.concat([body.subarray(0, at), rest.subarray(chance(8) + 1)])
    default:
      return Buffer.concat([body.subarray(0, at), Buffer.from([chance(256)]), rest.subarray(1)])
  }
}

test('no body stalls the tracker or is a fault of its own, and what is refused leaves nothing', {
  timeout: 240_000,
}, async (t) => {
  t.diagnostic(`SEED=${seed}`)
  const chance = chanceOf(seed)
  const tracker = await startTracker()
  t.after(() => tracker.stop())
  const project = `${tracker.api}/projects/p`
  await must('POST', `${project}/runs`, { name: 'kept' })
  const refused = new Set<string>()
  /** Names that a body asked for and got: with a digit cut off, `run-61` is the name of another. */
  const created = new Set<string>()
  const statuses = new Map<number, number>()
  const watch = new StallWatch(tracker)

  async function sendOne(number: number): Promise<void> {
    const [method, path, make] = calls[chance(calls.length)]
    const name = `run-${number}`
    const right = JSON.parse(JSON.stringify(make()).replaceAll('"*"', `"${name}"`))
    let value = right
    for (let count = chance(4); count > 0; count--) value = changed(value, chance)
    let body = Buffer.from(JSON.stringify(value) ?? 'null')
    if (chance(3) === 0) body = scrambled(body, chance) as typeof body
    const headers: Record<string, string> = { 'content-type': 'application/json' }
    if (chance(4) === 0)
      [body, headers['content-encoding']] = codings[chance(codings.length)](body) as [typeof body, string]
    const isInPieces = chance(6) === 0
    const content = isInPieces ? new Blob([body]).stream() : body
    const url = project + path.replace('*', name)
    const response = await fetch(url, { method, headers, body: content, duplex: 'half' } as RequestInit)
    const text = await response.text()
    const { status } = response
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    assert.ok(
      status < 500 || status === 503,
      `${method} ${path} answered ${status} ${text} to ${body.toString('base64')}`,
    )
    if (status >= 400) assert.ok(JSON.parse(text).detail, text)
    if (status >= 400 && path.includes('*')) refused.add(name)
    if (status === 200 && path === '/runs') created.add(JSON.parse(text).name)
  }

  let sent = 0
  const sendMany = async () => {
    while (sent < bodiesMax) await sendOne(sent++)
  }
  await Promise.all(Array.from({ length: atOnce }, sendMany))
  const worstMs = await watch.end()
  t.diagnostic(
    `${[...statuses].map(([status, count]) => `${status}: ${count}`).join(', ')}; at most ${worstMs.toFixed(0)} ms of work`,
  )
  assert.ok(worstMs <= stallMsMax, `a request waited for ${worstMs} ms of work`)
  assert.ok((statuses.get(200) ?? 0) > bodiesMax / 10 && (statuses.get(422) ?? 0) > bodiesMax / 10)

  for (let cursor = ''; ; ) {
    const page = await must('GET', `${project}/runs?limit=1000${cursor}`)
    for (const { name } of page.runs) {
      assert.ok(!refused.has(name) || created.has(name), `${name} was refused, and is there`)
    }
    if (!page.next_cursor) break
    cursor = `&cursor=${encodeURIComponent(page.next_cursor)}`
  }
  const batch = { writer: randomUUID(), sequence: 0, steps: [1, 2], metrics: { a: [1, 2] } }
  await must('POST', `${project}/runs/after/metrics/batch`, batch)
  await must('POST', `${project}/runs/after/metrics`, { step: 3, metrics: { a: 3 } })
  const points = await exportedPoints(`${project}/runs/after`)
  assert.deepEqual(
    points.map(({ step, value }) => [step, value]),
    [1, 2, 3].map((step) => [step, step]),
  )
})
