// Going on with a run in TypeScript: from the tracker, from this machine's spools where there is none, and by itself.

import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { after, before, type TestContext, test } from 'node:test'
import { startTracker, type TrackerProcess, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import { type InitOptions, init } from 'aspara'
import { listWriters } from 'aspara/spool-folder.ts'
import { hasWaiting, syncSpool } from 'aspara/spool-sync.ts'
import { exportSeries, getJson, getRun, type Json } from './read-back.ts'
import { startLogger } from './spool-process.ts'

let tracker: TrackerProcess
before(async () => {
  tracker = await startTracker()
})
after(() => tracker.stop())

async function options(
  t: TestContext,
  more: InitOptions = {},
): Promise<InitOptions & { project: string; dir: string }> {
  const dir = await temporaryFolder()
  t.after(() => rm(dir, { recursive: true, force: true }))
  return { project: dir.replace(/\W/g, '-'), dir, trackerUri: tracker.url, ...more }
}

/** What is said on stderr from now on, until the test ends. */
function listen(t: TestContext): string[] {
  const said: string[] = []
  t.mock.method(process.stderr, 'write', (text: string) => said.push(text) > 0)
  return said
}

test('an id that belongs to a run is never written into: the new run has an id of its own, and says so once', async (t) => {
  const given = await options(t, { id: 'mine', name: 'first' })
  const first = await init(given)
  first.log({ loss: 1 })
  await first.finish()
  const said = listen(t)
  const second = await init({ ...given, config: { lr: 2 } })
  for (let step = 0; step < 3; step++) second.log({ loss: 2 })
  assert.deepEqual(await second.finish(), { isSent: true, rowsWaiting: 0, lost: 0 })
  t.mock.restoreAll()
  assert.equal(said.length, 1)
  assert.match(
    said[0],
    /^aspara: project .* already has a run with the id mine: this one is kept as first-.{4}, with the id .{36}; to continue the existing one, begin with resume "allow"\n$/,
  )
  assert.notEqual(second.id, 'mine')
  assert.equal((await getRun(tracker.api, given.project, 'first')).metrics[0].count, 1)
  const other = await getRun(tracker.api, given.project, second.name)
  assert.deepEqual(
    [other.id, other.metrics[0].count, other.config, other.status],
    [second.id, 3, { lr: 2 }, 'finished'],
  )
  assert.ok(second.url.endsWith(`/runs/${second.name}`))
})

test('two runs of one name are two runs', async (t) => {
  const given = await options(t, { name: 'same' })
  const runs = [await init(given), await init({ ...given, settings: { quiet: true } })]
  for (const run of runs) run.log({ loss: 1 })
  for (const run of runs) await run.finish()
  assert.deepEqual([runs[0].name, /^same-.{4}$/.test(runs[1].name)], ['same', true])
  for (const { name } of runs) assert.equal((await getRun(tracker.api, given.project, name)).metrics[0].count, 1)
})

test('a run is resumed by its id alone, whatever it is called, with all that it had', async (t) => {
  const given = await options(t)
  const first = await init({ ...given, id: 'deep-7', name: 'any text, ü', config: { lr: 1, seed: 2 } })
  first.log({ loss: 3, acc: 0.5 }, { step: 41 })
  first.log({ loss: Number.NaN }, { step: 42 })
  first.summary.best = 0.5
  await first.finish({ exitCode: 1 })
  for (const resume of [true, 'allow', 'must'] as const) {
    const run = await init({ ...given, id: 'deep-7', resume, config: { lr: 9 } })
    assert.deepEqual([run.resumed, run.name, run.id], [true, first.name, 'deep-7'])
    assert.deepEqual([{ ...run.config }, run.summary.best, run.summary.acc], [{ lr: 9, seed: 2 }, 0.5, 0.5])
    assert.ok(Number.isNaN(run.summary.loss) || resume !== true)
    run.log({ loss: run.step })
    await run.finish()
  }
  const run = await getRun(tracker.api, given.project, first.name)
  assert.deepEqual([run.status, run.config, run.writers.length], ['finished', { lr: 9, seed: 2 }, 4])
  const series = await exportSeries(tracker.api, given.project, first.name, 'loss')
  assert.deepEqual(series, [
    [41, 3],
    [42, Number.NaN],
    [43, 43],
    [44, 44],
    [45, 45],
  ])
})

test('"must" and "never" are checked before anything is kept, and a run that is new is not resumed', async (t) => {
  const given = await options(t)
  await assert.rejects(init({ ...given, name: 'none', resume: 'must' }), {
    name: 'TypeError',
    message: `resume "must": a run none does not exist in project ${given.project} at ${tracker.url}`,
  })
  const run = await init({ ...given, id: 'there', name: 'there', resume: 'allow' })
  assert.equal(run.resumed, false)
  await run.finish()
  await assert.rejects(
    init({ ...given, id: 'there', resume: 'never' }),
    /^TypeError: resume "never": a run .* exists already in project/,
  )
  await (await init({ ...given, id: 'other', resume: 'never' })).finish()
})

test("where the tracker does not answer, this machine's spools say how far the run was, after at most 2 s", async (t) => {
  const server = createServer((socket) => socket.on('error', () => {}).resume())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as { port: number }
  const given = await options(t, { id: 'spooled', name: 'spooled', config: { lr: 1, seed: 2 } })
  const quiet = { settings: { quiet: true } }
  const first = await init({ ...given, ...quiet, mode: 'offline' })
  for (let step = 0; step < 5; step++) first.log({ loss: step })
  first.summary.best = 0
  first.config.late = true
  await first.finish()
  const silent = `http://127.0.0.1:${port}`
  for (const mode of ['offline', 'online'] as const) {
    const run = await init({ ...given, ...quiet, mode, trackerUri: silent, resume: 'must', config: { lr: 3 } })
    assert.deepEqual([run.resumed, { ...run.config }], [true, { lr: 3, seed: 2, late: true }])
    assert.deepEqual([run.summary.best, run.summary.loss, run.step], [0, 4, 5])
    await run.finish({ flushTimeoutMs: 0 })
  }
  const said = listen(t)
  const unknown = await init({
    ...given,
    id: 'unknown',
    name: 'unknown',
    mode: 'online',
    trackerUri: silent,
    resume: 'must',
  })
  assert.equal(unknown.resumed, false)
  await unknown.finish({ quiet: true, flushTimeoutMs: 0 })
  t.mock.restoreAll()
  assert.match(said[0], /^aspara: whether a run unknown exists could not be checked \(no answer within 2 s\)\n$/)
})

test('"auto" goes on with the last run that did not end well, and with none that did or that still runs', async (t) => {
  const given = await options(t, { resume: 'auto' })
  const begin = async () => {
    const run = await init(given)
    run.log({ loss: run.step })
    return run
  }
  const first = await begin()
  const beside = await begin()
  assert.notEqual(beside.id, first.id)
  await beside.finish()
  await first.finish({ exitCode: 1 })
  const failed = await begin()
  await failed.finish({ exitCode: 1 })
  const { dir, project, trackerUri } = given
  const killed = startLogger({ init: { dir, project, trackerUri, resume: 'auto' }, rows: 5, end: 'wait' })
  await killed.until(5)
  killed.kill('SIGKILL')
  await killed.ended
  const last = await begin()
  assert.equal(last.resumed, true)
  await last.finish()
  const next = await begin()
  assert.equal(next.resumed, false)
  await next.finish()
  assert.deepEqual(
    [failed.resumed, failed.id === beside.id, last.id === failed.id, next.id === last.id],
    [false, false, true, false],
  )
})

test('what was logged before a run was resumed belongs to it, also when it comes later', async (t) => {
  const given = await options(t, { name: 'r', settings: { quiet: true } })
  const first = await init({ ...given, mode: 'offline', config: { lr: 1, only: 1 } })
  first.log({ loss: 3 })
  first.config.only = 2
  first.summary.said = 'old'
  first.setNotes('old')
  await first.finish({ exitCode: 1 })
  const resumed = await init({ ...given, resume: 'allow', config: { lr: 2 } })
  resumed.log({ loss: 2 })
  resumed.summary.said = 'new'
  resumed.setNotes('new')
  await resumed.finish()
  const [left] = listWriters(given.dir).filter(hasWaiting)
  assert.equal((await syncSpool(left, { defaultUri: tracker.url })).outcome, 'sent')
  const { runs } = (await getJson(`${tracker.api}/projects/${given.project}/runs`)) as { runs: Json[] }
  assert.deepEqual(
    runs.map((run) => [run.name, run.status, run.exit_code, run.metrics[0].count]),
    [['r', 'finished', 0, 2]],
  )
  const [{ config, summary, notes }] = runs
  assert.deepEqual([config, summary.said, notes], [{ lr: 2, only: 2 }, 'new', 'new'], 'what was said later is newer')
})

for (const isSent of [true, false]) {
  const where = isSent ? 'the tracker has' : 'a spool has'
  test(`a summary that is asked for after a resume counts what ${where}, also without a summary`, async (t) => {
    const given = await options(t, { name: 'r' })
    const trackerUri = isSent ? given.trackerUri : 'http://127.0.0.1:9'
    const settings = { quiet: true }
    const first = await init({ ...given, trackerUri, settings })
    for (const acc of [0.5, 0.9, Number.NaN, 0.7]) first.log({ acc })
    await first.finish({ flushTimeoutMs: isSent ? 30_000 : 1 })
    const run = await init({ ...given, trackerUri, resume: true, settings })
    run.defineMetric('acc', { summary: ['min', 'max', 'first', 'mean', 'best'], goal: 'maximize' })
    run.log({ acc: 0.6 })
    await run.finish({ flushTimeoutMs: isSent ? 30_000 : 1 })
    const { mean, ...rest } = run.summary.acc as Record<string, number>
    assert.deepEqual(rest, { min: 0.5, max: 0.9, first: 0.5, best: 0.9, best_step: 1 })
    assert.ok(Math.abs(mean - (0.5 + 0.9 + 0.7 + 0.6) / 4) < 1e-9)
  })
}
