// aspara sync, status and verify on real spools and a real tracker.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, type TestContext, test } from 'node:test'
import { exportedPoints, must, upload } from '@aspara/tracker/testing/ask.ts'
import {
  asparaCommand,
  runAspara,
  startTracker,
  type TrackerProcess,
  temporaryFolder,
} from '@aspara/tracker/testing/tracker-process.ts'
import { init } from 'aspara'
import { crc32 } from 'aspara/crc32.ts'
import { listWriters, readSent } from 'aspara/spool-folder.ts'

let tracker: TrackerProcess
before(async () => {
  tracker = await startTracker()
})
after(() => tracker.stop())

async function folder(t: TestContext): Promise<string> {
  const path = await temporaryFolder()
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** An offline run with so many rows, and its one writer's folder. */
async function spool(dir: string, name: string, rows: number, project = 'sync'): Promise<string> {
  const before = new Set(listWriters(dir))
  const run = await init({ project, name, dir, mode: 'offline', config: { rows }, settings: { quiet: true } })
  for (let step = 0; step < rows; step++) run.log({ loss: step, other: -step })
  await run.finish()
  return listWriters(dir).find((path) => !before.has(path)) as string
}

const uri = () => ['--tracker-uri', tracker.url]
const lines = (text: string) => text.trimEnd().split('\n').sort()

test('what was offline is told, shown as waiting, sent, shown as sent, and equal', async (t) => {
  const dir = await folder(t)
  await spool(dir, 'one', 1_000)
  await spool(dir, 'two', 3)
  const env = { ASPARA_DATA_DIR: await folder(t) }
  assert.deepEqual(await runAspara(['sync', dir, '--dry-run'], env).then(({ stdout }) => lines(stdout)), [
    'sync/one: 1000 rows and 2 documents wait',
    'sync/two: 3 rows and 2 documents wait',
  ])
  const before = JSON.parse((await runAspara(['status', dir, '--json'], env)).stdout).spools
  assert.deepEqual(
    before.map(({ run, state, waiting }: Record<string, unknown>) => `${run} ${state} ${waiting}`).sort(),
    ['one waits 1000', 'two waits 3'],
  )
  const verifyFirst = await runAspara(['verify', 'sync/one', '--dir', dir, ...uri()], env)
  assert.deepEqual([verifyFirst.exitCode, /equal up to row 0 of 1000; 1000 wait/.test(verifyFirst.stdout)], [1, true])

  const sent = await runAspara(['sync', dir, ...uri()], env)
  assert.deepEqual([sent.exitCode, lines(sent.stdout)], [0, ['sync/one: 1000 rows sent', 'sync/two: 3 rows sent']])
  const again = await runAspara(['sync', dir, ...uri()], env)
  assert.deepEqual([again.exitCode, again.stdout], [0, `Nothing waits in ${dir}.\n`])
  const { status, config, metrics } = await must('GET', `${tracker.api}/projects/sync/runs/one`)
  assert.deepEqual([status, config.rows, metrics[0].count], ['finished', 1_000, 1_000])
  const table = (await runAspara(['status', dir], env)).stdout
  assert.match(table, /sync\/one +sent +1000 +0/)
  for (const name of ['one', 'sync/two']) {
    const { exitCode, stdout } = await runAspara(['verify', name, '--dir', dir, ...uri()], env)
    assert.deepEqual(
      [exitCode, /: equal: \d+ rows, \d+ points, checksum [0-9a-f]{8}$/m.test(stdout)],
      [0, true],
      stdout,
    )
  }
})

test('several syncs at once, and one that begins anew without sent.json, store nothing twice', async (t) => {
  const dir = await folder(t)
  const writers = [await spool(dir, 'a', 30_000, 'many'), await spool(dir, 'b', 10_000, 'many')]
  const results = await Promise.all([1, 2, 3].map(() => runAspara(['sync', dir, ...uri()])))
  for (const { exitCode } of results) assert.equal(exitCode, 0)
  for (const path of writers) rmSync(join(path, 'sent.json'), { force: true })
  assert.equal((await runAspara(['sync', dir, ...uri()])).exitCode, 0)
  for (const [name, rows] of [
    ['a', 30_000],
    ['b', 10_000],
  ] as const) {
    const points = await exportedPoints(`${tracker.api}/projects/many/runs/${name}`, '?metric=loss')
    assert.equal(points.length, rows)
    assert.ok(points.every(({ step, value }, index) => step === index && value === index))
    assert.equal((await runAspara(['verify', name, '--dir', dir, ...uri()])).exitCode, 0)
  }
})

test('verify says where spool and tracker part', async (t) => {
  const dir = await folder(t)
  const path = await spool(dir, 'parts', 500, 'verify')
  const file = join(path, '000000.spool')
  const whole = readFileSync(file)
  // A tracker that has the beginning only.
  writeFileSync(file, whole.subarray(0, whole.length / 2))
  assert.equal((await runAspara(['sync', dir, ...uri()])).exitCode, 0)
  writeFileSync(file, whole)
  const verify = () => runAspara(['verify', 'parts', '--dir', dir, ...uri()])
  const part = await verify()
  assert.deepEqual(
    [part.exitCode, /: equal up to row 2\d\d of 500; 2\d\d wait to be sent/.test(part.stdout)],
    [1, true],
    part.stdout,
  )
  assert.equal((await runAspara(['sync', dir, ...uri()])).exitCode, 0)
  assert.match((await verify()).stdout, /: equal: 500 rows, 1000 points/)
  // A value that is another one on the disk now, as whoever wants to deceive would change it.
  const flipped = Buffer.from(whole)
  // Rows of two metrics take 48 bytes: the first value of one in the middle.
  const row = whole.indexOf(Buffer.from(new Float64Array([250]).buffer), 12_000) - 8
  flipped[row + 24] ^= 1
  flipped.writeUInt32LE(crc32(flipped, 0, row, row + 44), row + 44)
  writeFileSync(file, flipped)
  const differs = await verify()
  assert.deepEqual(
    [
      differs.exitCode,
      /: differs within the first 500 rows: row (\d+), step \1: \w+ is \S+ in the spool, and the tracker has \S+ there/.test(
        differs.stdout,
      ),
    ],
    [1, true],
    differs.stdout,
  )
  // Its end is gone.
  writeFileSync(file, whole.subarray(0, 4_000))
  assert.match((await verify()).stdout, /: the tracker has 500 rows, the spool \d+: its end was lost/)
})

test('sync --watch sends what jobs go on to write, until it is told to stop', async (t) => {
  const dir = await folder(t)
  const child = spawn(process.execPath, [asparaCommand, 'sync', dir, '--watch', ...uri()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  t.after(async () => {
    child.kill()
    await ended
  })
  const said = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const run = await init({ project: 'watch', name: 'job', dir, mode: 'offline', settings: { quiet: true } })
  let rows = 0
  let step = 0
  for (let round = 0; round < 3; round++) {
    for (let count = 0; count < 100; count++) run.log({ loss: step++ })
    while (rows < step) {
      const { value } = await said.next()
      rows += Number(/^watch\/job: (\d+) rows sent$/.exec(value ?? '')?.[1])
    }
  }
  assert.equal((await exportedPoints(`${tracker.api}/projects/watch/runs/job`)).length, 300)
  assert.equal((await must('GET', `${tracker.api}/projects/watch/runs/job`)).status, 'running')
  await run.finish()
  await said.next()
  assert.equal((await must('GET', `${tracker.api}/projects/watch/runs/job`)).status, 'finished')
})

test('a spool that somebody else is sending is left to him', async (t) => {
  const dir = await folder(t)
  const path = await spool(dir, 'held', 5, 'held')
  writeFileSync(join(path, 'lock'), JSON.stringify({ pid: process.pid, host: hostname(), started: Date.now() }))
  const { exitCode, stdout } = await runAspara(['sync', dir, ...uri()])
  assert.deepEqual([exitCode, stdout], [0, 'held/held: is being sent by another process\n'])
  writeFileSync(join(path, 'lock'), '')
  assert.equal((await runAspara(['sync', dir, ...uri()])).stdout, 'held/held: 5 rows sent\n')
  assert.equal(readSent(path).done, true)
})

test('an artifact that is gone is left out and said, and the rest is sent', async (t) => {
  const dir = await folder(t)
  const file = join(await folder(t), 'model.bin')
  writeFileSync(file, 'x')
  const run = await init({ project: 'gone', name: 'r', dir, mode: 'offline', settings: { quiet: true } })
  await run.logArtifact(file)
  run.log({ loss: 1 })
  await run.finish()
  rmSync(file)
  const { exitCode, stdout, stderr } = await runAspara(['sync', dir, ...uri()])
  assert.deepEqual([exitCode, stdout], [0, 'gone/r: 1 rows sent, 1 left out\n'])
  assert.match(stderr, /refused, and left out: artifact: model\.bin: ENOENT/)
  assert.equal((await upload(`${tracker.api}/projects/gone/runs/r`, new Uint8Array([1]), { name: 'late' })).status, 200)
})

test('a tracker that does not answer, a folder without spools and a run that is nowhere are told by a sentence', async (t) => {
  const dir = await folder(t)
  const empty = await runAspara(['sync', dir])
  assert.deepEqual([empty.exitCode, empty.stdout], [0, `Nothing waits in ${dir}.\n`])
  assert.equal((await runAspara(['status', dir])).stdout, `Nothing is spooled in ${dir}.\n`)
  const nowhere = await runAspara(['verify', 'nothing', '--dir', dir])
  assert.match(nowhere.stderr, /^aspara: no run nothing is spooled in /)
  for (const args of [['sync', 'a', 'b'], ['status', 'a', 'b'], ['verify'], ['verify', 'a', 'b']]) {
    assert.match((await runAspara(args)).stderr, new RegExp(`^aspara: expected aspara ${args[0]}`))
  }
})
