import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { mkdir, readdir, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { deleteForGood } from '@aspara/tracker/testing/ask.ts'
import { startTracker, type TrackerProcess, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import { downloadArtifact, exportPoints, getJson, getRun, getText, type Json, send } from './read-back.ts'
import { troubles } from './tracker-log.ts'

/**
 * A disk that is really full: a small file system of its own where the tests may mount one, and a limit on the size of
 * files where they may set one. Nothing that was acknowledged is lost, what is refused has not been stored, reading goes
 * on, and so does writing as soon as there is room.
 */

const MiB = 1024 * 1024
const project = 'full'
const rowsPerBatch = 20_000
/** When the first row of a batch was logged. */
const startMs = 1_769_850_000_000

/** What a tracker acknowledged, which is exactly what it has to hold: every request here is answered. */
class Ledger {
  readonly records = new Map<number, number>()
  /** The lines of each, as a CSV export has them. */
  readonly batches: string[] = []
  readonly artifacts = new Map<string, string>()
  readonly #writer = randomUUID()
  #nextStep = 0
  #nextArtifact = 0

  /** Sends records on many connections; answers how many were taken, and each refusal. */
  async logRecords(tracker: TrackerProcess): Promise<{ taken: number; refusals: Refusal[] }> {
    const answers = await Promise.all(
      Array.from({ length: 64 }, async () => {
        const step = this.#nextStep++
        const names = Array.from({ length: 20 }, (_, index) => [`metric/${index}`, step + index])
        const answer = await post(tracker, 'records/metrics', { step, metrics: Object.fromEntries(names) })
        if (answer.status === 200) this.records.set(step, step)
        return answer
      }),
    )
    const refusals = answers.filter(({ status }) => status !== 200)
    return { taken: answers.length - refusals.length, refusals }
  }

  /** Sends the next batch. One that is refused is sent again next time, under the same number. */
  async logBatch(tracker: TrackerProcess): Promise<Refusal | undefined> {
    const sequence = this.batches.length
    const steps = Array.from({ length: rowsPerBatch }, (_, row) => sequence * rowsPerBatch + row)
    // Values of which no two have anything in common: others would become chunks of next to nothing.
    const loss = steps.map(() => Math.random())
    const body = {
      writer: this.#writer,
      sequence,
      steps,
      timestamps: steps.map((step) => startMs + step),
      metrics: { loss },
    }
    const answer = await post(tracker, 'batches/metrics/batch', body)
    if (answer.status !== 200) return answer
    assert.deepEqual(answer.body, { status: 'ok', next_sequence: sequence + 1 })
    this.batches.push(steps.map((step, row) => `loss,${step},${startMs + step},${loss[row]}\n`).join(''))
    return undefined
  }

  async upload(tracker: TrackerProcess, bytes = 700_000): Promise<Refusal | undefined> {
    const content = randomBytes(bytes)
    const name = `artifact-${this.#nextArtifact++}`
    const form = new FormData()
    form.append('file', new Blob([content]), name)
    const response = await fetch(runUrl(tracker, 'artifacts/artifacts'), { method: 'POST', body: form })
    const body = await response.json()
    if (response.status !== 200) return { status: response.status, headers: response.headers, body }
    this.artifacts.set(name, createHash('sha256').update(content).digest('hex'))
    return undefined
  }

  /** The tracker holds what it acknowledged, and nothing else. */
  async assertHeld(tracker: TrackerProcess): Promise<void> {
    const { api } = tracker
    if (this.records.size > 0) {
      const points = await exportPoints(api, project, 'records', 'metric/7')
      const steps = [...this.records.keys()].sort((a, b) => a - b)
      assert.deepEqual(
        points.map(({ step, value }) => [step, value]),
        steps.map((step) => [step, step + 7]),
      )
      assert.equal((await getRun(api, project, 'records')).metrics[19].count, steps.length)
    }
    const csv = await getText(`${runUrl(tracker, 'batches')}/metrics/export?format=csv`)
    assert.ok(csv === `metric,step,timestamp,value\n${this.batches.join('')}`, 'the batches are not those acknowledged')
    const listed = await getJson(`${runUrl(tracker, 'artifacts')}/artifacts?limit=1000`)
    assert.deepEqual(listed.artifacts.map(({ name }: Json) => name).sort(), [...this.artifacts.keys()].sort())
    for (const [name, sha256] of this.artifacts) {
      const bytes = await downloadArtifact(api, project, 'artifacts', name)
      assert.equal(createHash('sha256').update(bytes).digest('hex'), sha256)
    }
    assert.deepEqual(await readdir(join(tracker.dataDir, 'artifacts', 'incoming')), [])
  }

  forgetRecords(): void {
    this.records.clear()
  }
}

interface Refusal {
  status: number
  headers: Headers
  body: Json
}

const runsUrl = (tracker: TrackerProcess) => `${tracker.api}/projects/${project}/runs`
const runUrl = (tracker: TrackerProcess, path: string) => `${runsUrl(tracker)}/${path}`

async function post(tracker: TrackerProcess, path: string, body: unknown): Promise<Refusal> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(runUrl(tracker, path), { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

function assertFull({ status, headers, body }: Refusal): void {
  assert.equal(status, 507, JSON.stringify(body))
  assert.deepEqual(body, { detail: 'The disk is full: nothing was stored, reading still works' })
  assert.ok(Number(headers.get('retry-after')) > 0)
}

/** Batches until none is taken any more, then records, which are smaller, likewise. */
async function fillWithPoints(tracker: TrackerProcess, ledger: Ledger): Promise<void> {
  let refusal: Refusal | undefined
  while (!refusal) refusal = await ledger.logBatch(tracker)
  assertFull(refusal)
  for (let taken = 1; taken > 0; ) {
    const logged = await ledger.logRecords(tracker)
    logged.refusals.forEach(assertFull)
    taken = logged.taken
  }
}

/** Everything that only reads answers, everything that writes is refused. */
async function assertReadsAndRefuses(tracker: TrackerProcess, ledger: Ledger): Promise<void> {
  // At once: what the journal no longer needs comes back by and by.
  const writes: [string, object][] = [
    ['batches/config', { config: { note: 'x'.repeat(200_000) } }],
    ['batches/summary', { summary: { note: 'x'.repeat(200_000) } }],
  ]
  for (const [path, body] of writes) assertFull(await post(tracker, path, body))
  assertFull((await ledger.upload(tracker, 3 * MiB))!)
  assertFull((await ledger.logBatch(tracker))!)
  await ledger.assertHeld(tracker)
  for (const path of [
    '',
    `/${project}`,
    `/${project}/runs`,
    `/${project}/runs/batches`,
    `/${project}/runs/batches/metrics`,
  ]) {
    assert.equal((await send('GET', `${tracker.api}/projects${path}`)).status, 200, path)
  }
  assert.equal((await fetch(`${tracker.url}/metrics`)).status, 200)
  assert.equal((await fetch(tracker.url)).status, 200)
  assert.deepEqual((await getRun(tracker.api, project, 'batches')).config, {})
  assert.deepEqual(troubles(tracker), [])
}

/** All kinds of writes are taken again, by the same process. */
async function assertTakes(tracker: TrackerProcess, ledger: Ledger): Promise<void> {
  assert.equal(await ledger.logBatch(tracker), undefined)
  assert.equal((await ledger.logRecords(tracker)).refusals.length, 0)
  assert.equal(await ledger.upload(tracker), undefined)
}

async function begin(tracker: TrackerProcess, ledger: Ledger): Promise<void> {
  const artifacts = await send('POST', runsUrl(tracker), { name: 'artifacts' })
  assert.equal(artifacts.status, 200)
  await assertTakes(tracker, ledger)
}

test('a file system that is full', async (t) => {
  const disk = await temporaryFolder()
  const isMounted = mountSmallDisk(disk, 64 * MiB)
  const trackers: TrackerProcess[] = []
  t.after(async () => {
    for (const tracker of trackers) await tracker.kill()
    if (isMounted) spawnSync('umount', [disk])
    await rm(disk, { recursive: true, force: true })
  })
  if (!isMounted) return t.skip('no file system can be mounted here')
  t.diagnostic('a tmpfs of 64 MiB')
  const filler = join(disk, 'filler')
  await writeFile(filler, randomBytes(8 * MiB))
  const dataDir = join(disk, 'data')
  const tracker = await startTracker({ dataDir })
  trackers.push(tracker)
  const ledger = new Ledger()
  await begin(tracker, ledger)

  await t.test('by points refuses whatever would be stored, loses nothing, and reads on', async (t) => {
    await fillWithPoints(tracker, ledger)
    const { bavail, bsize } = await statfs(disk)
    t.diagnostic(`${ledger.batches.length} batches, ${ledger.records.size} records, ${bavail * bsize} bytes free`)
    await assertReadsAndRefuses(tracker, ledger)
  })

  await t.test('takes points and uploads again once somebody else makes room', async () => {
    await rm(filler)
    await assertTakes(tracker, ledger)
  })

  await t.test('and full again takes them once a run is deleted, and other runs are as they were', async () => {
    await fillWithPoints(tracker, ledger)
    await deleteForGood(runUrl(tracker, 'records'))
    ledger.forgetRecords()
    // What a deleted run took comes back bit by bit.
    const untilMs = performance.now() + 10_000
    while (await ledger.upload(tracker)) assert.ok(performance.now() < untilMs, 'no room has come back within 10 s')
    await assertTakes(tracker, ledger)
    await ledger.assertHeld(tracker)
  })

  await t.test('by uploads keeps nothing of the one that did not fit', async () => {
    let refusal: Refusal | undefined
    while (!refusal) refusal = await ledger.upload(tracker)
    assertFull(refusal)
    assertFull((await ledger.upload(tracker, 3 * MiB))!)
    assert.deepEqual(await readdir(join(dataDir, 'artifacts', 'incoming')), [])
    assert.deepEqual(troubles(tracker), [])
  })

  await t.test('starts a tracker that reads, and takes again what there is room for', async () => {
    await fillWithPoints(tracker, ledger)
    assert.equal(await tracker.stop(), 0)
    // To the last byte: what the tracker gave back when it ended is taken by others.
    await fillUp(join(disk, 'others'))
    const again = await startTracker({ dataDir })
    trackers.push(again)
    await ledger.assertHeld(again)
    assert.deepEqual(troubles(again), [])
    await rm(join(disk, 'others'), { recursive: true })
    await deleteForGood(runUrl(again, 'artifacts'))
    ledger.artifacts.clear()
    assert.equal((await send('POST', runsUrl(again), { name: 'artifacts' })).status, 200)
    const untilMs = performance.now() + 10_000
    while (await ledger.upload(again)) assert.ok(performance.now() < untilMs, 'no room has come back within 10 s')
    await assertTakes(again, ledger)
    await again.kill()
    const afterKill = await startTracker({ dataDir })
    trackers.push(afterKill)
    await ledger.assertHeld(afterKill)
  })
})

test('a limit on the size of files', async (t) => {
  const dataDir = await temporaryFolder()
  const tracker = await startTracker({ dataDir })
  const trackers = [tracker]
  t.after(async () => {
    for (const tracker of trackers) await tracker.kill()
    await rm(dataDir, { recursive: true, force: true })
  })
  // Only what this process may raise again later: the soft limit.
  const limit = (bytes: number | 'unlimited') =>
    spawnSync('prlimit', ['--pid', String(tracker.child.pid), `--fsize=${bytes}:`]).status === 0
  if (!limit(8 * MiB)) return t.skip('no limit can be set on a process here')
  t.diagnostic('files of 8 MiB by prlimit')
  const ledger = new Ledger()
  await begin(tracker, ledger)

  await t.test('refuses whatever would be stored beyond it, loses nothing, and reads on', async (t) => {
    await fillWithPoints(tracker, ledger)
    t.diagnostic(`${ledger.batches.length} batches, ${ledger.records.size} records`)
    await ledger.assertHeld(tracker)
    assertFull((await ledger.upload(tracker, 9 * MiB))!)
    // What the journal gave back meanwhile is taken again, and then there is no more.
    await fillWithPoints(tracker, ledger)
    assert.deepEqual(await readdir(join(dataDir, 'artifacts', 'incoming')), [])
    assert.deepEqual(troubles(tracker), [])
  })

  await t.test('and takes it once the limit is raised, without a restart, and after one all is there', async () => {
    assert.ok(limit('unlimited'))
    await assertTakes(tracker, ledger)
    assert.equal(await tracker.stop(), 0)
    const again = await startTracker({ dataDir })
    trackers.push(again)
    await assertTakes(again, ledger)
    await ledger.assertHeld(again)
  })
})

/** A file system in memory. @returns whether one could be mounted */
function mountSmallDisk(folder: string, bytes: number): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'aspara-test', folder]).status === 0
}

/** Takes all that is left, down to files of nothing. */
async function fillUp(folder: string): Promise<void> {
  await mkdir(folder)
  for (let bytes = 4 * MiB, count = 0; bytes >= 1; count++) {
    try {
      await writeFile(join(folder, `${count}`), Buffer.alloc(bytes))
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
      bytes = Math.floor(bytes / 8)
    }
  }
}
