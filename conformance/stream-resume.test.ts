// Whoever is cut off and comes again has every point once. ASPARA_TEST_SEED=… makes the same choices again.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { randomFromEnvironment } from '@aspara/store/testing/random.ts'
import { exportedPoints, type Json, must } from '@aspara/tracker/testing/ask.ts'
import { EventReader, type StreamEvent } from '@aspara/tracker/testing/event-reader.ts'
import { StreamFollower } from '@aspara/tracker/testing/stream-follower.ts'
import { startTracker, type TrackerProcess, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'

/** Sends until the tracker takes it, as a client does: a batch that is sent twice is stored once. */
async function insist(url: string, body: Json, goesOn: () => boolean): Promise<boolean> {
  for (;;) {
    try {
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
      await response.text()
      if (response.status === 200) return true
      assert.equal(response.status, 503)
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error
    }
    if (!goesOn()) return false
    await pause(20)
  }
}

/** Writers that write all the time, until they are stopped. */
class Writers {
  #isOver = false
  #all: Promise<void>[] = []
  #project: string

  constructor(project: string) {
    this.#project = project
  }

  /** One record after the other: `value` counts them. */
  records(run: string): void {
    this.#begin(async (value) => {
      const metrics = { value, [`sparse${value % 3}`]: value }
      await must('POST', `${this.#project}/runs/${run}/metrics`, { metrics })
    })
  }

  batches(run: string, rows: number, waitMs = 0): void {
    const writer = randomUUID()
    this.#begin(async (sequence) => {
      const values = Array.from({ length: rows }, (_, row) => sequence * rows + row)
      const metrics = { value: values, odd: values.map((value) => (value % 2 ? value : null)) }
      await insist(
        `${this.#project}/runs/${run}/metrics/batch`,
        { writer, sequence, steps: values, metrics },
        () => true,
      )
      if (waitMs > 0) await pause(waitMs)
    })
  }

  async end(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#all)
  }

  #begin(write: (index: number) => Promise<void>): void {
    this.#all.push(
      (async () => {
        for (let index = 0; !this.#isOver; index++) await write(index)
      })(),
    )
  }
}

/** Every metric of the runs is what the export says, each point once. */
async function assertWhole(follower: StreamFollower, project: string, runs: string[]): Promise<number> {
  let count = 0
  for (const run of runs) {
    const exported = await exportedPoints(`${project}/runs/${run}`)
    for (const [metric, points] of Map.groupBy(exported, (point) => point.metric as string)) {
      await follower.until(() => follower.pointCount(run, metric) >= points.length)
      const expected = points.map(({ step, value }) => ({ step, value }))
      assert.deepEqual(follower.points(run, metric), expected, `${metric} of ${run}`)
      count += points.length
    }
  }
  return count
}

/** The project of a tracker of its own, and who writes to it. */
async function projectOfTest(t: TestContext): Promise<{ project: string; writers: Writers }> {
  const tracker = await startTracker()
  const project = `${tracker.api}/projects/p`
  const writers = new Writers(project)
  t.after(async () => {
    await writers.end().catch(() => {}) // Of a test that has failed already.
    await tracker.stop()
  })
  return { project, writers }
}

test('connections that are cut anywhere, also within an event, neither miss nor repeat a point', async (t) => {
  const random = randomFromEnvironment()
  t.diagnostic(`ASPARA_TEST_SEED=${random.seed}`)
  const { project, writers } = await projectOfTest(t)
  const runs = ['records', 'batches', 'large']
  for (const name of runs) await must('POST', `${project}/runs`, { name })
  writers.records('records')
  writers.batches('batches', 5)
  writers.batches('large', 500, 50)

  const follower = new StreamFollower(project)
  await follower.begin()
  let halves = 0
  for (let cut = 0; cut < 60; cut++) {
    const reader = follower.reader as EventReader
    if (random.chance(0.5)) reader.dropAfter(random.between(1, 20_000))
    else setTimeout(() => reader.drop(), random.below(250))
    while (await follower.take());
    if (reader.isWithinEvent) halves++
    await follower.connect()
  }
  await writers.end()
  t.after(() => follower.reader?.drop())
  const count = await assertWhole(follower, project, runs)
  t.diagnostic(`${count} points over 61 connections, ${halves} cut within an event`)
  assert.equal(follower.resyncs.all + follower.resyncs.runs, 0, 'the journal had them all')
  assert.ok(halves > 0)
})

test('a chart and the stream from its cursor have all points together, and none twice, while others write', async (t) => {
  const { project, writers } = await projectOfTest(t)
  for (const run of ['a', 'b']) {
    await must('POST', `${project}/runs`, { name: run })
    writers.records(run)
    writers.batches(run, 3)
  }
  const followers: StreamFollower[] = []
  for (let count = 0; count < 12; count++) {
    const follower = new StreamFollower(project, count % 3 === 0 ? 'runs=a,b' : '')
    followers.push(follower)
    await follower.begin()
    await pause(30)
  }
  // One run's chart alone: its cursor is that run's, and goes for its stream.
  const one = new StreamFollower(project, 'runs=b')
  await one.begin()
  await pause(100)
  await writers.end()
  for (const follower of followers) await assertWhole(follower, project, ['a', 'b'])
  await assertWhole(one, project, ['b'])
  for (const follower of [...followers, one]) {
    assert.equal(follower.resyncs.all + follower.resyncs.runs, 0)
    follower.reader?.drop()
  }
})

