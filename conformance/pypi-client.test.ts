import assert from 'node:assert/strict'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startTracker, type TrackerProcess, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import { runPython } from './python.ts'
import { downloadArtifact, exportPoints, getJson, getRun, type Point, post, send } from './read-back.ts'

/** The client that people have today, `aspara` 0.1.0 from PyPI, unmodified, against a real tracker. */

const script = fileURLToPath(new URL('pypi_client.py', import.meta.url))

interface LoggedStep {
  step: number
  metrics: Record<string, number>
  timestamp?: string
}

test('whatever the PyPI client sends is there afterwards', async (t) => {
  const tracker = await startTracker()
  t.after(() => tracker.stop())
  const folder = await emptyFolder(t)
  const weights = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7 + (index >> 8)) % 256))
  await writeFile(join(folder, 'weights.bin'), weights)

  const { exitCode, stdout, stderr } = await runClient('everything', tracker, folder)
  assert.equal(exitCode, 0, stdout + stderr)
  assert.doesNotMatch(stdout, /Failed/, 'the client had to queue or give up something')

  const { api } = tracker
  const run = await getRun(api, 'pypi', 'everything')
  assert.equal(run.status, 'finished')
  assert.equal(run.exit_code, 0)
  assert.deepEqual(run.tags, ['baseline', 'unmodified'])
  assert.equal(run.notes, 'Every call that the client has')
  assert.deepEqual(run.config, {
    learning_rate: 0.0005,
    layers: [64, 32],
    optimizer: { name: 'adam', betas: [0.9, 0.999] },
    warmup: true,
  })
  assert.deepEqual(run.summary, {
    best_accuracy: 0.99,
    best_step: 999,
    confusion: [
      [3, 1],
      [0, 4],
    ],
  })
  assert.deepEqual((await getJson(`${api}/projects/pypi`)).tags, ['conformance'])
  assertLogged(await exportPoints(api, 'pypi', 'everything'), await recordOf(folder))

  const { artifacts } = await getJson(`${api}/projects/pypi/runs/everything/artifacts`)
  const described = new Map<string, unknown>(
    artifacts.map(({ name, ...artifact }: { name: string }) => [name, artifact] as const),
  )
  assert.deepEqual([...described.keys()].sort(), ['weights-final.bin', 'weights.bin'])
  for (const [name, description, category] of [
    ['weights-final.bin', 'After the last step', 'model'],
    ['weights.bin', null, null],
  ] as const) {
    const artifact = described.get(name) as { description: unknown; category: unknown; file_size: number }
    assert.equal(artifact.description, description)
    assert.equal(artifact.category, category)
    assert.equal(artifact.file_size, weights.length)
    assert.ok((await downloadArtifact(api, 'pypi', 'everything', name)).equals(weights))
  }
})

test('a tracker that is restarted while the PyPI client logs loses none of its points', async (t) => {
  const dataDir = await temporaryFolder()
  const first = await startTracker({ dataDir })
  let second: TrackerProcess | undefined
  t.after(async () => {
    await first.stop()
    await second?.stop()
    await rm(dataDir, { recursive: true, force: true })
  })
  const folder = await emptyFolder(t)
  let gone: Promise<unknown> | undefined
  const failed = Promise.withResolvers<never>()

  const client = runClient('restart', first, folder, (line, answer) => {
    const step = Number(/^logged (\d+)$/.exec(line)?.[1])
    // The client goes on logging while the tracker stops, then 200 points without one, then the rest with the new one.
    if (step === 300) gone = first.stop()
    if (step === 500) gone!.then(() => answer('gone\n'), failed.reject)
    if (step === 700) {
      restart().then(() => answer('back\n'), failed.reject)
    }
  })
  async function restart(): Promise<void> {
    const queue = await readFile(join(folder, 'client', '.queue', 'pypi', 'restart.queue.jsonl'), 'utf8')
    assert.ok(queue.split('\n').length > 200, 'the client has queued what it could not send')
    second = await startTracker({ dataDir, port: first.port })
  }
  const { exitCode, stdout, stderr } = await Promise.race([client, failed.promise])
  assert.equal(exitCode, 0, stdout + stderr)

  const run = await getRun(second!.api, 'pypi', 'restart')
  assert.equal(run.status, 'finished')
  assertLogged(await exportPoints(second!.api, 'pypi', 'restart'), await recordOf(folder))
})

