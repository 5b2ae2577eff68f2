// Runs that fall silent, and streams on which nothing happens.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { limits } from '@aspara/protocol/limits.ts'
import { streamPace } from '@aspara/protocol/stream.ts'
import { databaseFile } from '@aspara/store/engines/sqlite.ts'
import { embedded, openStore } from '@aspara/store/store.ts'
import { temporaryFolder } from '@aspara/store/testing/temporary-folder.ts'
import Fastify from 'fastify'
import { type Json, must } from '../testing/ask.ts'
import { EventReader, type ReaderOptions, type StreamEvent } from '../testing/event-reader.ts'
import { startTracker } from '../testing/tracker-process.ts'
import type { App } from './route.ts'
import { streamRoute } from './stream.ts'

const heartbeat = (writer: string, sequence: number) => ({ writer, sequence, steps: [], metrics: {} })

/** Makes it so that a run was last heard some time ago. */
function silence(dataDir: string, run: string, ms: number): void {
  const file = new DatabaseSync(join(dataDir, databaseFile), { timeout: 5_000 })
  const heard = Date.now() - ms
  file.prepare('update heads set heard_at = ? where run = (select id from runs where name = ?)').run(heard, run)
  file.close()
}

const statusesOf = (events: readonly StreamEvent[], run: string) =>
  events.flatMap(({ data }) =>
    (data.runs ?? []).filter(({ name }: Json) => name === run).map(({ status }: Json) => status),
  )

test('a run with heartbeats that falls silent is told as lost, and as running when it speaks again', async (t) => {
  const tracker = await startTracker()
  t.after(() => tracker.stop())
  const project = `${tracker.api}/projects/p`
  const open = async (query = '', options?: ReaderOptions) => {
    const reader = await EventReader.open(`${project}/stream${query}`, options)
    t.after(() => reader.drop())
    await reader.next()
    return reader
  }
  const writer = randomUUID()
  for (const name of ['beating', 'mute', 'finished', 'unwatched']) {
    await must('POST', `${project}/runs`, { name })
    if (name !== 'mute') await must('POST', `${project}/runs/${name}/metrics/batch`, heartbeat(writer, 0))
  }
  await must('POST', `${project}/runs/finished/finish`, { exit_code: 0 })
  const [reader, some] = [await open(), await open('?runs=beating,mute,finished')]
  const gone = await open()
  gone.drop()
  const before = reader.events.length
  for (const run of ['mute', 'finished', 'beating', 'unwatched']) silence(tracker.dataDir, run, limits.lostMs)

  await Promise.all([reader, some].map((each) => each.heard(() => statusesOf(each.events, 'beating').includes('lost'))))
  await reader.heard(() => statusesOf(reader.events, 'unwatched').includes('lost'))
  const lost = reader.events.slice(before)
  assert.deepEqual(statusesOf(lost, 'mute'), [])
  assert.deepEqual(statusesOf(lost, 'finished'), [])
  assert.deepEqual(statusesOf(some.events, 'unwatched'), [])
  assert.equal((await must('GET', `${project}/runs/beating`)).status, 'lost')

  // Who was away when it was told hears of it on coming again.
  const back = await open('', { lastId: gone.lastId })
  await back.heard(() => statusesOf(back.events, 'beating').includes('lost'))

  await must('POST', `${project}/runs/beating/metrics`, { metrics: { loss: 1 } })
  for (const each of [reader, some, back]) {
    await each.heard(() => statusesOf(each.events, 'beating').at(-1) === 'running')
  }
  await must('POST', `${project}/runs/unwatched/metrics/batch`, heartbeat(writer, 1))
  await reader.heard(() => statusesOf(reader.events, 'unwatched').at(-1) === 'running')
  assert.deepEqual(statusesOf(reader.events.slice(before), 'beating'), ['lost', 'running'])
})

/** A tracker's streams in this process, whose clocks are moved by hand. */
async function streamsOfTest(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const store = await openStore({
    ...embedded(await temporaryFolder()),
    observer: { committed() {} },
    onDeath: (error) => assert.fail(error),
  })
  const app = Fastify({ forceCloseConnections: true }) as unknown as App
  streamRoute(app, store)
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.after(async () => {
    await app.close()
    await store.close()
  })
  return { store, url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/projects/p/stream` }
}

test('a stream on which nothing happens has a comment every 15 seconds', async (t) => {
  const { store, url } = await streamsOfTest(t)
  await store.journal.appendRecord({ project: 'p', run: 'r', step: 0, timestamp: 0, metrics: ['a'], values: [1] })
  const reader = await EventReader.open(url)
  await reader.next()
  t.mock.timers.tick(streamPace.heartbeatMs - 1)
  assert.deepEqual(reader.comments, [])
  for (let beats = 1; beats <= 3; beats++) {
    t.mock.timers.tick(streamPace.heartbeatMs)
    await reader.heard(() => reader.comments.length === beats)
  }
  assert.deepEqual([reader.events.length, reader.comments[0]], [1, 'heartbeat'])
  reader.drop()
})
