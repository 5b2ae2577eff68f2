// The TypeScript client on a real tracker: what is logged is what is stored, whoever logs it and however it ends.

import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import {
  runAspara,
  startTracker,
  type TrackerProcess,
  temporaryFolder,
} from '@aspara/tracker/testing/tracker-process.ts'
import { Api, type InitOptions, init } from 'aspara'
import { downloadArtifact, exportPoints, exportSeries, getJson, getRun, send } from './read-back.ts'
import { startLogger } from './spool-process.ts'

let tracker: TrackerProcess
let dir: string
before(async () => {
  tracker = await startTracker()
  dir = await temporaryFolder()
})
after(async () => {
  await tracker.stop()
  await rm(dir, { recursive: true, force: true })
})

let projects = 0
/** A project of its own, on the tracker of all. */
const options = (more: InitOptions = {}): InitOptions & { project: string } => ({
  project: `p${projects++}`,
  trackerUri: tracker.url,
  dir,
  ...more,
  settings: { quiet: true, ...more.settings },
})

async function folder(t: TestContext): Promise<string> {
  const path = await temporaryFolder()
  t.after(() => rm(path, { recursive: true, force: true }))
  return path
}

test('everything that a run is told is at the tracker when finish resolves', async (t) => {
  const files = await folder(t)
  await writeFile(join(files, 'model.bin'), 'weights')
  await mkdir(join(files, 'logs', 'deep'), { recursive: true })
  await writeFile(join(files, 'logs', 'a.txt'), 'a')
  await writeFile(join(files, 'logs', 'deep', 'b.txt'), '')
  const given = options({
    name: 'first',
    config: { lr: 0.1, nested: { a: [1, 2] }, wild: Number.POSITIVE_INFINITY },
    tags: ['baseline'],
    notes: 'as it began',
    projectTags: ['vision'],
    group: 'sweep',
    jobType: 'train',
  })
  const run = await init(given)
  assert.equal(run.step, 0)
  run.log({ loss: 0.5, train: { accuracy: 0.25, isGood: true } })
  run.log({ loss: Number.NaN })
  run.log({ loss: Number.NEGATIVE_INFINITY, 'ü/größe': -0 }, { step: 10, timestamp: '2026-01-02T03:04:05Z' })
  run.log({ extra: 7n }, { commit: false })
  run.log({ loss: 0.125, nothing: undefined })
  assert.equal(run.step, 12)
  run.config.lr = 0.2
  run.config.update({ more: 'x' })
  run.summary.best = 0.99
  run.setTags(['baseline', 'done'])
  run.setNotes('as it ended')
  await run.logArtifact(join(files, 'model.bin'), { description: 'the last one', category: 'model' })
  await run.logArtifact(join(files, 'logs'))
  await run.logArtifact(new Blob(['in memory']), { name: 'blob.txt' })
  assert.deepEqual(await run.finish(), { isSent: true, rowsWaiting: 0, lost: 0 })

  const stored = await getRun(tracker.api, given.project, 'first')
  assert.deepEqual(stored.config, { lr: 0.2, nested: { a: [1, 2] }, wild: 'Infinity', more: 'x' })
  assert.deepEqual(stored.summary, { best: 0.99 })
  assert.deepEqual([stored.tags, stored.notes], [['baseline', 'done'], 'as it ended'])
  assert.deepEqual([stored.status, stored.exit_code, stored.id], ['finished', 0, run.id])
  assert.deepEqual([stored.group, stored.job_type], ['sweep', 'train'])
  assert.equal(run.url, `${tracker.url}/projects/${given.project}/runs/first`)
  assert.match(await (await fetch(run.url)).text(), /<div id="root">/)
  const points = await exportPoints(tracker.api, given.project, 'first')
  assert.deepEqual(
    points.map(({ metric, step, value }) => `${metric} ${step} ${Object.is(value, -0) ? '-0' : value}`),
    [
      'loss 0 0.5',
      'train/accuracy 0 0.25',
      'train/isGood 0 1',
      'loss 1 NaN',
      'loss 10 -Infinity',
      'ü/größe 10 -0',
      'loss 11 0.125',
      'extra 11 7',
    ],
  )
  assert.equal(points.find(({ step }) => step === 10)?.timestamp, Date.UTC(2026, 0, 2, 3, 4, 5))
  const { artifacts } = await getJson(`${tracker.api}/projects/${given.project}/runs/first/artifacts`)
  assert.deepEqual(
    artifacts.map(({ name, file_size: size }: { name: string; file_size: number }) => `${name} ${size}`),
    ['blob.txt 9', 'logs-a.txt 1', 'logs-deep-b.txt 0', 'model.bin 7'],
  )
  assert.equal(String(await downloadArtifact(tracker.api, given.project, 'first', 'blob.txt')), 'in memory')
  const project = await getJson(`${tracker.api}/projects/${given.project}`)
  assert.deepEqual(project.tags, ['vision'])
  // What logging has cost is in the run's record.
  const [{ client, rows, points: count, finished_at: finishedAt }] = stored.writers
  assert.deepEqual([rows, count, finishedAt === null], [5, 8, false])
  assert.deepEqual([client.language, client.log_calls, client.rows, client.lost], ['typescript', 5, 5, 0])
  assert.ok(client.log_p50_us > 0 && client.bytes_sent > 0 && client.requests > 0)
})