test('a run can be resumed, which 0.1.0 has no word for', async (t) => {
  const { api, stop } = await startTracker()
  t.after(stop)
  const runs = `${api}/projects/pypi/runs`
  const created = { status: 'ok', project: 'pypi', name: 'again', run_id: 'again' }
  const config = { learning_rate: 0.1, layers: { first: 64, second: 32 } }
  // There is nothing to go on with yet: it is created.
  assert.deepEqual(await post(runs, { name: 'again', config, tags: ['first'], resume: true }), created)
  await post(`${runs}/again/metrics`, { step: 0, metrics: { loss: 0.5 } })
  await post(`${runs}/again/finish`, { exit_code: 1 })
  assert.equal((await getRun(api, 'pypi', 'again')).status, 'failed')
  assert.equal((await getRun(api, 'pypi', 'again')).exit_code, 1)

  assert.deepEqual(await send('POST', runs, { name: 'again' }), { status: 409, body: { detail: 'Run already exists' } })
  assert.equal((await getRun(api, 'pypi', 'again')).status, 'failed')

  // Merged by its top-level keys: `layers` is replaced as a whole.
  const resumed = { name: 'again', config: { layers: { first: 8 }, dropout: 0.2 }, resume: true }
  assert.deepEqual(await post(runs, resumed), created)
  await post(`${runs}/again/metrics`, { metrics: { loss: 0.25 } })
  const run = await getRun(api, 'pypi', 'again')
  assert.equal(run.status, 'running')
  assert.equal(run.exit_code, null)
  assert.equal(run.finished_at, null)
  assert.deepEqual(run.tags, ['first'])
  assert.deepEqual(run.config, { learning_rate: 0.1, layers: { first: 8 }, dropout: 0.2 })
  assert.deepEqual(
    (await exportPoints(api, 'pypi', 'again')).map(({ step, value }) => [step, value]),
    [
      [0, 0.5],
      [1, 0.25],
    ],
  )
  await post(`${runs}/again/finish`, {})
  assert.equal((await getRun(api, 'pypi', 'again')).status, 'finished')
})

test('the tags of a run can be replaced, which 0.1.0 cannot do from afar', async (t) => {
  const { api, stop } = await startTracker()
  t.after(stop)
  const runs = `${api}/projects/pypi/runs`
  await post(runs, { name: 'tagged', tags: ['first', 'second'] })
  for (const tags of [['third', 'Tagged with ünïcödé 🙂'], []]) {
    assert.deepEqual(await post(`${runs}/tagged/tags`, { tags }), { status: 'ok' })
    assert.deepEqual((await getRun(api, 'pypi', 'tagged')).tags, tags)
  }
  const answer = await send('POST', `${runs}/unknown/tags`, { tags: ['first'] })
  assert.deepEqual(answer, { status: 404, body: { detail: 'Run not found' } })
})

/** The points are those of the record: each of them once, nothing else, in step order. */
function assertLogged(points: Point[], record: LoggedStep[]): void {
  assert.equal(record.length, 1_000)
  for (const metric of Object.keys(record[0]!.metrics)) {
    const ofMetric = points.filter((point) => point.metric === metric)
    assert.deepEqual(
      ofMetric.map(({ step, value }) => [step, value]),
      record.map(({ step, metrics }) => [step, metrics[metric]]),
      metric,
    )
    for (const [index, { timestamp }] of record.entries()) {
      if (timestamp) assert.ok(Math.abs(ofMetric[index]!.timestamp - Date.parse(timestamp)) < 1)
    }
  }
  assert.equal(points.length, record.length * Object.keys(record[0]!.metrics).length)
}

async function recordOf(folder: string): Promise<LoggedStep[]> {
  const lines = (await readFile(join(folder, 'logged.jsonl'), 'utf8')).trim().split('\n')
  return lines.map((line) => JSON.parse(line))
}

function runClient(
  what: 'everything' | 'restart',
  tracker: TrackerProcess,
  folder: string,
  onLine?: (line: string, answer: (text: string) => void) => void,
) {
  return runPython([script, what, tracker.url, join(folder, 'logged.jsonl')], {
    cwd: folder,
    // Where it keeps what it could not send.
    env: { ASPARA_DATA_DIR: join(folder, 'client') },
    onLine,
  })
}

async function emptyFolder(t: TestContext): Promise<string> {
  const folder = await temporaryFolder()
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}
