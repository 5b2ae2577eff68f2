import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { EventReader } from '@aspara/tracker/testing/event-reader.ts'
import { startTracker, type TrackerProcess, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import { launchChromium } from './chromium.ts'
import { runPython } from './python.ts'
import { type Json, post, send } from './read-back.ts'

/** The programs on the page of the stream do what it says, and the events on it are those that a tracker sends. */

const page = await readFile(new URL('../docs/api/stream.md', import.meta.url), 'utf8')
const blocks = (language: string): string[] =>
  [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter((match) => match[1] === language).map((match) => match[2]!)

async function trackerOfTest(t: TestContext, runs: string[]): Promise<{ tracker: TrackerProcess; project: string }> {
  const tracker = await startTracker()
  t.after(() => tracker.stop())
  const project = `${tracker.api}/projects/my_project`
  for (const name of runs) {
    await post(`${project}/runs`, { name, tags: ['baseline'], config: { learning_rate: 0.001 } })
  }
  return { tracker, project }
}

/** The steps of a batch of one metric. */
const batch = (sequence: number, steps: number[], writer: string) => ({
  writer,
  sequence,
  steps,
  metrics: { loss: steps.map((step) => 1 / (step + 1)) },
})

test('a tracker sends the events that stand on the page', async (t) => {
  const { project } = await trackerOfTest(t, ['experiment_000'])
  const [open, changes, resync] = blocks('json').map((block) => JSON.parse(block)) as [Json, Json, Json]
  const reader = await EventReader.open(`${project}/stream`)
  t.after(() => reader.drop())
  const opened = await reader.next()
  assert.equal(opened?.event, 'open')
  assert.deepEqual(plain(opened.data), plain(open))

  const run = `${project}/runs/experiment_001`
  await post(`${project}/runs`, { name: 'experiment_001', tags: ['baseline'], config: { learning_rate: 0.001 } })
  await post(`${run}/metrics/batch`, {
    writer: randomUUID(),
    sequence: 0,
    steps: [101, 102, 103],
    timestamps: [1769850001000, 1769850002000, 1769850003000],
    metrics: { loss: [0.4, 0.3, 'NaN'], accuracy: [0.9, null, 0.1] },
  })
  assert.equal((await send('DELETE', `${project}/runs/experiment_000`)).status, 200)
  await reader.find(({ data }) => data.deleted?.length)
  reader.drop()
  // All of it at once.
  const again = await EventReader.open(`${project}/stream`, { lastId: opened.id })
  t.after(() => again.drop())
  const told = await again.find(({ event }) => event === 'changes')
  assert.deepEqual(plain(told.data), plain(changes))
  assert.deepEqual(Object.keys(told.data), Object.keys(changes))
  assert.deepEqual(plain({ ...told.data, ...resync }), plain({ ...changes, ...resync }))
})

/** Moments, durations and cursors are others each time. */
function plain(data: Json): Json {
  const text = JSON.stringify(data).replaceAll(/"duration":[\d.]+/g, '"duration":"seconds"')
  return JSON.parse(text.replaceAll(/"\d{16}"/g, '"cursor"').replaceAll(/"\d{4}-\d\d-\d\dT[^"]*Z"/g, '"moment"'))
}

test('the Python of the page follows a run until it ends, also over a restart of the tracker', async (t) => {
  const dataDir = await temporaryFolder()
  let tracker = await startTracker({ dataDir })
  t.after(async () => {
    await tracker.stop()
    await rm(dataDir, { recursive: true, force: true })
  })
  const { port } = tracker
  const run = `${tracker.api}/projects/my_project/runs/experiment_001`
  await post(`${tracker.api}/projects/my_project/runs`, { name: 'experiment_001' })
  const script = join(dataDir, 'follow.py')
  await writeFile(script, blocks('python')[0]!.replace('localhost:3142', `127.0.0.1:${port}`))

  const lines: string[] = []
  let heard = Promise.withResolvers<void>()
  const following = runPython([script], {
    onLine(line) {
      lines.push(line)
      heard.resolve()
    },
  })
  const steps = () => lines.flatMap((line) => JSON.parse(/^\[.*?\]/.exec(line)![0]) as number[])
  const printed = async (step: number) => {
    while (!steps().includes(step)) {
      heard = Promise.withResolvers()
      await heard.promise
    }
  }
  // It begins where it listens: until it does, nothing of a run is told.
  let step = 0
  const writer = randomUUID()
  while (lines.length === 0) {
    await post(`${run}/metrics/batch`, batch(step, [step], writer))
    step++
    await Promise.race([heard.promise, new Promise((resolve) => setTimeout(resolve, 200))])
  }
  await printed(step - 1)
  for (const end of [() => tracker.stop(), () => tracker.kill()]) {
    await post(`${run}/metrics/batch`, batch(step, [step], writer))
    step++
    await end()
    tracker = await startTracker({ dataDir, port })
    await post(`${run}/metrics/batch`, batch(step, [step], writer))
    step++
    await printed(step - 1)
  }
  await post(`${run}/finish`, { exit_code: 0 })
  const { exitCode, stderr } = await following
  assert.equal(exitCode, 0, stderr)
  const told = steps()
  const first = told[0]!
  assert.deepEqual(
    told,
    Array.from({ length: step - first }, (_, index) => first + index),
  )
})

test('the Python of the page ends for a run that has ended before', async (t) => {
  const { tracker, project } = await trackerOfTest(t, ['experiment_001'])
  await post(`${project}/runs/experiment_001/finish`, { exit_code: 1 })
  const script = join(tracker.dataDir, 'follow.py')
  await writeFile(script, blocks('python')[0]!.replace('localhost:3142', `127.0.0.1:${tracker.port}`))
  const { exitCode, stderr } = await runPython([script])
  assert.equal(exitCode, 0, stderr)
})

test('the lines of the page in a browser have every point once, also over a restart of the tracker', async (t) => {
  const dataDir = await temporaryFolder()
  let tracker = await startTracker({ dataDir })
  const browser = await launchChromium()
  t.after(async () => {
    await browser.close()
    await tracker.stop()
    await rm(dataDir, { recursive: true, force: true })
  })
  const { port } = tracker
  const run = `${tracker.api}/projects/my_project/runs/experiment_001`
  const writer = randomUUID()
  await post(`${run}/metrics/batch`, batch(0, [0, 1, 2], writer))
  const shown = await browser.newPage()
  await shown.goto(`${tracker.url}/tracker/docs/tracker/json`)
  // As a script of its own, whose names are the page's.
  await shown.evaluate(`globalThis.linesNow = (() => { ${blocks('js')[0]!}; return () => lines })()`)
  const linesNow = (least: number) => {
    const line = (globalThis as Json).linesNow()?.get('experiment_001 loss')
    return line?.length >= least && line
  }
  const stepsAt = async (count: number) => (await shown.waitForFunction(linesNow, count)).jsonValue()
  await stepsAt(3)
  let count = 3
  for (const end of [() => tracker.stop(), () => tracker.kill()]) {
    await post(`${run}/metrics/batch`, batch((count - 3) / 2 + 1, [count, count + 1], writer))
    count += 2
    await stepsAt(count)
    await end()
    tracker = await startTracker({ dataDir, port })
  }
  await post(`${run}/metrics/batch`, batch((count - 3) / 2 + 1, [count, count + 1], writer))
  count += 2
  assert.deepEqual(
    await stepsAt(count),
    Array.from({ length: count }, (_, step) => [step, 1 / (step + 1)]),
  )
})