test('what is logged is there within half a second without flush, and flush waits for it', async () => {
  const given = options({ name: 'r' })
  const run = await init(given)
  for (let step = 0; step < 3_000; step++) run.log({ loss: step, other: -step })
  assert.equal(await run.flush(), true)
  assert.equal((await exportSeries(tracker.api, given.project, 'r', 'loss')).length, 3_000)
  run.log({ loss: 1 })
  const began = performance.now()
  while ((await exportSeries(tracker.api, given.project, 'r', 'loss')).length < 3_001) {
    assert.ok(performance.now() - began < 5_000)
  }
  await run.finish()
})

test('metrics of every kind of shape are stored as they were logged', async () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  console.log(`SEED=${seed}`)
  let state = seed
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return (state >>> 0) / 2 ** 32
  }
  const given = options({ name: 'r' })
  const run = await init(given)
  const expected: string[] = []
  for (let step = 0; step < 4_000; step++) {
    const row: Record<string, number> = {}
    const count = random() < 0.9 ? 3 : 1 + Math.floor(random() * 30)
    for (let index = 0; index < count; index++) row[`m${Math.floor(random() * 40)}`] = random() - 0.5
    run.log(row)
    for (const [metric, value] of Object.entries(row)) expected.push(`${step} ${metric} ${value}`)
    if (random() < 0.01) run.config.update({ [`k${step}`]: step })
    if (random() < 0.01) await run.flush()
  }
  await run.finish()
  const points = await exportPoints(tracker.api, given.project, 'r')
  assert.deepEqual(points.map(({ step, metric, value }) => `${step} ${metric} ${value}`).sort(), expected.sort())
  const { stdout, exitCode } = await runAspara(['verify', `${given.project}/r`, '--dir', dir])
  assert.match(stdout, /: equal: 4000 rows/)
  assert.equal(exitCode, 0)
})

test('a name that another run has gets four letters more, always the same, and says so once', async () => {
  const given = options({ name: 'same' })
  const first = await init(given)
  const second = await init({ ...given, id: 'my-second-0001' })
  first.log({ loss: 1 })
  second.log({ loss: 2 })
  await first.finish()
  await second.finish()
  assert.deepEqual([first.name, second.name], ['same', 'same-0001'])
  assert.deepEqual(await exportSeries(tracker.api, given.project, 'same', 'loss'), [[0, 1]])
  assert.deepEqual(await exportSeries(tracker.api, given.project, 'same-0001', 'loss'), [[0, 2]])
})

