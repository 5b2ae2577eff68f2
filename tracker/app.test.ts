import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { limits } from '@aspara/protocol/limits.ts'
import { embedded, openStore } from '@aspara/store/store.ts'
import { pino } from 'pino'
import { buildApp } from './app.ts'
import { trackerSettings } from './config.ts'
import { Telemetry } from './routes/prometheus.ts'
import { ask, must } from './testing/ask.ts'
import { exchange, RawConnection } from './testing/raw-connection.ts'
import { startTracker, type TrackerProcess, temporaryFolder } from './testing/tracker-process.ts'

let tracker: TrackerProcess
before(async () => {
  tracker = await startTracker()
  await must('POST', `${tracker.api}/projects/p/runs`, { name: 'r', config: { lr: 0.1 } })
  await must('POST', `${tracker.api}/projects/p/runs/r/metrics`, {
    step: 1,
    timestamp: 1_769_850_000_005,
    metrics: { loss: 0.5 },
  })
})
after(() => tracker.stop())

/** The calls of the API as its document has them, but the one whose answer has no end. */
async function calls(): Promise<{ path: string; methods: string[] }[]> {
  const { paths } = await must('GET', `${tracker.url}/tracker/docs/tracker/json`)
  const finite = Object.entries<object>(paths).filter(([path]) => !path.endsWith('/stream'))
  return finite.map(([path, methods]) => ({
    path: path.replace('{project}', 'p').replace('{run}', 'r').replace('{artifact}', 'a').replace('{view}', 'v'),
    methods: Object.keys(methods).map((method) => method.toUpperCase()),
  }))
}

suite('both bases', () => {
  test('answer every call alike', async () => {
    for (const { path, methods } of await calls()) {
      const bare = path.replace('/tracker/api/v1', '/api/v1')
      assert.notEqual(bare, path)
      for (const method of methods) {
        if (method === 'DELETE') continue // A second one has nothing to delete.
        const body =
          method === 'GET' || method === 'HEAD'
            ? undefined
            : { step: 2, timestamp: 1_769_850_000_006, metrics: { loss: 1 } }
        const [one, other] = [
          await ask(method, `${tracker.url}${path}`, body),
          await ask(method, `${tracker.url}${bare}`, body),
        ]
        assert.equal(one.status, other.status, `${method} ${path}`)
        // A list of runs says when each was heard from, and a created one has a name of its own.
        if (method === 'GET') assert.deepEqual(one.body, other.body, path)
        assert.deepEqual([...one.headers.keys()], [...other.headers.keys()])
      }
    }
  })

  test('write to the same runs', async () => {
    await must('POST', `${tracker.url}/api/v1/projects/both/runs`, { name: 'r' })
    await must('POST', `${tracker.url}/tracker/api/v1/projects/both/runs/r/metrics`, { metrics: { a: 1 } })
    await must('POST', `${tracker.url}/api/v1/projects/both/runs/r/metrics`, { metrics: { a: 2 } })
    const [metric] = (await must('GET', `${tracker.url}/api/v1/projects/both/runs/r/metrics`)).metrics
    assert.deepEqual([metric.count, metric.first, metric.last], [2, 1, 2])
  })
})

