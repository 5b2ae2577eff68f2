import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { startTracker, type TrackerProcess } from '@aspara/tracker/testing/tracker-process.ts'
import { httpTransport } from 'aspara/http-transport.ts'
import type { Request } from 'aspara/transport.ts'
import { getJson, type Json } from './read-back.ts'

/**
 * What a client asks and is answered, call after call from an empty tracker on, as plain data: whoever writes a client, or a
 * tracker, can hold it against calls.json. Here it is our tracker that is held against it, asked by HTTP as it is written
 * there and by the TypeScript client's own way to ask.
 */

interface Call {
  name: string
  request: {
    method: string
    /** Under the API's base. `{key}` is what an answer before had under the key, see `keeps`. */
    path: string
    headers?: Record<string, string>
    /** The body, in one of these forms. The first two are sent as `application/json` unless `headers` says otherwise. */
    body?: Json
    text?: string
    multipart?: { name: string; filename?: string; content: string }[]
    /** The body is compressed, and `Content-Encoding` says so. */
    encoding?: 'gzip' | 'zstd'
  }
  answer: {
    status: number
    /** What is answered has this: objects may have more keys, lists as many items. */
    body?: Json
    /** The whole body where it is not JSON. */
    text?: string
    /** What later paths need of the body: texts that are others each time. */
    keeps?: string[]
    /** A part of `detail`. */
    says?: string
    /** Where the first fault of a 422 is. */
    loc?: (string | number)[]
  }
}

const calls: Call[] = JSON.parse(await readFile(new URL('calls.json', import.meta.url), 'utf8'))
const compress = { gzip: gzipSync, zstd: zstdCompressSync }

suite('what a client asks is answered as it stands in calls.json', () => {
  let tracker: TrackerProcess
  before(async () => {
    tracker = await startTracker()
  })
  after(() => tracker.stop())

  const kept: Kept = new Map()
  for (const call of calls) checkCall(call, kept, (request) => send(tracker.api, request))

  test('no call of the API is missing, but the stream, which does not end', async () => {
    const { paths } = await getJson(`${tracker.url}/tracker/docs/tracker/json`)
    const asked = calls.map(({ request }) => `${request.method} ${request.path.replace(/\?.*/, '')}`)
    for (const [path, operations] of Object.entries<Json>(paths)) {
      const address = path.replace(/^.*\/api\/v1/, '').replaceAll(/\{\w+\}/g, '[^/]+')
      for (const method of Object.keys(operations)) {
        if (path.endsWith('/stream')) continue
        const pattern = new RegExp(`^${method.toUpperCase()} ${address}$`)
        assert.ok(
          asked.some((call) => pattern.test(call)),
          `${method} ${path}`,
        )
      }
    }
  })
})

suite('the TypeScript client is answered the same', () => {
  let tracker: TrackerProcess
  before(async () => {
    tracker = await startTracker()
  })
  after(() => tracker.stop())

  let asked = 0
  const kept: Kept = new Map()
  for (const call of calls) {
    if (clientRequest(call)) asked++
    checkCall(call, kept, async (plain) => {
      const request = clientRequest({ ...call, request: plain })
      // What the client never asks has to be asked all the same, for what comes after it.
      if (!request) return send(tracker.api, plain)
      const { status, body } = await httpTransport(tracker.url, undefined)(request, new AbortController().signal)
      return new Response(JSON.stringify(body), { status })
    })
  }

  test('most calls are such as it asks', () => assert.ok(asked > calls.length / 2, `${asked} of ${calls.length}`))
})

/** The call as the client asks it; undefined for what it has no way to ask. */
function clientRequest({ request, answer }: Call): Request | undefined {
  const { method, path, body, headers, text, multipart, encoding } = request
  if (headers || text !== undefined || encoding || answer.text !== undefined) return undefined
  if (!['GET', 'POST', 'PATCH'].includes(method)) return undefined
  const plain = { method: method as Request['method'], path }
  if (!multipart) return body === undefined ? plain : { ...plain, body: JSON.stringify(body) }
  const field = (wanted: string) => multipart.find(({ name, filename }) => name === wanted && !filename)?.content
  const [file] = multipart.filter(({ filename }) => filename !== undefined)
  const known = ['name', 'description', 'category']
  const name = field('name')
  if (!file || name === undefined || !multipart.every((part) => part === file || known.includes(part.name)))
    return undefined
  const upload = {
    name,
    description: field('description'),
    category: field('category'),
    file: new Blob([file.content]),
  }
  return { ...plain, body: upload }
}

/** What answers had that later calls need, by key. */
type Kept = Map<string, string>

function checkCall(
  { name, request, answer }: Call,
  kept: Kept,
  ask: (request: Call['request']) => Promise<Response>,
): void {
  test(name, async () => {
    const path = request.path.replaceAll(/\{(\w+)\}/g, (_, key) => kept.get(key) as string)
    const response = await ask({ ...request, path })
    const text = await response.text()
    assert.equal(response.status, answer.status, text)
    if (answer.text !== undefined) assert.equal(text, answer.text)
    if (answer.body !== undefined) assertHas(JSON.parse(text), answer.body, text)
    for (const key of answer.keeps ?? []) kept.set(key, JSON.parse(text)[key])
    if (answer.says !== undefined) assert.ok(JSON.stringify(JSON.parse(text).detail).includes(answer.says), text)
    if (answer.loc !== undefined) assert.deepEqual(JSON.parse(text).detail[0].loc, answer.loc)
  })
}

function send(
  api: string,
  { method, path, headers, body, text, multipart, encoding }: Call['request'],
): Promise<Response> {
  if (multipart) {
    const form = new FormData()
    for (const { name, filename, content } of multipart) {
      if (filename === undefined) form.append(name, content)
      else form.append(name, new Blob([content]), filename)
    }
    return fetch(`${api}${path}`, { method, headers, body: form })
  }
  const plain = body === undefined ? text : JSON.stringify(body)
  if (plain === undefined) return fetch(`${api}${path}`, { method, headers })
  return fetch(`${api}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(encoding && { 'content-encoding': encoding }), ...headers },
    body: encoding ? new Uint8Array(compress[encoding](plain)) : plain,
  })
}

function assertHas(actual: Json, expected: Json, where: string): void {
  if (typeof expected !== 'object' || expected === null) return assert.deepEqual(actual, expected, where)
  assert.ok(typeof actual === 'object' && actual !== null, where)
  if (Array.isArray(expected)) assert.equal(actual.length, expected.length, where)
  for (const [key, value] of Object.entries(expected)) assertHas(actual[key], value, where)
}
