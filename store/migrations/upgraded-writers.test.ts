import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { test } from 'node:test'
import { sql } from 'kysely'
import { newRun } from '../testing/ask-store.ts'
import { openEmbedded } from '../testing/embedded-store.ts'
import { release } from '../testing/first-release.ts'
import { batch, writerOf } from '../testing/plain-appends.ts'
import { plainReceipt, rowsOf } from '../testing/plain-receipt.ts'

const address = { project: 'p', run: 'r' }

/** As the release before receipts leaves it: a run that a writer has given three batches to. */
const beforeReceipts = () =>
  release(2, async (db) => {
    await sql`insert into heads (run, next_position, last_step, heard_at) values (1, 0, 5, 0)`.execute(db)
    await sql`insert into writers values (1, ${writerOf('a')}, 3)`.execute(db)
  })

test('writers that are older than receipts go on without, others have theirs', async () => {
  const folder = await beforeReceipts()
  const store = await openEmbedded(folder)
  try {
    const { catalog, journal } = store
    const writer = async (letters: string) =>
      (await catalog.listWriters(address, { writer: writerOf(letters) })).writers[0]
    const old = {
      ...{ writer: writerOf('a'), label: null, next_sequence: 3, rows: null, points: null, checksum: null },
      ...{ heard_at: null, finished_at: null, exit_code: null, client: null },
    }
    assert.deepEqual(await writer('a'), old)
    const { writers, id, group, job_type } = await catalog.readRun(address)
    assert.deepEqual({ writers, id, group, job_type }, { writers: [old], id: null, group: null, job_type: null })

    const more = { steps: [6], metrics: { x: [1] } }
    assert.deepEqual(await journal.appendBatch(batch({ sequence: 2, ...more })), { next_sequence: 3, duplicate: true })
    await journal.appendBatch({ ...batch({ sequence: 3, ...more }), label: 'rank 0' })
    const { heard_at, ...after } = await writer('a')
    const { heard_at: _, ...expected } = { ...old, next_sequence: 4, label: 'rank 0' }
    assert.deepEqual(after, expected, 'a receipt of a part would be taken for one of all')
    assert.ok(Date.parse(heard_at as string) > 0)

    const another = { writer: 'b', sequence: 0, ...more }
    await journal.appendBatch(batch(another))
    const { rows, points, checksum } = await writer('b')
    assert.deepEqual({ rows, points, checksum }, plainReceipt(rowsOf(batch(another), [6])))
    assert.ok((await readdir(folder)).some((name) => name.endsWith('before-003-receipts')))
  } finally {
    await store.close()
  }
})

test('a run of before ends with its writers, and gets an id when it goes on with one', async () => {
  const folder = await beforeReceipts()
  const store = await openEmbedded(folder)
  try {
    const { catalog } = store
    await catalog.createRun(newRun('p', 'r', { id: 'i', resume: true }))
    await catalog.finishRun({ ...address, exitCode: 0, writer: writerOf('b') })
    const { id, status } = await catalog.readRun(address)
    assert.deepEqual({ id, status }, { id: 'i', status: 'finished' }, 'the old writer has been silent for long')
  } finally {
    await store.close()
  }
})
