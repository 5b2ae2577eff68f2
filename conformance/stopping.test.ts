// How a tracker ends: what is in flight is answered, nothing keeps it, nothing acknowledged is lost.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { exportedPoints, must } from '@aspara/tracker/testing/ask.ts'
import { RawConnection } from '@aspara/tracker/testing/raw-connection.ts'
import { startTracker, type TrackerProcess, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'

const told = /answering what is in flight/

async function trackerOn(t: TestContext): Promise<{ tracker: TrackerProcess; restart(): Promise<TrackerProcess> }> {
  const dataDir = await temporaryFolder()
  const started = [await startTracker({ dataDir })]
  t.after(async () => {
    for (const tracker of started) await tracker.stop()
    await rm(dataDir, { recursive: true, force: true })
  })
  const restart = async () => {
    started.push(await startTracker({ dataDir }))
    return started[started.length - 1]
  }
  return { tracker: started[0], restart }
}

/** The head of a request whose body, of so many bytes, is still to come. */
const head = (tracker: TrackerProcess, path: string, length: number) => [
  `POST /tracker/api/v1${path} HTTP/1.1`,
  `Host: 127.0.0.1:${tracker.port}`,
  'Content-Type: application/json',
  `Content-Length: ${length}`,
]

/** Resolves when the tracker has begun to answer everything that was sent to it before. */
async function isThrough(tracker: TrackerProcess): Promise<void> {
  await must('GET', `${tracker.api}/health`)
}

/** Resolves when connections are refused. */
async function refusesConnections(port: number): Promise<void> {
  for (;;) {
    const socket = connect({ port, host: '127.0.0.1' })
    try {
      await once(socket, 'connect')
    } catch {
      return
    }
    socket.destroy()
  }
}

test('told to stop it answers what is in flight, refuses new connections, and has everything again when it is back', async (t) => {
  const { tracker, restart } = await trackerOn(t)
  const run = `${tracker.api}/projects/p/runs/r`
  for (let step = 0; step < 20; step++) await must('POST', `${run}/metrics`, { step, metrics: { loss: step / 2 } })

  const body = JSON.stringify({ step: 20, metrics: { loss: 10 } })
  const inFlight = await RawConnection.open(tracker.port)
  inFlight.send(head(tracker, '/projects/p/runs/r/metrics', body.length), body.slice(0, 10))
  await isThrough(tracker)
  tracker.child.kill('SIGTERM')
  await tracker.logged(told)
  await refusesConnections(tracker.port)
  inFlight.socket.write(body.slice(10))
  assert.equal((await inFlight.answer()).status, 200)
  const answeredAt = performance.now()
  assert.equal(await tracker.stop(), 0)
  assert.ok(performance.now() - answeredAt < 1_500, 'a connection that was kept alive has held it up')

  const again = await restart()
  const points = await exportedPoints(`${again.api}/projects/p/runs/r`)
  assert.deepEqual(
    points.map(({ step, value }) => [step, value]),
    Array.from({ length: 21 }, (_, step) => [step, step / 2]),
  )
})

test('within 5 s it ends with exit code 0, whatever hangs on its connections', async (t) => {
  const { tracker, restart } = await trackerOn(t)
  await must('POST', `${tracker.api}/projects/p/runs`, { name: 'r' })
  const open = () => RawConnection.open(tracker.port)

  const silent = await open()
  const idle = await open()
  idle.send(['GET /health HTTP/1.1', 'Host: localhost'])
  await once(idle.socket, 'data')
  const halfHead = await open()
  halfHead.socket.write('POST /tracker/api/v1/projects/p/runs HTTP/1.1\r\nHost: local')
  const halfBody = await open()
  halfBody.send(head(tracker, '/projects/p/runs/r/metrics', 1_000), '{"metrics":')
  const halfUpload = await open()
  const boundary = [
    ...head(tracker, '/projects/p/runs/r/artifacts', 100_000).slice(0, 2),
    'Content-Length: 100000',
    'Content-Type: multipart/form-data; boundary=b',
  ]
  const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
  halfUpload.send(boundary, part + 'x'.repeat(50_000))
  const incoming = join(tracker.dataDir, 'artifacts', 'incoming')
  while ((await readdir(incoming)).length === 0) await isThrough(tracker)

  const begunAt = performance.now()
  tracker.child.kill('SIGTERM')
  const [exitCode] = await once(tracker.child, 'exit')
  const tookMs = performance.now() - begunAt
  t.diagnostic(`ended after ${tookMs.toFixed(0)} ms`)
  assert.equal(exitCode, 0)
  assert.ok(tookMs < 5_000, `${tookMs} ms`)
  for (const connection of [silent, idle, halfHead, halfBody, halfUpload]) await connection.heard
  assert.doesNotMatch(tracker.log.join('\n'), /"level":(50|60)|^ {4}at /m)

  const again = await restart()
  assert.deepEqual(await readdir(incoming), [])
  const artifacts = await must('GET', `${again.api}/projects/p/runs/r/artifacts`)
  assert.deepEqual(artifacts, { artifacts: [], next_cursor: null })
})

test('with nothing in flight it ends at once, idle connections or not; Ctrl-C is as good as SIGTERM', async (t) => {
  const { tracker } = await trackerOn(t)
  await must('GET', `${tracker.api}/health`) // fetch keeps its connection.
  const begunAt = performance.now()
  tracker.child.kill('SIGINT')
  assert.equal(await tracker.stop(), 0)
  assert.ok(performance.now() - begunAt < 1_500)
})

test('an export that is being read goes on to its end', async (t) => {
  const { tracker } = await trackerOn(t)
  const run = `${tracker.api}/projects/p/runs/r`
  const steps = Array.from({ length: 100_000 }, (_, step) => step)
  const writer = crypto.randomUUID()
  await must('POST', `${run}/metrics/batch`, { writer, sequence: 0, steps, metrics: { loss: steps } })

  const connection = await RawConnection.open(tracker.port)
  connection.socket.pause()
  connection.send(['GET /api/v1/projects/p/runs/r/metrics/export HTTP/1.1', 'Host: localhost'])
  await isThrough(tracker)
  tracker.child.kill('SIGTERM')
  await tracker.logged(told)
  await refusesConnections(tracker.port)
  connection.socket.resume()
  const lines = (await connection.heard).match(/"step":\d+/g)
  assert.equal(lines?.length, steps.length)
  assert.equal(await tracker.stop(), 0)
})

test('what arrives on an open connection while it closes is told to come back', async (t) => {
  const { tracker } = await trackerOn(t)
  const body = JSON.stringify({ step: 1, metrics: { loss: 1 } })
  const late = await RawConnection.open(tracker.port)
  const [first, ...rest] = head(tracker, '/projects/p/runs/late/metrics', body.length)
  late.socket.write(`${first}\r\n`)
  await isThrough(tracker)
  tracker.child.kill('SIGTERM')
  await tracker.logged(told)
  await refusesConnections(tracker.port)
  late.send(rest, body)
  const { status, headers, body: problem } = await late.answer()
  assert.equal(status, 503)
  assert.equal(headers.get('retry-after'), '1')
  assert.equal(problem, '{"detail":"The tracker is closing: try again shortly"}')
  assert.equal(await tracker.stop(), 0)
})
