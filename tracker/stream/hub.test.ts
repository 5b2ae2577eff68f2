// The streams of a store in this process: their clocks are moved by hand, and the store's word of what happened may be late.

import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { streamPace } from '@aspara/protocol/stream.ts'
import { embedded, openStore, type Store } from '@aspara/store/store.ts'
import { temporaryFolder } from '@aspara/store/testing/temporary-folder.ts'
import Fastify from 'fastify'
import { Telemetry } from '../routes/prometheus.ts'
import type { App } from '../routes/route.ts'
import { streamRoute } from '../routes/stream.ts'
import { EventReader } from '../testing/event-reader.ts'

/** `word`: 'late': the word of a deletion comes after somebody has read it; 'lost': it never does. */
async function listen(t: TestContext, word: 'at once' | 'late' | 'lost' = 'at once') {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const store = await openStore({
    ...embedded(await temporaryFolder()),
    observer: { committed() {} },
    onDeath: (error) => assert.fail(error),
  })
  let said: () => void = () => {}
  let stamp = Infinity
  let seen = 0
  const stream: Store['stream'] = {
    async readChanges(request) {
      const changes = await store.stream.readChanges(request)
      seen = changes.removed
      if (word === 'late' && changes.removed >= stamp) setTimeout(() => said())
      return changes
    },
    watch: (watcher) =>
      store.stream.watch({
        changed: (projects) => watcher.changed(projects),
        runDeleted(deletion) {
          if (word === 'at once') watcher.runDeleted(deletion)
          said = () => watcher.runDeleted(deletion)
          stamp = deletion.stamp
          if (word === 'late' && seen >= stamp) said()
        },
      }),
  }
  const app = Fastify({ forceCloseConnections: true }) as unknown as App
  streamRoute(app, { ...store, stream }, new Telemetry())
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.after(async () => {
    await app.close()
    await store.close()
  })
  for (const run of ['kept', 'doomed']) {
    await store.journal.appendRecord({ project: 'p', run, step: 0, timestamp: 0, metrics: ['a'], values: [1] })
  }
  const { port } = app.server.address() as AddressInfo
  const reader = await EventReader.open(`http://127.0.0.1:${port}/projects/p/stream`)
  t.after(() => reader.drop())
  await reader.next()
  return { store, reader }
}

test('a stream on which nothing happens has a comment every 15 seconds', async (t) => {
  const { reader } = await listen(t)
  t.mock.timers.tick(streamPace.heartbeatMs - 1)
  assert.deepEqual(reader.comments, [])
  for (let beats = 1; beats <= 3; beats++) {
    t.mock.timers.tick(streamPace.heartbeatMs)
    await reader.heard(() => reader.comments.length === beats)
  }
  assert.deepEqual([reader.events.length, reader.comments[0]], [1, 'heartbeat'])
})

test('a deletion is told also when it is read before the word of it has come', async (t) => {
  const { store, reader } = await listen(t, 'late')
  await store.catalog.deleteRun({ project: 'p', run: 'doomed' })
  const event = await reader.next()
  assert.deepEqual([event?.event, event?.data.deleted], ['changes', ['doomed']])
})

test('a deletion of which no word comes is a reason to read everything again, and what follows is told', async (t) => {
  const { store, reader } = await listen(t, 'lost')
  await store.catalog.deleteRun({ project: 'p', run: 'doomed' })
  const event = await reader.next()
  assert.deepEqual([event?.event, event?.data.resync], ['resync', null])
  await store.catalog.finishRun({ project: 'p', run: 'kept', exitCode: 0 })
  const next = await reader.next()
  assert.deepEqual([next?.event, next?.data.runs[0].status], ['changes', 'finished'])
})

test('what can not be read once is told a little later', async (t) => {
  const { store, reader } = await listen(t)
  const { readChanges } = store.stream
  let failures = 0
  store.stream.readChanges = async (request) => {
    if (failures++ === 0) throw new Error('a disk that hiccups')
    return readChanges(request)
  }
  await store.journal.appendRecord({ project: 'p', run: 'kept', step: 1, timestamp: 0, metrics: ['a'], values: [1] })
  const event = await reader.next()
  assert.deepEqual([event?.data.points[0].run, failures], ['kept', 2])
})