test('a run that is resumed goes on after its last step, as another writer', async () => {
  const given = options({ name: 'long' })
  const first = await init(given)
  for (let step = 0; step < 5; step++) first.log({ loss: step })
  await first.finish({ exitCode: 1 })
  const second = await init({ ...given, resume: true })
  assert.equal(second.step, 5)
  second.log({ loss: 5 })
  await second.finish()
  const series = await exportSeries(tracker.api, given.project, 'long', 'loss')
  assert.deepEqual(
    series.map(([step]) => step),
    [0, 1, 2, 3, 4, 5],
  )
  assert.equal((await getRun(tracker.api, given.project, 'long')).writers.length, 2)
})

test('all ranks of a job write one run, in any order, and it is finished when all of them are', async () => {
  const given = options()
  const rows = 400
  const ranks = [0, 1, 2, 3].map((rank) =>
    startLogger(
      { init: given, rows, yieldEvery: 50 },
      { RANK: String(rank), WORLD_SIZE: '4', SLURM_JOB_ID: '77', SLURM_STEP_ID: '0' },
    ),
  )
  for (const { ended } of ranks) assert.deepEqual(await ended, { code: 0, signal: null, stderr: '' })
  const { runs } = await getJson(`${tracker.api}/projects/${given.project}/runs`)
  assert.equal(runs.length, 1)
  const stored = await getRun(tracker.api, given.project, runs[0].name)
  assert.equal(stored.status, 'finished')
  assert.deepEqual(
    stored.writers.map(({ rows }: { rows: number }) => rows),
    [rows, rows, rows, rows],
  )
  const labels = stored.writers.map(({ label }: { label: string }) => label.split(' · ')[0]).sort()
  assert.deepEqual(labels, ['rank 0', 'rank 1', 'rank 2', 'rank 3'])
  assert.equal((await exportPoints(tracker.api, given.project, runs[0].name)).length, 4 * rows * 2)
})

for (const { end, code, signal, status } of [
  { end: 'nothing', code: 0, signal: null, status: 'finished' },
  { end: 'exit', code: 3, signal: null, status: undefined },
  { end: 'throw', code: 1, signal: null, status: undefined },
  { end: 'reject', code: 1, signal: null, status: undefined },
  { end: 'wait', code: null, signal: 'SIGTERM', status: 'failed' },
  { end: 'wait', code: null, signal: 'SIGINT', status: 'failed' },
] as const) {
  test(`a program that ends by ${signal ?? end} ends as it would have, and loses nothing`, async (t) => {
    const given = options({ name: 'r', dir: await folder(t) })
    const logger = startLogger({ init: given, rows: 500, yieldEvery: 100, end })
    await logger.until(500)
    if (signal) logger.kill(signal)
    const ended = await logger.ended
    assert.deepEqual([ended.code, ended.signal], [code, signal])
    if (end === 'throw' || end === 'reject') assert.match(ended.stderr, /the training broke/)
    // What a process could not wait for is in its spool.
    if (status === undefined) assert.equal((await runAspara(['sync', given.dir as string])).exitCode, 0)
    const stored = await getRun(tracker.api, given.project, 'r')
    assert.equal(stored.status, status ?? 'failed')
    if (code !== null) assert.equal(stored.exit_code, code)
    assert.equal((await exportSeries(tracker.api, given.project, 'r', 'loss')).length, 500)
  })
}

test('a run that is deleted for good while it goes on comes again whole', async () => {
  const given = options({ name: 'r', config: { a: 1 } })
  const run = await init(given)
  for (let step = 0; step < 10; step++) run.log({ loss: step })
  await run.flush()
  for (const path of ['runs/r', 'trash']) {
    assert.equal((await send('DELETE', `${tracker.api}/projects/${given.project}/${path}`)).status, 200)
  }
  run.log({ loss: 10 })
  assert.equal((await run.finish()).isSent, true)
  assert.equal((await exportSeries(tracker.api, given.project, 'r', 'loss')).length, 11)
  assert.deepEqual((await getRun(tracker.api, given.project, 'r')).config, { a: 1 })
})

