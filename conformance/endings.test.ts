// However a TypeScript program ends, its run ends with it, with the right status, and every call of log that returned is
// stored once. Real programs, real signals, a real tracker whose data folder is not where the programs spool.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import {
  runAspara,
  startTracker,
  type TrackerProcess,
  temporaryFolder,
} from '@aspara/tracker/testing/tracker-process.ts'
import { listWriters, readSent, writeSent } from 'aspara/spool-folder.ts'
import { exportPoints, exportSeries, getRun, type Json, send } from './read-back.ts'
import type { LoggerSettings } from './spool-logger.ts'
import { startLogger } from './spool-process.ts'

let tracker: TrackerProcess
/** Of a person on this machine, whose default spool folder is in it. */
let home: string
/** The machine's temporary folder. */
let temporary: string
let env: Record<string, string>
before(async () => {
  home = await temporaryFolder()
  temporary = await temporaryFolder()
  env = { HOME: home, TMPDIR: temporary, XDG_DATA_HOME: '', ASPARA_DATA_DIR: '' }
  tracker = await startTracker({ env })
  env.ASPARA_TRACKER_URI = tracker.url
})
after(async () => {
  await tracker.stop()
  for (const folder of [home, temporary]) await rm(folder, { recursive: true, force: true })
})

async function folder(t: TestContext): Promise<string> {
  const path = await temporaryFolder()
  t.after(() => rm(path, { recursive: true, force: true }))
  return path
}

