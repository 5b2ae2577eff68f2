import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { startTracker, type TrackerProcess } from '@aspara/tracker/testing/tracker-process.ts'
import { sendRaw } from './raw-request.ts'
import { type Json, post, send, snapshot } from './read-back.ts'
import { troubles } from './tracker-log.ts'

/**
 * Every request of bad-inputs.json is sent to one and the same tracker. Each has to get the answer that stands there, a 4xx
 * that says what is wrong, and none may change anything: all that the tracker holds is read before and after each.
 */

interface BadInput {
  name: string
  /** Method and address. An address that does not begin with a slash is one of the API's. */
  request?: string
  /** Instead of all the rest: the bytes, as Latin-1. */
  raw?: string
  headers?: Record<string, string | null>
  /** The body, in one of these forms. JSON and text are sent as `application/json` unless `headers` says otherwise. */
  body?: Json
  text?: string
  base64?: string
  multipart?: { name: string; filename?: string; content: string }[]
  encoding?: 'gzip' | 'zstd'
  /** So many bytes are missing at the end of the body. */
  cut?: number
  /** Sent in chunks, without its length. */
  chunked?: boolean
  status: number
  /** Stands in what is answered as `detail`. */
  says?: string
  /** Where the first fault of a 422 is. */
  loc?: (string | number)[]
}

const inputs: BadInput[] = JSON.parse(await readFile(new URL('bad-inputs.json', import.meta.url), 'utf8'))
const writer = '11111111-1111-4111-8111-111111111111'
const boundary = '----conformance'

suite('a bad request is refused by name and changes nothing', () => {
  let tracker: TrackerProcess
  let held: Json

  before(async () => {
    tracker = await startTracker()
    await fill(tracker.api)
    held = await snapshot(tracker.api)
  })
  after(() => tracker.stop())

  for (const input of inputs) {
    test(input.name, async () => {
      const heldBefore = held
      const answer = await sendRaw(tracker.port, requestOf(input, tracker.port))
      held = await snapshot(tracker.api)
      assert.equal(answer.status, input.status, answer.body)
      assert.match(answer.headers.get('content-type') ?? '', /^application\/json\b/)
      const { detail } = JSON.parse(answer.body)
      if (input.loc) {
        assert.deepEqual(detail[0].loc, input.loc.map(expand), answer.body)
        assert.equal(typeof detail[0].msg, 'string')
        assert.equal(typeof detail[0].type, 'string')
      }
      if (input.says !== undefined) assert.ok(answer.body.includes(input.says), answer.body)
      assert.deepEqual(held, heldBefore)
    })
  }

  test('none of them put an error or a stack trace into the log', () => {
    assert.deepEqual(troubles(tracker), [])
  })

  test('after all of them the tracker takes good requests', async () => {
    const batch = { writer, sequence: 1, steps: [4], metrics: { loss: [0.1] } }
    const url = `${tracker.api}/projects/kept/runs/kept/metrics/batch`
    assert.deepEqual(await post(url, batch), { status: 'ok', next_sequence: 2 })
  })
})

/** A little of everything, so that there is something to spoil. */
async function fill(api: string): Promise<void> {
  const runs = `${api}/projects/kept/runs`
  await post(runs, { name: 'kept', tags: ['a'], notes: 'n', config: { a: { b: 1 } }, project_tags: ['p'] })
  await post(`${runs}/kept/summary`, { summary: { best: 1 } })
  await post(`${runs}/kept/metrics`, { step: 1, metrics: { loss: 0.5, accuracy: 0.5 } })
  await post(`${runs}/kept/metrics/batch`, { writer, sequence: 0, steps: [2, 3], metrics: { loss: [0.3, 'NaN'] } })
  const form = new FormData()
  form.append('file', new Blob(['0123456789'.repeat(10)]), 'kept.bin')
  assert.equal((await fetch(`${runs}/kept/artifacts`, { method: 'POST', body: form })).status, 200)
  await post(runs, { name: 'ended' })
  await post(`${runs}/ended/finish`, { exit_code: 1 })
  const described = await send('PATCH', `${api}/projects/kept`, { display_name: 'Kept', notes: 'As it is' })
  assert.equal(described.status, 200)
}

function requestOf(input: BadInput, port: number): Buffer {
  if (input.raw !== undefined) return Buffer.from(expand(input.raw), 'latin1')
  const [method, address] = expand(input.request!).split(' ') as [string, string]
  const body = bodyOf(input)
  const headers: Record<string, string | null> = { Host: `127.0.0.1:${port}` }
  if (body) {
    headers['Content-Type'] = input.multipart ? `multipart/form-data; boundary=${boundary}` : 'application/json'
    if (input.encoding) headers['Content-Encoding'] = input.encoding
    if (input.chunked) headers['Transfer-Encoding'] = 'chunked'
    else headers['Content-Length'] = String(body.length)
  }
  Object.assign(headers, input.headers)
  const head = [
    `${method} ${address.startsWith('/') ? address : `/tracker/api/v1/${address}`} HTTP/1.1`,
    ...Object.entries(headers).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`])),
  ]
  const sent = body && input.chunked ? inChunks(body) : (body ?? Buffer.alloc(0))
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), sent])
}

function bodyOf(input: BadInput): Buffer | undefined {
  const plain = plainBodyOf(input)
  if (!plain) return undefined
  const encoded =
    input.encoding === 'gzip' ? gzipSync(plain) : input.encoding === 'zstd' ? zstdCompressSync(plain) : plain
  return encoded.subarray(0, encoded.length - (input.cut ?? 0))
}

function plainBodyOf(input: BadInput): Buffer | undefined {
  if (input.base64 !== undefined) return Buffer.from(input.base64, 'base64')
  if (input.text !== undefined) return Buffer.from(expand(input.text))
  if (input.body !== undefined) return Buffer.from(expand(JSON.stringify(input.body)))
  if (!input.multipart) return undefined
  const parts = input.multipart.map(({ name, filename, content }) => {
    const file = filename === undefined ? '' : `; filename="${filename}"`
    return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${expand(content)}\r\n`
  })
  return Buffer.from(`${parts.join('')}--${boundary}--\r\n`)
}

/** `«ab×3»` stands for `ababab`, and `«k#,×3»` for `k0,k1,k2,`: large inputs are written small. */
function expand<Text extends string | number>(text: Text): Text {
  if (typeof text === 'number') return text
  return text.replace(/«([^×]*)×(\d+)»/gs, (_, unit: string, times: string) =>
    unit.includes('#')
      ? Array.from({ length: Number(times) }, (_, index) => unit.replace('#', String(index))).join('')
      : unit.repeat(Number(times)),
  ) as Text
}

function inChunks(body: Buffer): Buffer {
  const chunks: Buffer[] = []
  for (let offset = 0; offset < body.length; offset += 65_536) {
    const chunk = body.subarray(offset, offset + 65_536)
    chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'))
  }
  return Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')])
}
