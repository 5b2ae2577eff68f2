// What is told at once, and what log makes of what it is given. Runs that are offline keep all of it in a spool.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type InitOptions, init, type LogOptions, type Metrics } from './aspara.ts'
import { SpoolReader } from './spool-reader.ts'
import { version } from './version.ts'

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'aspara-test-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

const offline = (dir: string, more: InitOptions = {}) =>
  init({ project: 'p', name: 'r', mode: 'offline', dir, ...more, settings: { quiet: true, ...more.settings } })

function setVariable(t: TestContext, name: string, value: string): void {
  const before = process.env[name]
  process.env[name] = value
  t.after(() => {
    if (before === undefined) delete process.env[name]
    else process.env[name] = before
  })
}

/** What is said on stderr from now on, until the test ends. */
function listen(t: TestContext): string[] {
  const said: string[] = []
  t.mock.method(process.stderr, 'write', (text: string) => said.push(text) > 0)
  return said
}

/** What the one spool of a folder has: documents, and rows as `step: metric value …`. */
function spooled(dir: string) {
  const reader = new SpoolReader(join(dir, readdirSync(dir)[0]))
  const rows: string[] = []
  const documents: Record<string, unknown>[] = []
  for (let item = reader.peek(); item; item = reader.peek()) {
    const row = item
    if (row.document) documents.push(row.document)
    else rows.push(`${row.step}: ${row.keys.map((key, index) => `${key} ${row.values[row.at + index]}`).join(', ')}`)
    reader.pass()
  }
  reader.close()
  return { rows, documents }
}

test('the version is that of the package', () => {
  const manifest = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))
  assert.equal(version, manifest.version)
})

test('a wrong option rejects with a sentence that names it', async () => {
  const circle: Record<string, unknown> = {}
  circle.me = circle
  const wrong: [unknown, RegExp][] = [
    ['my project', /^what init takes must be an object of options, got "my project"$/],
    [{ learning_rate: 1 }, /^init has no option "learning_rate": it takes project, name, config/],
    [{ tracker_uri: 'http://localhost' }, /^init has no option "tracker_uri": did you mean trackerUri\?$/],
    [{ proyect: 'x' }, /did you mean project\?$/],
    [{ settings: { silent: true, quite: true } }, /^settings has no option "silent"/],
    [{ settings: { quite: true } }, /^settings has no option "quite": did you mean quiet\?$/],
    [{ id: '' }, /^id must be 1 to 255 characters without control characters .*, got ""$/],
    [{ name: 7 }, /^name must be text, got 7$/],
    [{ mode: 'sometimes' }, /^mode must be one of online, offline, disabled, got "sometimes"$/],
    [{ resume: 'yes' }, /^resume must be true, false or one of allow, must, never, auto, got "yes"$/],
    [{ resume: 'must' }, /^resume "must" needs a name or an id$/],
    [{ tags: 5 }, /^tags must be a list of at most 1000 texts, got 5$/],
    [{ tags: [1] }, /^tags must be texts of at most 256 characters, got 1$/],
    [{ notes: {} }, /^notes must be text of at most 100000 characters, got an object$/],
    [{ group: 'x'.repeat(257) }, /^group must be text of at most 256 characters/],
    [{ config: [1] }, /^config must be an object, got a list$/],
    [{ config: circle }, /^config\.me: cyclic, it contains itself$/],
    [{ config: { big: 'x'.repeat(2 ** 20) } }, /^config must be at most 1 MiB of JSON/],
    [
      { trackerUri: 'localhost:3142' },
      /^trackerUri must be an address such as http:\/\/127\.0\.0\.1:3142, got "localhost:3142"$/,
    ],
    [{ trackerUri: 'nonsense' }, /^trackerUri must be an address/],
    [{ token: 'two words' }, /^token must be ASCII letters, digits and signs without spaces, got "…"$/],
  ]
  for (const [options, message] of wrong) {
    const given = typeof options === 'object' ? { ...options, dir: '/nowhere' } : options
    await assert.rejects(init(given as InitOptions), { name: 'TypeError', message })
  }
})