suite('what is not there', () => {
  test('is a 404 in JSON, whatever the address and the method', async () => {
    const paths = ['/nowhere', '/api', '/api/v1', '/api/v1/', '/api/v2/health', '/tracker/api/v1/projects/p/runs/r/x']
    paths.push('/apix/v1/health', '/tracker/api/v1/healthy', '/%', '/api/v1/projects/%zz', '/..%2f..%2fetc/passwd')
    for (const path of paths) {
      for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
        const head = [`${method} ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close']
        const { status, headers, body } = await exchange(tracker.port, head)
        assert.ok(status === 404 || (path.includes('%') && status === 400), `${method} ${path} answered ${status}`)
        assert.match(headers.get('content-type') ?? '', /^application\/json/)
        assert.equal(typeof JSON.parse(body).detail, 'string')
        assert.doesNotMatch(body, /node_modules|\.ts/)
      }
    }
  })

  test('with a body that is no JSON is still a 404, not a complaint about the body', async () => {
    const response = await fetch(`${tracker.url}/nowhere`, { method: 'POST', body: '<xml/>' })
    assert.deepEqual([response.status, await response.json()], [404, { detail: 'Not Found' }])
  })

  test('as a method of an address that is there is a 405 in JSON, with the ones that are in Allow', async () => {
    const addresses = [...(await calls()), { path: '/', methods: ['GET'] }, { path: '/metrics', methods: ['GET'] }]
    for (const { path, methods } of addresses) {
      const allowed = new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods)
      for (const base of [path, path.replace('/tracker/api/v1', '/api/v1')]) {
        for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].filter((one) => !allowed.has(one))) {
          const { status, headers, body } = await ask(
            method,
            `${tracker.url}${base}`,
            method === 'GET' ? undefined : {},
          )
          assert.equal(status, 405, `${method} ${base}`)
          assert.deepEqual(new Set(headers.get('allow')?.split(', ')), allowed)
          assert.deepEqual(body, { detail: 'Method Not Allowed' })
        }
      }
    }
  })
})

suite('a refusal arrives, however much is still being sent', () => {
  const large = Buffer.alloc(8 * 1024 * 1024, 0x20)
  const cases: [string, string, Record<string, string>, number][] = [
    ['a body that is too large', '/api/v1/projects/p/runs/r/metrics', { 'content-type': 'application/json' }, 413],
    ['a body of a type that is not taken', '/api/v1/projects/p/runs/r/metrics', { 'content-type': 'text/xml' }, 415],
    ['an address that is not there', '/nowhere', { 'content-type': 'application/json' }, 404],
    ['a method that is not there', '/api/v1/health', { 'content-type': 'application/json' }, 405],
    ['a name that is none', '/api/v1/projects/no%20name/runs', { 'content-type': 'application/json' }, 400],
    ['a page of another site', '/api/v1/projects/p/runs', { origin: 'https://evil.example' }, 403],
  ]
  for (const [what, path, headers, expected] of cases) {
    test(what, async () => {
      const known = await fetch(`${tracker.url}${path}`, { method: 'POST', headers, body: large })
      assert.equal(known.status, expected)
      assert.equal(typeof (await known.json()).detail, 'string')

      // In chunks: how much is to come is not known before.
      const body = new ReadableStream({
        async pull(controller) {
          for (let at = 0; at < large.length; at += 65_536) controller.enqueue(large.subarray(at, at + 65_536))
          controller.close()
        },
      })
      const request = { method: 'POST', headers, body, duplex: 'half' } as RequestInit
      const streamed = await fetch(`${tracker.url}${path}`, request)
      assert.equal(streamed.status, expected)
      assert.equal(typeof (await streamed.json()).detail, 'string')
    })
  }

  test('and of a compressed body that grows beyond all bounds', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    const body = gzipSync(Buffer.alloc(limits.batchBytesExpandedMax + 1, 0x20))
    const url = `${tracker.api}/projects/p/runs/r/metrics/batch`
    const response = await fetch(url, { method: 'POST', headers, body })
    assert.equal(response.status, 413)
    assert.match((await response.json()).detail, new RegExp(`larger than ${limits.batchBytesExpandedMax} bytes`))
  })
})

test('what is not HTTP is told so in JSON, and its connection ends', async () => {
  const cases: [string, number][] = [
    ['Hello\r\n\r\n', 400],
    ['GET / HTTP/9.9\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n', 400],
    [`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
    ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400], // TLS: https was typed instead of http.
  ]
  for (const [bytes, expected] of cases) {
    const connection = await RawConnection.open(tracker.port)
    connection.socket.write(bytes, 'latin1')
    const { status, body } = await connection.answer()
    assert.equal(status, expected, bytes.slice(0, 40))
    assert.equal(typeof JSON.parse(body).detail, 'string')
  }
})

test('the server itself ends what the limits say: late heads, late bodies, idle and stuck connections', async (t) => {
  const dataDir = await temporaryFolder()
  const telemetry = new Telemetry()
  const store = await openStore({ ...embedded(dataDir), observer: telemetry, onDeath: (error) => assert.fail(error) })
  const settings = trackerSettings({ 'data-dir': dataDir }, {})
  const app = await buildApp({ settings, store, telemetry, logger: pino({ level: 'silent' }) })
  t.after(async () => {
    await app.close()
    await store.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  const { headersTimeout, requestTimeout, keepAliveTimeout, timeout } = app.server
  const { connectionsCheckingInterval } = app.server as unknown as { connectionsCheckingInterval: number }
  // It is between looks that a head may be late: Node's own 30 s would triple its time.
  assert.ok(connectionsCheckingInterval <= limits.headersMs / 3)
  assert.deepEqual(
    { headersTimeout, requestTimeout, keepAliveTimeout, timeout },
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.uploadMs,
      keepAliveTimeout: limits.keepAliveMs,
      timeout: limits.stalledMs,
    },
  )
})
