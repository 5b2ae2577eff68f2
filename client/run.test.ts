// What is told at once, and what log makes of what it is given. Runs that are offline keep all of it in a spool.

import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
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
  const wrong: [unknown, RegExp][] = [
    [{ project: 'a/b' }, /^a project or id is 1 to 255 letters, digits, _ or -, not "a\/b"$/],
    [{ id: '' }, /a project or id is/],
    [{ name: 7 }, /a name is text/],
    [{ mode: 'sometimes' }, /^mode is one of online, offline, disabled, not "sometimes"$/],
    [{ tags: 'baseline' }, /^tags is a list of at most 1000 texts, not "baseline"$/],
    [{ tags: [1] }, /^tags is text of at most 256 characters, not 1$/],
    [{ notes: {} }, /^notes is text of at most 100000 characters, not an object$/],
    [{ config: [1] }, /^config is an object of at most 1 MiB, not a list$/],
    [{ config: { big: 'x'.repeat(2 ** 20) } }, /^config is an object of at most 1 MiB/],
    [
      { trackerUri: 'localhost:3142' },
      /^trackerUri is an address such as http:\/\/127\.0\.0\.1:3142, not "localhost:3142"$/,
    ],
    [{ token: 'two words' }, /^token is made of ASCII letters, digits and signs, without spaces, not "…"$/],
  ]
  for (const [options, sentence] of wrong) {
    await assert.rejects(init({ ...(options as InitOptions), dir: '/nowhere' }), {
      name: 'TypeError',
      message: sentence,
    })
  }
})

test('what is no metric, step or time throws a sentence, and the run goes on', async (t) => {
  const dir = folder(t)
  const run = await offline(dir)
  const wrong: [unknown, unknown, RegExp][] = [
    [{ loss: 'low' }, undefined, /^metric "loss" is a number or a boolean, not "low"$/],
    [{ a: { b: [1] } }, undefined, /^what log takes as a\/b\/ is an object of numbers, not a list$/],
    [7, undefined, /^what log takes is an object of numbers, not 7$/],
    [null, undefined, /what log takes/],
    [{ '': 1 }, undefined, /^a metric's name is 1 to 512 bytes without control characters, not ""$/],
    [{ 'a\nb': 1 }, undefined, /a metric's name/],
    [{ '\ud800': 1 }, undefined, /a metric's name/],
    [{ ['ü'.repeat(257)]: 1 }, undefined, /a metric's name/],
    [{ loss: 1 }, { step: 1.5 }, /^step is a whole number up to 2\^53-1, not 1\.5$/],
    [{ loss: 1 }, { step: '1' }, /step is/],
    [{ loss: 1 }, { timestamp: 'yesterday' }, /^timestamp is ISO 8601, a Date or milliseconds, not "yesterday"$/],
    [
      Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`m${index}`, 1])),
      undefined,
      /^a step is at most 10000 metrics/,
    ],
  ]
  for (const [data, options, sentence] of wrong) {
    assert.throws(() => run.log(data as Metrics, options as LogOptions), { name: 'TypeError', message: sentence })
  }
  const circle: Record<string, unknown> = {}
  circle.self = circle
  assert.throws(() => run.log(circle as Metrics), { name: 'TypeError' })
  assert.throws(() => {
    run.config.circle = circle
  }, TypeError)
  assert.throws(() => run.setTags('x' as unknown as string[]), /tags is a list/)
  await assert.rejects(run.logArtifact(join(dir, 'nothing')), /an artifact is a file or a folder/)
  await assert.rejects(run.logArtifact(dir, { category: 'best' as 'model' }), /category is one of/)
  await assert.rejects(run.logArtifact(new Blob(['x'])), /an artifact's name is needed/)
  run.log({ loss: 1 })
  await run.finish()
  assert.throws(() => run.log({ loss: 1 }), { name: 'TypeError', message: 'the run has finished' })
  assert.deepEqual(spooled(dir).rows, ['0: loss 1'])
})

test('steps go on from the last one, and stay while they are not committed', async (t) => {
  const dir = folder(t)
  const run = await offline(dir)
  run.log({ a: 1 })
  run.log({ a: 2 }, { step: 10 })
  run.log({ b: 3 }, { commit: false })
  run.log({ c: 4 })
  run.log({ a: 5 }, { step: -3 })
  run.log({})
  run.log({ nothing: null, none: undefined })
  run.log({ a: 6 })
  assert.equal(run.step, 1)
  await run.finish()
  assert.deepEqual(spooled(dir).rows, ['0: a 1', '10: a 2', '11: b 3', '11: c 4', '-3: a 5', '0: a 6'])
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
  assert.throws(() => run.defineMetric('loss', { summary: 'least' as 'min' }), /summary is one of min, max, first/)
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

test('a folder that can be no spool disables the run and says so', async (t) => {
  const dir = folder(t)
  const file = join(dir, 'file')
  writeFileSync(file, '')
  truncateSync(file)
  const said: string[] = []
  t.mock.method(process.stderr, 'write', (text: string) => said.push(text) > 0)
  const run = await offline(file, { settings: { quiet: false } })
  run.log({ loss: 1 })
  run.config.a = 1
  assert.equal((await run.finish()).lost, 0)
  t.mock.restoreAll()
  assert.match(said.join(''), /^aspara: nothing of this run is kept: there is no spool in /)
})