test('what log can not be called with throws a sentence, and the run goes on', async (t) => {
  const dir = folder(t)
  const run = await offline(dir)
  const wrong: [unknown, unknown, RegExp][] = [
    [7, undefined, /^what log takes must be an object of numbers, such as { loss: 0\.5 }, got 7$/],
    [null, undefined, /got null$/],
    [Promise.resolve({ loss: 1 }), undefined, /got a Promise: await it first$/],
    [{ loss: 1 }, 5, /^the second argument of log must be an object of options, such as { step: 5 }, got 5$/],
    [{ loss: 1 }, { stp: 5 }, /^log has no option "stp": did you mean step\?$/],
    [{ loss: 1 }, { step: 1.5 }, /^step must be a whole number from -\(2\^53-1\) to 2\^53-1, got 1\.5$/],
    [{ loss: 1 }, { step: '1' }, /^step must be/],
    [{ loss: 1 }, { timestamp: 'yesterday' }, /^timestamp must be milliseconds since the epoch, a Date or ISO 8601/],
    [{ loss: 1 }, { timestamp: '2026-02-30' }, /^timestamp must be milliseconds/],
    [{ loss: 1 }, { timestamp: 1_790_000_000 }, /: 1790000000 looks like seconds$/],
  ]
  for (const [data, options, message] of wrong) {
    assert.throws(() => run.log(data as Metrics, options as LogOptions), { name: 'TypeError', message })
  }
  const circle: Record<string, unknown> = {}
  circle.self = circle
  assert.throws(() => {
    run.config.circle = circle
  }, /^TypeError: config\.circle\.self: cyclic/)
  assert.throws(() => run.setTags(5 as unknown as string[]), /tags must be a list/)
  await assert.rejects(run.logArtifact(join(dir, 'nothing')), /an artifact must be a file or a folder/)
  await assert.rejects(run.logArtifact(dir, { category: 'best' as 'model' }), /category must be one of/)
  await assert.rejects(run.logArtifact(new Blob(['x'])), /an artifact that is not a file needs a name/)
  await assert.rejects(
    run.logArtifact(Buffer.from('x') as unknown as Blob, { name: 'x' }),
    /an artifact must be a path/,
  )
  run.log({ loss: 1 })
  await run.finish()
  assert.deepEqual(spooled(dir).rows, ['0: loss 1'])
})

test('steps go on from the highest one, and stay while they are not committed', async (t) => {
  const dir = folder(t)
  const run = await offline(dir)
  run.log({ a: 1 })
  run.log({ a: 2 }, { step: 10 })
  run.log({ b: 3 }, { commit: false })
  run.log({ c: 4 })
  run.log({ a: 5 }, { step: -3 })
  run.log({})
  run.log({ a: 6 })
  assert.equal(run.step, 14)
  await run.finish()
  assert.deepEqual(spooled(dir).rows, ['0: a 1', '10: a 2', '11: b 3', '11: c 4', '-3: a 5', '13: a 6'])
})

test('what is no number is left out and said once, and nothing throws', async (t) => {
  const dir = folder(t)
  const said = listen(t)
  const run = await offline(dir, { settings: { quiet: false } })
  const log = (data: unknown) => run.log(data as Metrics)
  for (let step = 0; step < 3; step++) log({ loss: Promise.resolve(1), ok: step, tensor: { dataSync: () => [1] } })
  log(new Map<string, unknown>([['ok', 3]]))
  log({ ok: null })
  const after = said.splice(0)
  assert.deepEqual(after, [
    'aspara: "loss" is left out of what is logged: a Promise is not a number: await it\n',
    'aspara: "tensor" is left out of what is logged: a tensor is not a number: log value.dataSync()[0]\n',
    'aspara: "ok" is left out of what is logged: null is not a number\n',
  ])
  assert.equal(run.step, 5)
  await run.finish({ quiet: true })
  assert.deepEqual(spooled(dir).rows, ['0: ok 0', '1: ok 1', '2: ok 2', '3: ok 3'])
})

test('a run that has finished takes everything, says once that nothing is recorded, and counts', async (t) => {
  const dir = folder(t)
  const run = await offline(dir)
  await run.finish()
  const said = listen(t)
  const late = await offline(folder(t), { settings: { quiet: false } })
  await late.finish({ quiet: true })
  for (let step = 0; step < 3; step++) late.log({ loss: 1 })
  late.config.a = 1
  late.summary = { best: 1 }
  late.tags = ['x']
  late.notes = 'x'
  late.name = 'x'
  late.defineMetric('loss', { summary: 'min' })
  await late.logArtifact('nothing that exists')
  assert.equal(said.length, 1)
  assert.match(said[0], /^aspara: the run p\/r has finished: nothing more is recorded in it/)
  assert.equal(late.stats().after_finish, 3)
})

