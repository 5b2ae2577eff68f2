import assert from 'node:assert/strict'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { suite, type TestContext, test } from 'node:test'
import { problem } from '@aspara/protocol/errors.ts'
import { ask, must } from '@aspara/tracker/testing/ask.ts'
import { startTracker, type TrackerProcess, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import { troubles } from './tracker-log.ts'

const writer = '6f1c0000-0000-4000-8000-0000000000e2'
const rows = 4_000
const sentence = { detail: problem('diskUnreadable').detail }

/** A data directory with a run of which all points are in chunks, and another that still has some in the journal. */
async function dataOf(): Promise<string> {
  const dataDir = await temporaryFolder()
  const tracker = await startTracker({ dataDir })
  try {
    for (const run of ['compacted', 'live']) {
      const steps = Array.from({ length: rows }, (_, row) => row)
      const batch = { writer, sequence: 0, steps, metrics: { loss: steps } }
      await must('POST', `${tracker.api}/projects/p/runs/${run}/metrics/batch`, batch)
    }
    await must('POST', `${tracker.api}/projects/p/runs/compacted/finish`, {})
    const file = new DatabaseSync(join(dataDir, 'aspara.db'), { readOnly: true })
    const left = file.prepare("select count(*) as entries from journal join runs on id = run where name = 'compacted'")
    while (left.get()?.entries !== 0) await new Promise((resolve) => setTimeout(resolve, 50))
    file.close()
  } finally {
    await tracker.stop()
  }
  return dataDir
}

/** Spoils the first page of a table: whoever looks anything up in it is told that the file is malformed. */
async function spoil(dataDir: string, table: string): Promise<void> {
  const path = join(dataDir, 'aspara.db')
  const database = new DatabaseSync(path)
  database.exec('pragma wal_checkpoint(truncate)')
  const { page_size: size } = database.prepare('pragma page_size').get() as { page_size: number }
  const { rootpage } = database.prepare('select rootpage from sqlite_schema where name = ?').get(table) as {
    rootpage: number
  }
  database.close()
  const file = await open(path, 'r+')
  await file.write(new Uint8Array(size).fill(0xa5), 0, size, (rootpage - 1) * size)
  await file.close()
}

async function startSpoilt(t: TestContext, table: string): Promise<TrackerProcess> {
  const dataDir = await dataOf()
  await spoil(dataDir, table)
  const tracker = await startTracker({ dataDir })
  t.after(async () => {
    await tracker.stop()
    await rm(dataDir, { recursive: true, force: true })
  })
  return tracker
}

const faults = (tracker: TrackerProcess) => tracker.log.filter((line) => line.includes('The disk could not be read'))

suite('a disk that can not be read', () => {
  test('is a problem of its own for whoever asks for what is there, logged once with the file; the rest goes on', async (t) => {
    const tracker = await startSpoilt(t, 'chunks')
    const { dataDir } = tracker
    const project = `${tracker.api}/projects/p`
    for (let time = 0; time < 3; time++) {
      const { status, body } = await ask('GET', `${project}/series?runs=compacted&metrics=loss`)
      assert.deepEqual([status, body], [500, sentence])
    }
    const [fault, ...more] = faults(tracker)
    assert.match(fault, /aspara\.db: database disk image is malformed \(SQLITE_CORRUPT\)/)
    assert.ok(fault.includes(dataDir))
    assert.deepEqual(more, [])

    assert.equal((await must('GET', `${project}/runs/compacted`)).status, 'finished')
    const batch = { writer, sequence: 1, steps: [rows], metrics: { loss: [1] } }
    await must('POST', `${project}/runs/live/metrics/batch`, batch)
    await must('POST', `${project}/runs/other/metrics`, { metrics: { loss: 1 } })
    // What is live is to be compacted into that table, which is told once for each run and not tried all the time.
    await must('POST', `${project}/runs/live/finish`, {})
    const aside = await tracker.logged(/Run p\/live can't be read and is not compacted for 10 minutes/)
    assert.ok(aside.includes(dataDir))
    assert.deepEqual(troubles(tracker), [])
  })

  test('does not end the tracker, whoever meets it', async (t) => {
    const tracker = await startSpoilt(t, 'journal')
    const run = `${tracker.api}/projects/p/runs/live`
    const { status, body } = await ask('POST', `${run}/metrics`, { metrics: { loss: 1 } })
    assert.deepEqual([status, body], [500, sentence])
    // One line of the thread that writes, and one of the compactor, which looks there by itself.
    while (faults(tracker).length < 2) await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal((await ask('GET', `${tracker.api}/health`)).status, 200)
    assert.equal((await ask('POST', `${run}/tags`, { tags: ['kept'] })).status, 200)
    assert.deepEqual(troubles(tracker), [])
  })
})