/** The run, once it has this status. */
async function untilEnded(name: string, status: string): Promise<Json> {
  const until = performance.now() + 30_000
  for (;;) {
    const { body } = await send('GET', `${tracker.api}/projects/ends/runs/${name}`)
    if (body.status === status) return body
    assert.ok(performance.now() < until, `${name} is not ${status}: ${JSON.stringify(body)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function checkRows(name: string, atLeast: number): Promise<number> {
  const series = await exportSeries(tracker.api, 'ends', name, 'loss')
  assert.ok(series.length >= atLeast, `${name}: ${series.length} of ${atLeast} rows`)
  assert.deepEqual(
    series,
    Array.from({ length: series.length }, (_, step) => [step, 1 / (step + 1)]),
  )
  return series.length
}

const logger = (name: string, { init, ...settings }: Partial<LoggerSettings>, more: Record<string, string> = {}) =>
  startLogger({ rows: 500, ...settings, init: { project: 'ends', name, ...init } }, { ...env, ...more })

for (const [signal, exitCode] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  test(`${signal} in a loop that logs ends the run and the program, and log does not throw`, async () => {
    const running = logger(`by-${signal}`, { rows: 1_000_000, yieldEvery: 1 })
    await running.until(50)
    running.kill(signal)
    const { signal: endedBy, stderr } = await running.ended
    assert.deepEqual([endedBy, /TypeError|\bat .*:\d+/.test(stderr)], [signal, false], stderr)
    // It did nothing wrong by logging until it was gone.
    assert.doesNotMatch(stderr, /has finished/)
    const run = await untilEnded(`by-${signal}`, 'failed')
    assert.deepEqual([run.exit_code, run.finish_reason], [exitCode, `ended by ${signal}`])
    await checkRows(`by-${signal}`, 50)
  })
}

for (const [end, code, status, reason] of [
  ['exit0', 0, 'finished', null],
  ['exit', 3, 'failed', null],
  ['throw', 1, 'failed', 'Error: the training broke'],
  ['reject', 1, 'failed', 'Error: the training broke'],
] as const) {
  test(`a program that ends by ${end} in its first moments loses nothing, wherever the tracker has its data`, async () => {
    const ended = await logger(`first-${end}`, { end }).ended
    assert.deepEqual([ended.code, ended.signal], [code, null])
    assert.match(
      ended.stderr,
      new RegExp(`aspara: 500 rows of ends/first-${end} are not sent yet .*; send them with: aspara`),
    )
    const run = await untilEnded(`first-${end}`, status)
    assert.deepEqual([run.exit_code, run.finish_reason], [code, reason])
    assert.equal(await checkRows(`first-${end}`, 500), 500)
  })
}

test('where the home folder can not be written, the run is kept in the temporary folder and taken in from there', async (t) => {
  const file = join(await folder(t), 'file')
  await writeFile(file, '')
  const ended = await logger('no-home', { end: 'exit' }, { HOME: file }).ended
  assert.match(ended.stderr, /aspara: cannot write to .*: the run is kept in .*, and is lost if the machine restarts/)
  await untilEnded('no-home', 'failed')
  assert.equal(await checkRows('no-home', 500), 500)
})

// Node's own mkdir of several folders never returns there.
test('a folder that can never be made ends no training, and does not keep init waiting', {
  skip: !existsSync('/proc/self/stat'),
}, async () => {
  const ended = await logger('never-made', { init: { dir: '/proc/none/spool' } }).ended
  assert.equal(ended.code, 0)
  assert.match(ended.stderr, /aspara: cannot write to \/proc\/none\/spool \(ENOENT.*: the run is kept in /)
  await untilEnded('never-made', 'finished')
})

test('what a run keeps is for its user alone, and the folders above it that are made for it', async (t) => {
  const dir = join(await folder(t), 'a', 'b')
  await logger('private', { init: { dir } }).ended
  const modes = [...listWriters(dir), dir].map((path) => statSync(path).mode & 0o777)
  assert.deepEqual(modes, [0o700, 0o700])
})

test('spools of other trackers are left alone in the folders that all of them share', async (t) => {
  const other = await startTracker()
  t.after(() => other.stop())
  await logger('elsewhere', { end: 'exit' }, { ASPARA_TRACKER_URI: other.url }).ended
  // What comes after it is taken in by the same look.
  await logger('after-elsewhere', { end: 'exit' }).ended
  await untilEnded('after-elsewhere', 'failed')
  assert.equal((await send('GET', `${tracker.api}/projects/ends/runs/elsewhere`)).status, 404)
})

test('a program that is killed is failed at once, with the reason, at the time of its last row', async () => {
  const running = logger('killed', { rows: 1_000_000, yieldEvery: 1 })
  await running.until(50)
  running.kill('SIGKILL')
  await running.ended
  const run = await untilEnded('killed', 'failed')
  const reason = `the process (pid ${running.pid} on ${hostname()}) ended without finishing the run`
  assert.deepEqual([run.exit_code, run.finish_reason], [1, reason])
  await checkRows('killed', 50)
  const points = await exportPoints(tracker.api, 'ends', 'killed', 'loss')
  assert.equal(Date.parse(run.finished_at), points.at(-1)?.timestamp)
})

test('a program that is killed when everything was sent is ended, too', async () => {
  const running = logger('idle', { rows: 20, end: 'wait' })
  await running.until(20)
  await untilSent('idle', 20)
  running.kill('SIGKILL')
  await running.ended
  assert.equal((await untilEnded('idle', 'failed')).metrics[0].count, 20)
})

test('aspara status shows that a run was killed, sync ends it, and then everything is sent', async (t) => {
  const dir = await folder(t)
  const running = logger('synced', { init: { dir }, rows: 20, end: 'wait' })
  await running.until(20)
  running.kill('SIGKILL')
  await running.ended
  assert.match((await runAspara(['status', dir], env)).stdout, /ends\/synced +killed, waits/)
  const dry = await runAspara(['sync', dir, '--dry-run'], env)
  assert.match(dry.stdout, /ends\/synced: .* and the end of the run: its process is dead/)
  assert.match(
    (await runAspara(['sync', dir], env)).stdout,
    /^ends\/synced: \d+ rows sent; its process is dead: ended\n$/,
  )
  assert.equal((await runAspara(['sync', dir], env)).stdout, `Nothing waits in ${dir}.\n`)
  assert.match((await runAspara(['status', dir], env)).stdout, /ends\/synced +sent/)
  assert.equal((await getRun(tracker.api, 'ends', 'synced')).status, 'failed')
})

/** A run of which everything but the end is at the tracker, which its spool knows, and whose process is dead. */
async function killWhenSent(t: TestContext, name: string, init: object = {}): Promise<string> {
  const dir = await folder(t)
  const running = logger(name, { init: { dir, ...init }, rows: 20, end: 'wait' })
  await running.until(20)
  await untilSent(name, 20)
  running.kill('SIGKILL')
  await running.ended
  const [writer] = listWriters(dir)
  // As the client writes it down, which it does once a second.
  const offset = statSync(join(writer, '000000.spool')).size
  writeSent(writer, { ...readSent(writer), segment: 0, offset, rows: 20, server: tracker.url, run: name })
  return dir
}

async function untilSent(name: string, rows: number): Promise<void> {
  const until = performance.now() + 10_000
  for (;;) {
    const { body } = await send('GET', `${tracker.api}/projects/ends/runs/${name}`)
    if (body.metrics?.[0]?.count === rows) return
    assert.ok(performance.now() < until, `${name} has not ${rows} rows`)
  }
}

test('a run that was deleted does not come back for the end of its dead process', async (t) => {
  const dir = await killWhenSent(t, 'deleted')
  assert.equal((await send('DELETE', `${tracker.api}/projects/ends/runs/deleted`)).status, 200)
  assert.equal((await send('DELETE', `${tracker.api}/projects/ends/trash`)).status, 200)
  assert.equal((await runAspara(['sync', dir], env)).exitCode, 0)
  assert.equal((await send('GET', `${tracker.api}/projects/ends/runs/deleted`)).status, 404)
  assert.equal((await runAspara(['sync', dir], env)).stdout, `Nothing waits in ${dir}.\n`)
})

test('a run that was killed, resumed and finished is not made failed by the end of its dead process', async (t) => {
  const dir = await killWhenSent(t, 'resumed', { id: 'resumed-1' })
  const again = logger('resumed', { init: { dir, id: 'resumed-1', resume: 'allow' }, rows: 20 })
  assert.equal((await again.ended).code, 0)
  await runAspara(['sync', dir], env)
  assert.deepEqual(
    listWriters(dir).map((writer) => readSent(writer).done),
    [true, true],
  )
  const run = await getRun(tracker.api, 'ends', 'resumed')
  assert.deepEqual([run.status, run.metrics[0].count, run.metrics[0].last_step], ['finished', 40, 39])
})

test('the wait at the end says what it waits for, and Ctrl-C skips it with the same last sentence', async (t) => {
  // It takes everything and says nothing.
  const server = createServer((socket) => socket.on('error', () => {}).resume())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as { port: number }
  const dir = await folder(t)
  const running = logger('waiting', { init: { dir, trackerUri: `http://127.0.0.1:${port}` } })
  await running.says(
    /aspara: sending 500 rows of ends\/waiting to http:.*Ctrl-C skips the wait; what is not sent stays on/,
  )
  running.kill('SIGINT')
  const { signal, stderr } = await running.ended
  assert.equal(signal, 'SIGINT')
  assert.match(stderr, /\naspara: 500 rows of ends\/waiting are not sent yet .*; send them with: aspara sync /)
  assert.doesNotMatch(stderr, /\bat .*:\d+/)
})

test('where nothing can be written at all, rows go straight to the tracker', async (t) => {
  const file = join(await folder(t), 'file')
  await writeFile(file, '')
  const ended = await logger('in-memory', {}, { HOME: file, TMPDIR: file }).ended
  assert.equal(ended.code, 0)
  assert.match(ended.stderr, /the run is kept in memory only, and what is not sent when the process ends is lost\n$/)
  assert.equal((await untilEnded('in-memory', 'finished')).writers[0].client.spool, 'memory')
  assert.equal(await checkRows('in-memory', 500), 500)
  const cut = await logger('cut', { end: 'exit' }, { HOME: file, TMPDIR: file }).ended
  assert.match(
    cut.stderr,
    /aspara: none of 500 rows of ends\/cut are at the tracker; 500 were lost \(kept in memory only\)\n$/,
  )
  assert.deepEqual(existsSync(file) && readdirSync(join(file, '..')), ['file'])
})

test('a run whose disk is full ends all the same, and what found no room is counted', async (t) => {
  const dir = await folder(t)
  const init = {
    project: 'ends',
    name: 'full',
    dir,
    trackerUri: tracker.url,
    settings: { quiet: true, spoolBytesMax: 9_000_000 },
  }
  const run = await (await import('aspara')).init(init)
  const row = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`m${index}`, index]))
  // Nothing is sent meanwhile: no room is given back.
  for (let step = 0; step < 2_000; step++) run.log(row)
  const { isSent, rowsWaiting, lost } = await run.finish({ exitCode: 3, flushTimeoutMs: 60_000 })
  const stored = await getRun(tracker.api, 'ends', 'full')
  assert.deepEqual([isSent, rowsWaiting, stored.status, stored.exit_code], [true, 0, 'failed', 3])
  assert.ok(lost > 0)
  assert.equal(stored.metrics[0].count + lost, 2_000)
  assert.equal(readSent(listWriters(dir)[0]).done, true)
})