test('what is assigned to a run is recorded: config, summary, tags, notes and its name', async (t) => {
  const dir = folder(t)
  const run = await offline(dir, { config: { lr: 0.1 } })
  run.config = { lr: 0.2, when: new Date(0), by: new Map([[1, 'x']]) }
  run.summary = { best: 1n }
  run.tags = new Set(['a', 'b']) as unknown as string[]
  run.notes = 'n'
  run.name = 'größe'
  assert.deepEqual({ ...run.config }, { lr: 0.2, when: '1970-01-01T00:00:00.000Z', by: { 1: 'x' } })
  await run.finish({ exitCode: '3' as unknown as number, reason: 'because' })
  const { documents } = spooled(dir)
  const end = documents.pop()
  assert.deepEqual([end?.exit_code, end?.reason], [3, 'because'])
  assert.deepEqual(documents.slice(1), [
    { type: 'config', values: { lr: 0.2, when: '1970-01-01T00:00:00.000Z', by: { 1: 'x' } } },
    { type: 'summary', values: { best: 1 } },
    { type: 'tags', tags: ['a', 'b'] },
    { type: 'notes', notes: 'n' },
    { type: 'display_name', display_name: 'größe' },
  ])
})

test('the summary has the last value of each metric by step, until another one is set', async (t) => {
  const dir = folder(t)
  const run = await offline(dir)
  for (let step = 0; step < 100; step++) run.log({ loss: step, acc: -step })
  run.log({ loss: 1_000 }, { step: 5 })
  run.log({ other: 7 })
  assert.deepEqual([run.summary.loss, run.summary.acc, run.summary.other], [99, -99, 7])
  assert.deepEqual(JSON.parse(JSON.stringify(run.summary)), { loss: 99, acc: -99, other: 7 })
  run.summary.loss = 'mine'
  run.defineMetric('low', { summary: 'min' })
  run.log({ loss: 3, low: 2 })
  run.log({ low: 4 })
  assert.deepEqual([run.summary.loss, run.summary.low, 'acc' in run.summary], ['mine', { min: 2 }, true])
  await run.finish()
})

test('a call of more metrics than one row takes is kept as several rows of one step', async (t) => {
  const dir = folder(t)
  const run = await offline(dir)
  const many = Object.fromEntries(Array.from({ length: 20_001 }, (_, index) => [`metric ${index}`, index]))
  run.log(many)
  run.log(Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`${index}`.padStart(250, 'ü'), index])))
  run.log({ loss: 1 })
  assert.equal(run.step, 3)
  await run.finish()
  const { rows } = spooled(dir)
  const kept = rows.filter((row) => row.startsWith('0: ')).flatMap((row) => row.slice(3).split(', '))
  assert.deepEqual(
    kept,
    Object.entries(many).map(([key, value]) => `${key} ${value}`),
  )
  // Their names would be more than a record holds.
  const long = rows.filter((row) => row.startsWith('1: ')).map((row) => row.split(', ').length)
  assert.deepEqual([long.length > 1, long.reduce((sum, count) => sum + count, 0)], [true, 3_000])
  assert.equal(rows.at(-1), '2: loss 1')
})

test('metrics in another order, nested, of other kinds or with numbers for names are those that were given', async (t) => {
  const dir = folder(t)
  const run = await offline(dir)
  run.log({ a: 1, b: 2 })
  run.log({ b: 3, a: 4 })
  run.log({ a: 5 })
  run.log({ a: 6, b: 7, c: 8 })
  run.log({ a: { x: 9, y: { z: true } }, b: 10n, c: new Number(11) as unknown as number })
  run.log({ 1: 12, 0: 13 })
  run.log({ a: Number.NaN, b: Number.NEGATIVE_INFINITY })
  await run.finish()
  assert.deepEqual(spooled(dir).rows, [
    '0: a 1, b 2',
    '1: b 3, a 4',
    '2: a 5',
    '3: a 6, b 7, c 8',
    '4: a/x 9, a/y/z 1, b 10, c 11',
    '5: 0 13, 1 12',
    '6: a NaN, b -Infinity',
  ])
})

test('definitions of metrics become entries of the summary', async (t) => {
  const dir = folder(t)
  const run = await offline(dir)
  run.defineMetric('loss', { summary: ['min', 'last', 'best'] })
  run.defineMetric('val/*', { summary: 'best', goal: 'maximize', stepMetric: 'epoch' })
  for (const [step, loss] of [3, 1, Number.NaN, 2].entries()) {
    run.log({ loss, val: { accuracy: -step, 'f.1': step * loss }, other: 1 })
  }
  assert.throws(() => run.defineMetric('loss', { summary: 'least' as 'min' }), /summary must be one of min, max, first/)
  await run.finish()
  const { documents } = spooled(dir)
  const summary = documents.find(({ type }) => type === 'summary')
  assert.deepEqual(summary?.values, {
    loss: { min: 1, last: 2, best: 1, best_step: 1 },
    'val/accuracy': { best: 0, best_step: 0 },
    'val/f.1': { best: 6, best_step: 3 },
  })
  const client = documents.at(-1)?.client as Record<string, unknown>
  assert.deepEqual(client.defined_metrics, { 'val/*': { step_metric: 'epoch' } })
})

