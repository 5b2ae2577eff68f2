// Many who write, many who listen, and some who do not read what they are sent.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type TestContext, test } from 'node:test'
import { limits } from '@aspara/protocol/limits.ts'
import { ask, exportedPoints, must } from '@aspara/tracker/testing/ask.ts'
import { EventReader } from '@aspara/tracker/testing/event-reader.ts'
import { RawConnection } from '@aspara/tracker/testing/raw-connection.ts'
import { StreamFollower } from '@aspara/tracker/testing/stream-follower.ts'
import { startTracker, type TrackerProcess } from '@aspara/tracker/testing/tracker-process.ts'

const range = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index)

async function trackerOfTest(t: TestContext): Promise<{ tracker: TrackerProcess; project: string }> {
  const tracker = await startTracker()
  t.after(() => tracker.stop())
  const project = `${tracker.api}/projects/p`
  await must('POST', `${project}/runs`, { name: 'r' })
  return { tracker, project }
}

/** Bytes that a process holds in memory. */
async function memoryOf({ child }: TrackerProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024
}

test('while 60 connections log all the time a stream speaks ten times a second, and misses nothing', async (t) => {
  const { project } = await trackerOfTest(t)
  const reader = await EventReader.open(`${project}/stream`)
  const started = performance.now()
  let logged = 0
  await Promise.all(
    range(60).map(async (connection) => {
      while (performance.now() - started < 2_000) {
        logged++
        await must('POST', `${project}/runs/run-${connection % 7}/metrics`, { metrics: { loss: logged } })
      }
    }),
  )
  let told = 0
  let counted = 0
  const count = () => {
    for (; counted < reader.events.length; counted++) {
      for (const { columns } of reader.events[counted].data.points ?? []) {
        for (const { steps } of columns) told += steps.length
      }
    }
    return told
  }
  await reader.heard(() => count() >= logged)
  const seconds = (performance.now() - started) / 1_000
  reader.drop()
  assert.equal(told, logged)
  t.diagnostic(`${logged} points in ${reader.events.length} events in ${seconds.toFixed(1)} s`)
  assert.ok(reader.events.length <= seconds * 10 + 2)
  assert.ok(reader.events.length >= seconds * 3)
})

test('who does not read costs little memory, holds nobody up, and has every point when it reads again', async (t) => {
  const { tracker, project } = await trackerOfTest(t)
  const runs = range(10).map((index) => `run-${index}`)
  for (const name of runs) await must('POST', `${project}/runs`, { name })
  // Each asks for its runs by name, so that no two are sent the same bytes.
  const stuck = range(8).map(() => new StreamFollower(project, `runs=${runs}`))
  for (const follower of stuck) {
    await follower.begin()
    follower.reader?.pause()
  }
  const reader = await EventReader.open(`${project}/stream`)
  const before = await memoryOf(tracker)

  const rows = 400
  const delays: number[] = []
  const write = async (run: string) => {
    const writer = randomUUID()
    for (const sequence of range(36)) {
      const steps = range(rows, sequence * rows)
      const metrics = Object.fromEntries(range(10).map((metric) => [`m${metric}`, steps.map(() => Math.random())]))
      await must('POST', `${project}/runs/${run}/metrics/batch`, { writer, sequence, steps, metrics })
    }
  }
  let isWriting = true
  const listening = (async () => {
    for (let step = 0; isWriting; step++) {
      await must('POST', `${project}/runs/r/metrics`, { step, metrics: { beat: step } })
      const at = performance.now()
      const isTold = reader.find(({ data }) =>
        data.points?.some((its: { run: string; columns: { steps: number[] }[] }) =>
          its.columns.some(({ steps }) => its.run === 'r' && steps.includes(step)),
        ),
      )
      await isTold
      delays.push(performance.now() - at)
    }
  })()
  await Promise.all(runs.map(write))
  isWriting = false
  await listening

  const grown = ((await memoryOf(tracker)) - before) / 1024 / 1024
  const told = reader.events.reduce((sum, { size }) => sum + size, 0) / 1024 / 1024
  const median = delays.sort((one, other) => one - other)[delays.length >> 1]
  t.diagnostic(
    `${told.toFixed()} MiB of events, the tracker grew by ${grown.toFixed()} MiB; ${delays.length} points were on the stream after ${median.toFixed()} ms at the median`,
  )
  // Some 20 MiB, less where this process is too slow a reader itself; unbounded it would be a copy of most of it for each.
  assert.ok(told > 5)
  assert.ok(grown < 200)
  assert.ok(median < 1_000)
  reader.drop()

  for (const follower of stuck) follower.reader?.resume()
  for (const run of runs) {
    const exported = Map.groupBy(await exportedPoints(`${project}/runs/${run}`), (point) => point.metric as string)
    for (const follower of stuck.slice(0, 2)) {
      for (const [metric, points] of exported) {
        await follower.until(() => follower.pointCount(run, metric) >= points.length)
        assert.deepEqual(
          follower.points(run, metric),
          points.map(({ step, value }) => ({ step, value })),
        )
      }
    }
  }
  for (const follower of stuck) follower.reader?.drop()
})

