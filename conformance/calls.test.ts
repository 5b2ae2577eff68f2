import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { startTracker, type TrackerProcess } from '@aspara/tracker/testing/tracker-process.ts'
import { getJson, type Json } from './read-back.ts'

/**
 * What a client asks and is answered, call after call from an empty tracker on, as plain data: whoever writes a client, or a
 * tracker, can hold it against calls.json. Here it is our tracker that is held against it.
 */

interface Call {
  name: string
  request: {
    method: string
    /** Under the API's base. */
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

  for (const { name, request, answer } of calls) {
    test(name, async () => {
      const response = await send(tracker.api, request)
      const text = await response.text()
      assert.equal(response.status, answer.status, text)
      if (answer.text !== undefined) assert.equal(text, answer.text)
      if (answer.body !== undefined) assertHas(JSON.parse(text), answer.body, text)
      if (answer.says !== undefined) assert.ok(JSON.stringify(JSON.parse(text).detail).includes(answer.says), text)
      if (answer.loc !== undefined) assert.deepEqual(JSON.parse(text).detail[0].loc, answer.loc)
    })
  }

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
