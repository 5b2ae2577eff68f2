// What a training notices of a tracker that is not there, or is worse than that: nothing. What it logged arrives once there
// is one that works.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer as createHttpServer, request as passRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { runAspara, startTracker } from '@aspara/tracker/testing/tracker-process.ts'
import { init } from 'aspara'
import { runPython } from './python.ts'
import { exportSeries, getRun } from './read-back.ts'

/** Every connection gets the same treatment; the port is freed by `close`. */
async function serve(t: TestContext, treat: (socket: Socket) => void): Promise<{ port: number; server: Server }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    treat(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, server }
}

const answer = (text: string) => (socket: Socket) =>
  socket.on('data', () => socket.write(`${text}\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\noops`))

const answerJson = (head: string, body: object) => (socket: Socket) => {
  const text = JSON.stringify(body)
  socket.on('data', () =>
    socket.write(`${head}\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`),
  )
}
const elsewhere = 'HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:9/'

const kinds: Record<string, (socket: Socket) => void> = {
  'cuts every connection': (socket) => socket.destroy(),
  'takes everything and says nothing': (socket) => socket.resume(),
  'reads nothing': (socket) => socket.pause(),
  'answers 500': answer('HTTP/1.1 500 Internal Server Error'),
  'answers 404 as something else that listens there': answer('HTTP/1.1 404 Not Found'),
  'answers 200 with a page of its own': answer('HTTP/1.1 200 OK'),
  'answers 404 with JSON of something else': answerJson('HTTP/1.1 404 Not Found', { error: 'no such route' }),
  'answers 400 with JSON of something else': answerJson('HTTP/1.1 400 Bad Request', { error: 'what?' }),
  'is a proxy that wants a password': answerJson('HTTP/1.1 407 Proxy Authentication Required', { detail: 'who?' }),
  'is somewhere else': answerJson(elsewhere, { detail: 'moved' }),
  'answers one byte a second': (socket) => {
    const text = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2000\r\n\r\n'
    let sent = 0
    const timer = setInterval(() => socket.write(text[sent++] ?? ' '), 1_000)
    socket.resume().on('close', () => clearInterval(timer))
  },
  'speaks something else': (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'aspara-test-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Half a second of a loop that does 1 ms of work a step. @returns the median of a call of `log`, in microseconds */
async function train(log: (step: number) => void): Promise<number> {
  const times: number[] = []
  for (let step = 0; step < 400; step++) {
    const began = performance.now()
    log(step)
    times.push((performance.now() - began) * 1_000)
    await sleep(1)
  }
  return times.sort((one, other) => one - other)[times.length >> 1] as number
}

for (const [kind, treat] of Object.entries(kinds)) {
  test(`with a tracker that ${kind}, log takes microseconds and finish its limit; sync then brings all`, async (t) => {
    const { port } = await serve(t, treat)
    const dir = folder(t)
    const run = await init({
      project: 'p',
      name: 'r',
      trackerUri: `http://127.0.0.1:${port}`,
      dir,
      config: { lr: 0.1 },
      settings: { quiet: true },
    })
    const median = await train((step) => run.log({ loss: step, accuracy: -step }))
    assert.ok(median < 200, `a call of log took ${median} µs`)
    const began = performance.now()
    const finished = await run.finish({ flushTimeoutMs: 500 })
    const took = performance.now() - began
    assert.ok(took < 1_500, `finish took ${took} ms`)
    assert.deepEqual(finished, { isSent: false, rowsWaiting: 400, lost: 0 })

    const tracker = await startTracker()
    t.after(() => tracker.stop())
    const synced = await runAspara(['sync', dir, '--tracker-uri', tracker.url])
    assert.deepEqual([synced.exitCode, synced.stdout], [0, 'p/r: 400 rows sent\n'])
    assert.equal((await exportSeries(tracker.api, 'p', 'r', 'loss')).length, 400)
    const { status, config } = await getRun(tracker.api, 'p', 'r')
    assert.deepEqual([status, config], ['finished', { lr: 0.1 }])
    const verified = await runAspara(['verify', 'r', '--dir', dir, '--tracker-uri', tracker.url])
    assert.deepEqual(
      [verified.exitCode, /: equal: 400 rows, 800 points/.test(verified.stdout)],
      [0, true],
      verified.stdout,
    )
  })
}

test('with nothing that listens, finish says what is left and how to send it', async (t) => {
  const { port, server } = await serve(t, (socket) => socket.destroy())
  server.close()
  const dir = folder(t)
  const said: string[] = []
  t.mock.method(process.stderr, 'write', (text: string) => said.push(text) > 0)
  const run = await init({ project: 'p', name: 'r', trackerUri: `http://127.0.0.1:${port}`, dir })
  run.log({ loss: 1 })
  const began = performance.now()
  const { isSent, rowsWaiting } = await run.finish()
  t.mock.restoreAll()
  assert.deepEqual([isSent, rowsWaiting], [false, 1])
  assert.ok(performance.now() - began < 5_000)
  assert.match(said.join(''), /^aspara: the tracker can't be reached \(.*ECONNREFUSED/)
  assert.match(said.join(''), new RegExp(`1 row of p/r is not sent yet .*; send it with: aspara sync ${dir}/`))
  // Within a second it says what it waits for.
  assert.match(said[1], /^aspara: sending 1 rows of p\/r to http:.*\. Ctrl-C skips the wait; what is not sent stays/)
  assert.equal(said.length, 3)
})

test('a tracker that goes away and comes back gets what it missed, exactly once', async (t) => {
  const data = folder(t)
  const dir = folder(t)
  let tracker = await startTracker({ dataDir: data })
  t.after(() => tracker.kill())
  const run = await init({ project: 'p', name: 'r', trackerUri: tracker.url, dir, settings: { quiet: true } })
  let step = 0
  const log = (rows: number) => {
    for (const end = step + rows; step < end; step++) run.log({ loss: step })
  }
  for (let round = 0; round < 3; round++) {
    log(500)
    // In the middle of what it is being sent.
    const flushed = run.flush(60_000)
    await sleep(round * 5)
    await tracker.kill()
    log(500)
    tracker = await startTracker({ dataDir: data, port: tracker.port })
    assert.equal(await flushed, true)
  }
  log(100)
  assert.equal((await run.finish()).isSent, true)
  const series = await exportSeries(tracker.api, 'p', 'r', 'loss')
  assert.deepEqual(
    series,
    Array.from({ length: 3_100 }, (_, index) => [index, index]),
  )
  await tracker.stop()
})

const PYTHONPATH = fileURLToPath(new URL('../python/src', import.meta.url))
const training = `
import aspara
run = aspara.init(project="p", name="r")
run.log({"loss": 1})
run.flush()
run.config["lr"] = 0.1
run.finish()
`

for (const [kind, status, headers, body] of [
  ['a proxy that wants a password', 407, {}, { detail: 'who?' }],
  ['a redirect', 307, { location: 'http://127.0.0.1:9/' }, { detail: 'moved' }],
  ['JSON of something else', 400, {}, { error: 'what?' }],
  ['a page', 200, {}, ['a list']],
] as const) {
  for (const language of ['typescript', 'python'] as const)
    test(`${language}: what is answered for a while by ${kind} is told again, and nothing of it is given up`, async (t) => {
      const tracker = await startTracker()
      t.after(() => tracker.stop())
      let left = 2
      const between = createHttpServer((request, response) => {
        if (request.url?.endsWith('/config') && left-- > 0) {
          request.resume()
          response.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(body))
          return
        }
        const options = { port: tracker.port, path: request.url, method: request.method, headers: request.headers }
        const passed = passRequest(options, (answered) => {
          response.writeHead(answered.statusCode ?? 500, answered.headers)
          answered.pipe(response)
        })
        request.pipe(passed)
      })
      await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve))
      t.after(() => between.close())
      const trackerUri = `http://127.0.0.1:${(between.address() as AddressInfo).port}`
      if (language === 'python') {
        const env = { PYTHONPATH, ASPARA_DATA_DIR: folder(t), ASPARA_TRACKER_URI: trackerUri, ASPARA_SILENT: '1' }
        const { exitCode, stderr } = await runPython(['-c', training], { env })
        assert.equal(exitCode, 0, stderr)
      } else {
        const run = await init({ project: 'p', name: 'r', trackerUri, dir: folder(t), settings: { quiet: true } })
        run.log({ loss: 1 })
        await run.flush()
        run.config.lr = 0.1
        assert.equal((await run.finish()).isSent, true)
      }
      const { config, status: end } = await getRun(tracker.api, 'p', 'r')
      assert.deepEqual([config, end], [{ lr: 0.1 }, 'finished'])
    })
}