test('who goes before it is let in leaves no stream behind, and past the limit it is a 503', async (t) => {
  const { tracker, project } = await trackerOfTest(t)
  const path = new URL(`${project}/stream`).pathname
  for (let left = limits.streamsMax + 100; left > 0; left -= 100) {
    const connections = await Promise.all(range(100).map(() => RawConnection.open(tracker.port)))
    for (const connection of connections) {
      connection.send([`GET ${path} HTTP/1.1`, 'Host: localhost'])
      connection.socket.destroy()
    }
    await Promise.all(connections.map((connection) => connection.heard))
  }
  await must('GET', project)

  const readers: EventReader[] = []
  while (readers.length < limits.streamsMax) {
    readers.push(...(await Promise.all(range(100).map(() => EventReader.open(`${project}/stream`)))))
  }
  const { status, headers, body } = await ask('GET', `${project}/stream`)
  assert.deepEqual([status, headers.get('retry-after')], [503, '1'])
  assert.match(body.detail, /too much to do/)
  // All of them are told, and the tracker has room for other questions.
  await must('POST', `${project}/runs/r/metrics`, { metrics: { loss: 1 } })
  await Promise.all(readers.map((reader) => reader.find(({ data }) => data.points?.length)))

  readers.pop()?.drop()
  for (;;) {
    const again = await EventReader.open(`${project}/stream`).catch(() => undefined)
    if (again) {
      readers.push(again)
      break
    }
  }
  for (const reader of readers) reader.drop()
})

test('a tracker that is told to stop ends its streams and is gone, also with one that does not read', async (t) => {
  const { tracker, project } = await trackerOfTest(t)
  const readers = await Promise.all(range(20).map(() => EventReader.open(`${project}/stream`)))
  const stuck = await EventReader.open(`${project}/stream`)
  stuck.pause()
  // More than what lies between the two takes: each is an event of its own.
  const writer = randomUUID()
  for (const run of range(20)) {
    const steps = range(20_000)
    const batch = { writer, sequence: 0, steps, metrics: { loss: steps.map(() => Math.random()) } }
    await must('POST', `${project}/runs/run-${run}/metrics/batch`, batch)
    await readers[0].find(({ data }) => data.points?.length)
  }
  const started = performance.now()
  const exitCode = await tracker.stop()
  const ms = performance.now() - started
  t.diagnostic(`ended after ${ms.toFixed()} ms`)
  assert.equal(exitCode, 0)
  assert.ok(ms < 2_500)
  await Promise.all(readers.map((reader) => reader.ended()))
  stuck.drop()
  assert.deepEqual(
    tracker.log.filter((line) => /"level":(40|50|60)/.test(line)),
    [],
  )
})
