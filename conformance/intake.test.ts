// A tracker and the spools of its machine: real runs in real folders.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ask, exportedPoints, must } from '@aspara/tracker/testing/ask.ts'
import { startTracker, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import { SpoolWriter } from 'aspara/spool.ts'
import { isAlive, readSent } from 'aspara/spool-folder.ts'
import type { RunDocument } from 'aspara/spool-format.ts'

async function folder(t: TestContext): Promise<string> {
  const path = await temporaryFolder()
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** What a run of another process has left: as many rows, and its end if it came to it. */
function leaveSpool(
  dataDir: string,
  run: Partial<RunDocument>,
  rows: number,
  hasFinished = true,
  writer: string = randomUUID(),
): string {
  const path = join(dataDir, 'spool', writer)
  const spool = new SpoolWriter({ folder: path, writer, run: { type: 'run', project: 'p', mode: 'online', ...run } })
  const shape = spool.shapeOf(['loss'])
  for (let step = 0; step < rows; step++) {
    spool.values[0] = step
    spool.keepRow(shape, step, Date.now())
  }
  if (hasFinished) spool.keepDocument({ type: 'finish', exit_code: 0, time: Date.now() })
  spool.close()
  return path
}

test('what was spooled while no tracker was there is taken in at the start, and what comes later when it comes', async (t) => {
  const dataDir = await folder(t)
  leaveSpool(dataDir, { name: 'before' }, 1_000)
  const killed = leaveSpool(dataDir, { name: 'killed', tracker_uri: 'http://127.0.0.1:1' }, 10, false)
  const tracker = await startTracker({ dataDir, args: ['--token', 'secret-of-twenty-signs'] })
  t.after(() => tracker.stop())
  const headers = { authorization: 'Bearer secret-of-twenty-signs' }
  await tracker.logged(/Took in 1000 spooled rows of p\/before/)
  const { body } = await ask('GET', `${tracker.api}/projects/p/runs/before`, undefined, headers)
  assert.deepEqual([body.status, body.metrics[0].count], ['finished', 1_000])

  leaveSpool(dataDir, { name: 'after', tracker_uri: `http://localhost:${tracker.port}` }, 5)
  await tracker.logged(/Took in 5 spooled rows of p\/after/)
  // What was meant for another tracker is left to it.
  assert.equal(existsSync(join(killed, 'sent.json')), false)
  assert.equal((await ask('GET', `${tracker.api}/projects/p/runs/killed`, undefined, headers)).status, 404)
})

test('spools are taken in in the order in which their runs began: the first of a name keeps it', async (t) => {
  const dataDir = await folder(t)
  const began = Date.now() - 60_000
  // Their folders are listed the other way round.
  for (const [index, name] of ['same', 'one', 'two', 'same', 'three'].entries()) {
    const writer = `${9 - index}0000000-0000-4000-8000-000000000000`
    leaveSpool(dataDir, { name, id: `id-${index}`, started: began + index }, index + 1, true, writer)
  }
  const tracker = await startTracker({ dataDir })
  t.after(() => tracker.stop())
  await tracker.logged(/While taking in p\/same-id-3: project p already has another run same: this one is called same-/)
  await tracker.logged(/Took in 5 spooled rows of p\/three/)
  const { id } = await must('GET', `${tracker.api}/projects/p/runs/same`)
  assert.equal(id, 'id-0')
})

test('a spool that a process is writing is left to it, unless that is offline', async (t) => {
  const dataDir = await folder(t)
  const online = leaveSpool(dataDir, { name: 'online' }, 3, false)
  const offline = leaveSpool(dataDir, { name: 'offline', mode: 'offline' }, 3, false)
  for (const path of [online, offline]) {
    const holder = { pid: process.pid, host: (await import('node:os')).hostname(), started: Date.now() }
    writeFileSync(join(path, 'alive'), JSON.stringify(holder))
  }
  const tracker = await startTracker({ dataDir })
  t.after(() => tracker.stop())
  await tracker.logged(/Took in 3 spooled rows of p\/offline/)
  assert.equal(existsSync(join(online, 'sent.json')), false)
  // The process is gone: its lock says nothing any more.
  writeFileSync(join(online, 'alive'), '')
  await tracker.logged(/Took in 3 spooled rows of p\/online/)
})

test('a flock that a program of another language holds is seen, and its end too', {
  skip: !existsSync('/proc/locks'),
}, async (t) => {
  const path = leaveSpool(await folder(t), { name: 'r' }, 1)
  const script =
    'import fcntl,sys;f=open(sys.argv[1],"a");fcntl.flock(f,fcntl.LOCK_EX);print(1,flush=True);sys.stdin.read()'
  const holder = spawn('python3', ['-c', script, join(path, 'alive')], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(holder.stdout, 'data')
  assert.equal(isAlive(path), true)
  holder.stdin.end()
  await once(holder, 'close')
  assert.equal(isAlive(path), false)
})

test('the end of a dead process is told for it, unless it is a worker of another, or of another machine', async (t) => {
  const dataDir = await folder(t)
  const { hostname } = await import('node:os')
  const gone = spawn('true')
  await once(gone, 'close')
  const client = { language: 'python', pid: gone.pid, host: hostname() }
  leaveSpool(dataDir, { name: 'alone', client }, 4, false)
  leaveSpool(dataDir, { name: 'nothing', client, started: Date.now() - 60_000 }, 0, false)
  leaveSpool(dataDir, { name: 'worker', client, parent: randomUUID() }, 5, false)
  const far = leaveSpool(dataDir, { name: 'far', client: { ...client, host: 'another' } }, 6, false)
  const tracker = await startTracker({ dataDir })
  t.after(() => tracker.stop())
  await tracker.logged(/Took in 6 spooled rows of p\/far/)
  const run = async (name: string) => {
    const until = performance.now() + 10_000
    for (;;) {
      const { body } = await ask('GET', `${tracker.api}/projects/p/runs/${name}`)
      const isEnded =
        name === 'worker'
          ? body.writers?.some((one: { finished_at: string | null }) => one.finished_at)
          : body.finished_at
      const isThere = name === 'far' ? body.metrics?.[0]?.count === 6 : isEnded
      if (isThere) return body
      assert.ok(performance.now() < until, `${name}: ${JSON.stringify(body)}`)
    }
  }
  const reason = `the process (pid ${gone.pid} on ${hostname()}) ended without finishing the run`
  const told = async (name: string) => {
    const { status, exit_code, finish_reason } = await run(name)
    return [status, exit_code, finish_reason]
  }
  assert.deepEqual(await told('alone'), ['failed', 1, reason])
  assert.deepEqual(await told('nothing'), ['failed', 1, reason])
  // How its run ended is for the process to say that it was forked from.
  assert.deepEqual(await told('worker'), ['running', null, null])
  assert.deepEqual(await told('far'), ['running', null, null])
  const nothing = await run('nothing')
  assert.equal(nothing.finished_at, nothing.created_at)
  assert.equal(readSent(far).done, true)
})

test('the lock of a process that is gone, of an earlier process of the same number, or of nobody is free', async (t) => {
  const path = leaveSpool(await folder(t), { name: 'r' }, 1)
  const { hostname } = await import('node:os')
  const gone = spawn('true')
  await once(gone, 'close')
  const held = (holder: object | string) => {
    writeFileSync(join(path, 'alive'), typeof holder === 'string' ? holder : JSON.stringify(holder))
    return isAlive(path)
  }
  assert.equal(held({ pid: gone.pid, host: hostname(), started: Date.now() }), false)
  assert.equal(held({ pid: process.ppid, host: hostname(), started: Date.now() }), true)
  if (existsSync('/proc/stat')) assert.equal(held({ pid: process.ppid, host: hostname(), started: 1 }), false)
  assert.equal(held({ pid: process.pid, host: hostname(), started: Date.now() }), false)
  assert.equal(held({ pid: 1, host: 'another', started: 1 }), true)
  for (const nobody of ['', '{', 'null', '[]', '{"pid":"x"}']) assert.equal(held(nobody), false, nobody)
})

test('a process that has ended, and that its parent has not waited for, holds nothing', {
  skip: !existsSync('/proc/self/stat'),
}, async (t) => {
  const path = leaveSpool(await folder(t), { name: 'r' }, 1)
  const script = 'import os,sys;p=os.fork() or os._exit(0);print(p,flush=True);sys.stdin.read()'
  const parent = spawn('python3', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  const pid = Number(await once(parent.stdout, 'data'))
  const { hostname } = await import('node:os')
  writeFileSync(join(path, 'alive'), JSON.stringify({ pid, host: hostname(), started: Date.now() }))
  while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1')))
    await new Promise((resolve) => setImmediate(resolve))
  assert.equal(isAlive(path), false)
  parent.stdin.end()
  await once(parent, 'close')
})

test('a spool that cannot be read is said once, and keeps nothing else from being taken in', async (t) => {
  const dataDir = await folder(t)
  const damaged = join(dataDir, 'spool', randomUUID())
  mkdirSync(damaged, { recursive: true })
  writeFileSync(join(damaged, '000000.spool'), 'not a spool at all')
  const torn = leaveSpool(dataDir, { name: 'torn' }, 7, false)
  const bytes = readFileSync(join(torn, '000000.spool'))
  writeFileSync(join(torn, '000000.spool'), bytes.subarray(0, -5))
  leaveSpool(dataDir, { name: 'good' }, 2)
  const tracker = await startTracker({ dataDir })
  t.after(() => tracker.stop())
  await tracker.logged(/Took in 2 spooled rows of p\/good/)
  await tracker.logged(/Took in 6 spooled rows of p\/torn/)
  const { metrics } = await must('GET', `${tracker.api}/projects/p/runs/torn`)
  assert.equal(metrics[0].count, 6)
  assert.equal(readSent(torn).done, true)
})

test('rows that the tracker refuses are left out one by one, and counted', async (t) => {
  const dataDir = await folder(t)
  const writer = randomUUID()
  const path = join(dataDir, 'spool', writer)
  const spool = new SpoolWriter({ folder: path, writer, run: { type: 'run', project: 'p', name: 'r' } })
  const good = spool.shapeOf(['loss'])
  const bad = spool.shapeOf(['lo\nss'])
  for (let step = 0; step < 300; step++) {
    spool.values[0] = step
    spool.keepRow(step === 100 || step === 101 || step === 299 ? bad : good, step, Date.now())
  }
  spool.keepDocument({ type: 'finish', exit_code: 0, time: 0 })
  spool.close()
  const tracker = await startTracker({ dataDir })
  t.after(() => tracker.stop())
  await tracker.logged(/Took in 297 spooled rows/)
  const points = await exportedPoints(`${tracker.api}/projects/p/runs/r`)
  assert.deepEqual(
    points.map(({ step }) => step),
    Array.from({ length: 300 }, (_, step) => step).filter((step) => ![100, 101, 299].includes(step)),
  )
  const { refused, done, rows } = readSent(path)
  assert.deepEqual(
    refused.map(({ row, count }) => [row, count]),
    [
      [100, 2],
      [299, 1],
    ],
  )
  assert.match(refused[0].reason, /control characters/)
  assert.deepEqual([done, rows], [true, 300])
})

test('a tracker that is read-only takes nothing in', async (t) => {
  const dataDir = await folder(t)
  await (await startTracker({ dataDir })).stop()
  const path = leaveSpool(dataDir, { name: 'r' }, 3)
  const tracker = await startTracker({ dataDir, args: ['--read-only'] })
  t.after(() => tracker.stop())
  await must('GET', `${tracker.api}/health`)
  leaveSpool(dataDir, { name: 's' }, 3)
  assert.equal(existsSync(join(path, 'sent.json')), false)
})