test('a spool that may not grow drops and counts what comes, says so once, and goes on when there is room', async (t) => {
  const dir = folder(t)
  const said: string[] = []
  t.mock.method(process.stderr, 'write', (text: string) => said.push(text) > 0)
  const run = await offline(dir, { settings: { quiet: false, spoolBytesMax: 9_000_000 } })
  const row = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`metric${index}`, index]))
  for (let step = 0; step < 2_000; step++) run.log(row)
  const { lost, rowsWaiting } = await run.finish({ quiet: true })
  t.mock.restoreAll()
  assert.ok(lost > 500 && rowsWaiting > 500 && lost + rowsWaiting === 2_000, `${lost} lost, ${rowsWaiting} waiting`)
  assert.match(
    said.join(''),
    /^aspara: what is logged can't be kept, and is dropped and counted: the spool is as large as it may become/,
  )
  assert.equal(said.length, 1)
  assert.equal(spooled(dir).rows.length, rowsWaiting)
})

test('where no spool can be made the run is kept in the temporary folder, for this user alone', async (t) => {
  const dir = folder(t)
  const file = join(dir, 'file')
  writeFileSync(file, '')
  setVariable(t, 'TMPDIR', dir)
  const said = listen(t)
  const run = await offline(file, { settings: { quiet: false } })
  run.log({ loss: 1 })
  assert.equal(run.stats().spool, 'temporary')
  await run.finish()
  const place = join(dir, `aspara-${process.getuid?.()}`)
  assert.equal(statSync(place).mode & 0o777, 0o700)
  assert.deepEqual(spooled(join(place, 'spool')).rows, ['0: loss 1'])
  assert.match(
    said[0],
    /^aspara: cannot write to .*: the run is kept in .*, and is lost if the machine restarts before it is sent\n$/,
  )
  assert.match(said[1], /^aspara: 1 row of p\/r is not sent yet; send it with: aspara sync /)
  assert.equal(said.length, 2)
})

test('a user without a home is told that the folder is a temporary one, and has it alone', async (t) => {
  const dir = folder(t)
  setVariable(t, 'TMPDIR', dir)
  const said = listen(t)
  const place = join(dir, `aspara-${process.getuid?.()}`)
  // What the folder of the spool is where there is no home directory.
  const run = await offline(join(place, 'spool'), { settings: { quiet: false } })
  run.log({ loss: 1 })
  assert.equal(run.stats().spool, 'temporary')
  await run.finish()
  assert.equal(statSync(place).mode & 0o777, 0o700)
  assert.match(said[0], /^aspara: the run is kept in .*, and is lost if the machine restarts before it is sent\n$/)
})

test('a temporary folder that others may read, or that is no folder of ours, is not used', async (t) => {
  const dir = folder(t)
  const file = join(dir, 'file')
  writeFileSync(file, '')
  setVariable(t, 'TMPDIR', dir)
  mkdirSync(join(dir, `aspara-${process.getuid?.()}`), { mode: 0o755 })
  const said = listen(t)
  const run = await offline(file, { settings: { quiet: false } })
  for (let step = 0; step < 3; step++) run.log({ loss: step })
  run.config.a = 1
  assert.equal(run.stats().spool, 'memory')
  assert.deepEqual(await run.finish(), { isSent: false, rowsWaiting: 0, lost: 3 })
  const { rows, rows_waiting, lost } = run.stats()
  assert.deepEqual([rows, rows_waiting, lost], [0, 0, 3])
  assert.match(
    said[0],
    /is not a private folder of this user.* in memory only, and what is not sent when the process ends is/,
  )
  assert.equal(said[1], 'aspara: none of 3 rows of p/r are at the tracker; 3 were lost (kept in memory only)\n')
})

test('texts of a run are kept without what no tracker stores', async (t) => {
  const dir = folder(t)
  const run = await offline(dir, {
    notes: 'a\0b\nc',
    tags: ['x\0', '\ud800y'],
    group: '\0',
    settings: { label: 'l\0' },
  })
  run.notes = '\0n'
  run.tags = ['t\0']
  await run.finish()
  const [begun, notes, tags] = spooled(dir).documents
  assert.deepEqual([begun.notes, begun.tags, begun.group, begun.label], ['ab\nc', ['x', 'y'], undefined, 'l'])
  assert.deepEqual([notes.notes, tags.tags], ['n', ['t']])
})