test('a chart that is read while the stream goes on is joined by the commits of the points', async (t) => {
  const { project, writers } = await projectOfTest(t)
  for (const name of ['a', 'b']) {
    await must('POST', `${project}/runs`, { name })
    writers.records(name)
  }
  await pause(100)
  const follower = new StreamFollower(project)
  await follower.begin()
  for (let count = 0; count < 15; count++) {
    // What the tracker would say of a run of which points are missing.
    const since = follower.lastId
    const event: StreamEvent = {
      event: 'resync',
      id: since as string,
      data: { since, points: [], runs: [], deleted: [], resync: count % 5 ? ['a'] : null },
      size: 0,
    }
    await follower.apply(event)
    await follower.take()
  }
  await writers.end()
  await assertWhole(follower, project, ['a', 'b'])
  follower.reader?.drop()
})

for (const [how, end] of [
  ['stopped and started', (tracker: TrackerProcess) => tracker.stop()],
  ['killed and started', (tracker: TrackerProcess) => tracker.kill()],
] as const) {
  test(`a tracker that is ${how} again goes on with each stream where it was`, async (t) => {
    const dataDir = await temporaryFolder()
    let tracker = await startTracker({ dataDir })
    const { port } = tracker
    const project = `${tracker.api}/projects/p`
    const writers = new Writers(project)
    t.after(async () => {
      await writers.end().catch(() => {})
      await tracker.stop()
      await rm(dataDir, { recursive: true, force: true })
    })
    await must('POST', `${project}/runs`, { name: 'r' })
    for (const name of ['doomed', 'also-doomed']) await must('POST', `${project}/runs`, { name })
    writers.batches('r', 4)
    const follower = new StreamFollower(project)
    await follower.begin()
    await follower.until(() => follower.pointCount('r', 'value') > 20)
    for (let restart = 0; restart < 2; restart++) {
      await end(tracker)
      while (await follower.take());
      tracker = await startTracker({ dataDir, port })
      await follower.connect()
      const before = follower.pointCount('r', 'value')
      await follower.until(() => follower.pointCount('r', 'value') > before)
    }
    // Nobody knows of this one any more, only that there was one: all is read again, once.
    const before = follower.reader as EventReader
    before.drop()
    while (await follower.take());
    assert.equal(follower.resyncs.all, 0)
    await must('DELETE', `${project}/runs/doomed`)
    await end(tracker)
    tracker = await startTracker({ dataDir, port })
    await follower.connect()
    await follower.until(() => follower.resyncs.all > 0)
    await writers.end()
    await assertWhole(follower, project, ['r'])
    assert.equal(follower.resyncs.all, 1)
    assert.equal(follower.runs.has('doomed'), false)
    follower.reader?.drop()
    // A chart knows which runs are gone, however long ago its own last changed.
    await must('DELETE', `${project}/runs/also-doomed`)
    await end(tracker)
    tracker = await startTracker({ dataDir, port })
    const { cursor } = await must('GET', `${project}/series?runs=r`)
    const reader = await EventReader.open(`${project}/stream?cursor=${cursor}`)
    await must('POST', `${project}/runs/r/finish`, {})
    const [, first] = [await reader.next(), await reader.next()]
    assert.deepEqual([first?.event, first?.data.runs[0].status], ['changes', 'finished'])
    reader.drop()
  })
}

test('whoever comes again after points have left the journal reads that run again, and no other', async (t) => {
  const { project } = await projectOfTest(t)
  for (const run of ['much', 'little'])
    await must('POST', `${project}/runs/${run}/metrics`, { step: -1, metrics: { value: -1 } })
  const follower = new StreamFollower(project)
  await follower.begin()
  follower.reader?.drop()
  while (await follower.take());
  // So many points that none of them stay for the streams.
  const writer = randomUUID()
  const rows = Array.from({ length: 6_000 }, (_, row) => row)
  for (let sequence = 0; sequence < 45; sequence++) {
    const metrics = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`m${index}`, rows]))
    const batch = { writer, sequence, steps: rows, metrics: sequence === 0 ? { value: rows, ...metrics } : metrics }
    await must('POST', `${project}/runs/much/metrics/batch`, batch)
  }
  await must('POST', `${project}/runs/little/metrics`, { step: 1, metrics: { value: 1 } })
  const reader = await EventReader.open(`${project}/stream`, { lastId: follower.lastId })
  const { data } = await reader.find(({ event }) => event === 'resync')
  reader.drop()
  assert.deepEqual(data.resync, ['much'])
  assert.deepEqual(
    data.points.map(({ run }: Json) => run),
    ['little'],
  )
})
