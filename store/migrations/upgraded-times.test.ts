import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { test } from 'node:test'
import { sql } from 'kysely'
import { newRun } from '../testing/ask-store.ts'
import { openEmbedded } from '../testing/embedded-store.ts'
import { release } from '../testing/first-release.ts'
import { batch, writerOf } from '../testing/plain-appends.ts'

const monthAgo = Date.now() - 30 * 24 * 3_600_000

/** As the release before leaves it: runs of a project q, in the order of their names. */
const before = () =>
  release(5, async (db) => {
    const heads = (run: number, heardAt: number) =>
      sql`insert into heads (run, next_position, last_step, heard_at) values (${run}, 0, 5, ${heardAt})`.execute(db)
    await heads(1, 0) // The run r of project p.
    await sql`insert into projects (name, tags, notes, created_at, runs_made) values ('q', '[]', '', 0, 4)`.execute(db)
    const runs = [
      [10, 'a-killed', 'running', monthAgo, monthAgo],
      [20, 'b-by-records', 'running', monthAgo + 1, monthAgo],
      [30, 'c-finished', 'finished', monthAgo + 2, monthAgo],
      [40, 'd-live', 'running', monthAgo + 3, Date.now()],
    ] as const
    for (const [id, name, status, createdAt, heardAt] of runs) {
      const finishedAt = status === 'finished' ? createdAt + 1_000 : null
      await sql`
        insert into runs (id, project, name, number, status, tags, notes, config, summary, created_at, finished_at)
        values (${id}, 'q', ${name}, ${id / 10}, ${status}, '[]', '', '{}', '{}', ${createdAt}, ${finishedAt})`.execute(
        db,
      )
      await heads(id, heardAt)
      if (name === 'b-by-records') continue
      await sql`
        insert into writers (run, writer, next_sequence, heard_at)
        values (${id}, ${writerOf('a')}, 3, ${heardAt})`.execute(db)
    }
  })

test('runs of before that were killed are lost, others are what they were, and have the times that they had', async () => {
  const folder = await before()
  const store = await openEmbedded(folder)
  try {
    const { catalog, journal } = store
    const list = async () =>
      (await catalog.listRuns({ project: 'q' }, {})).runs.map(({ name, status, created_at }) => [
        name,
        status,
        Date.parse(created_at) - monthAgo,
      ])
    assert.deepEqual(await list(), [
      ['d-live', 'running', 3],
      ['c-finished', 'finished', 2],
      ['b-by-records', 'running', 1],
      ['a-killed', 'lost', 0],
    ])
    const finished = await catalog.readRun({ project: 'q', run: 'c-finished' })
    assert.deepEqual([Date.parse(finished.finished_at as string) - monthAgo, finished.finish_reason], [1_002, null])
    const address = { project: 'q', run: 'a-killed' }
    const timestamps = [monthAgo - 500, monthAgo + 2_000]
    await journal.appendBatch(batch({ ...address, sequence: 3, steps: [6, 7], timestamps, metrics: { x: [1, 2] } }))
    assert.deepEqual((await list()).at(-1), ['a-killed', 'running', -500], 'a point that comes late has its time')
    await catalog.finishRun({ ...address, exitCode: 1, writer: writerOf('a'), reason: 'why' })
    const { finished_at, finish_reason } = await catalog.readRun(address)
    const lasted = Date.parse(finished_at as string) - monthAgo
    assert.ok(lasted >= 2_000 && lasted < 62_000, `${lasted} ms`)
    assert.equal(finish_reason, 'why')
    // Of a run without a point since then, the clock is the tracker's.
    const sinceMs = Date.now()
    await catalog.finishRun({ project: 'q', run: 'b-by-records', exitCode: 0 })
    const ended = await catalog.readRun({ project: 'q', run: 'b-by-records' })
    assert.ok(Date.parse(ended.finished_at as string) >= sinceMs)
    await catalog.createRun(newRun('q', 'e-new'))
    assert.equal((await list())[0][0], 'e-new')
    assert.ok((await readdir(folder)).some((name) => name.endsWith('before-006-times-of-runs')))
  } finally {
    await store.close()
  }
})
