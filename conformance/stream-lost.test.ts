// Runs that fall silent. Nobody waits two minutes: when a run was last heard is moved back where it stands.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { limits } from '@aspara/protocol/limits.ts'
import { databaseFile } from '@aspara/store/engines/sqlite.ts'
import { type Json, must } from '@aspara/tracker/testing/ask.ts'
import { EventReader, type ReaderOptions, type StreamEvent } from '@aspara/tracker/testing/event-reader.ts'
import { startTracker } from '@aspara/tracker/testing/tracker-process.ts'

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