test('what was logged is read back: runs over all pages, figures, histories, artifacts, and what is not there', async (t) => {
  const { project } = options()
  for (const index of Array.from({ length: 150 }, (_, number) => number)) {
    const made = await send('POST', `${tracker.api}/projects/${project}/runs`, { name: `r${index}`, config: { index } })
    assert.equal(made.status, 200)
  }
  const run = await init(options({ project, name: 'logged' }))
  for (let step = 0; step < 5_000; step++) run.log(step % 2 ? { loss: step } : { loss: step, rare: -step })
  run.log({ loss: Number.NaN }, { step: 4_999 })
  run.summary.best = 1
  await run.logArtifact(new Blob(['the weights']), { name: 'model.bin' })
  await run.finish()

  const api = new Api(`${tracker.url}/tracker`)
  const names: string[] = []
  for await (const found of api.runs(project, { filter: 'config.index >= 10', sort: 'name' })) names.push(found.name)
  const expected = Array.from({ length: 140 }, (_, index) => `r${index + 10}`).sort()
  assert.deepEqual(names, expected)
  const found = await api.run(project, 'logged')
  assert.deepEqual(
    [found.status, found.summary, found.metrics.rare.count],
    ['finished', { loss: Number.NaN, rare: -4_998, best: 1 }, 2_500],
  )
  const { step, loss, rare, timestamp } = await found.history()
  assert.equal(step.length, 5_001)
  assert.deepEqual([loss[4_998], loss[4_999], loss[5_000]], [4_998, 4_999, Number.NaN])
  assert.deepEqual([rare[0], rare[1], rare[4_998]], [-0, Number.NaN, -4_998])
  assert.ok(timestamp.every((time) => Math.abs(time - Date.now()) < 3_600_000))
  const coarse = await found.history({ metrics: ['loss'], exact: false, points: 100 })
  assert.ok(coarse.step.length <= 100 && coarse.loss[0] > 0 && coarse.rare === undefined)
  const path = await folder(t)
  const target = await found.artifact('model.bin').download(path)
  assert.deepEqual([target, await readFile(target, 'utf8')], [join(path, 'model.bin'), 'the weights'])
  assert.deepEqual(await readdir(path), ['model.bin'])
  for await (const writer of found.writers()) assert.equal(writer.rows, 5_001)

  await assert.rejects(api.run(project, 'nothing'), { name: 'ApiError', status: 404, message: 'Run not found' })
  await assert.rejects(found.artifact('other').download(path), { status: 404 })
  await assert.rejects(Array.fromAsync(api.runs(project, { filter: 'config.' })), { name: 'ApiError', status: 422 })
  Object.assign(process.env, { ASPARA_TRACKER_URI: tracker.url, ASPARA_TOKEN: '' })
  t.after(() => {
    delete process.env.ASPARA_TRACKER_URI
    delete process.env.ASPARA_TOKEN
  })
  assert.equal(new Api().uri, api.uri)
  await assert.rejects(new Api('http://127.0.0.1:9').run('p', 'r'), { name: 'ApiError', status: undefined })
})

test('a run that is disabled takes everything, and leaves no file', async (t) => {
  const own = await folder(t)
  const run = await init(options({ mode: 'disabled', dir: own }))
  run.log({ loss: 1 })
  run.config.a = 1
  await run.logArtifact(import.meta.filename)
  run.log({ loss: 'x' as unknown as number })
  assert.deepEqual(await run.finish(), { isSent: true, rowsWaiting: 0, lost: 0 })
  assert.deepEqual(await readdir(own), [])
})
