import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { sql } from 'kysely'
import { commitAt } from '../catalog/commit.ts'
import { deleteRun, discardRun } from '../catalog/deletions.ts'
import type { Database } from '../engines/engine.ts'
import { SqliteEngine } from '../engines/sqlite.ts'
import type { Store } from '../store.ts'
import type { RunId } from '../tables.ts'
import { deleteForGood, eventually, exportPoints, exportText } from '../testing/ask-store.ts'
import { openEmbedded } from '../testing/embedded-store.ts'
import { columnsBatch, record } from '../testing/plain-appends.ts'
import { randomFromEnvironment, seededRandom } from '../testing/random.ts'
import { SeriesDatabase } from '../testing/series-database.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { compact } from './compact.ts'
import { growLevels } from './levels.ts'
import { readLiveRuns } from './live-runs.ts'

const tables = ['journal', 'chunks', 'series', 'writers', 'heads'] as const

/** How many rows of a run each table has, where it has any. */
async function rowsOf(db: Database, run: RunId): Promise<Record<string, number>> {
  const rows: Record<string, number> = {}
  for (const table of tables) {
    const found = await db.selectFrom(table).select('run').where('run', '=', run).execute()
    if (found.length > 0) rows[table] = found.length
  }
  return rows
}

/** Points that no compression makes much smaller: 20,000 a batch. */
function batchOf(run: string, sequence: number) {
  const random = seededRandom(sequence)
  const steps = Float64Array.from({ length: 20_000 }, (_, row) => sequence * 20_000 + row)
  const noise = () => steps.map(() => random.next())
  return columnsBatch({ run, sequence, steps, metrics: { loss: noise(), acc: noise() } })
}

suite('a run that is deleted', { timeout: 60_000 }, () => {
  let store: Store
  let reader: Database
  before(async () => {
    const folder = await temporaryFolder()
    store = await openEmbedded(folder)
    reader = await new SqliteEngine(folder).openReader()
  })
  after(async () => {
    await reader.destroy()
    await store.close()
  })

  const addressOf = (run: string) => ({ project: 'p', run })
  const idOf = async (run: string) =>
    (await reader.selectFrom('runs').select('id').where('name', '=', run).executeTakeFirstOrThrow()).id
  const fill = async (run: string, batches: number) => {
    await Promise.all(
      Array.from({ length: batches }, (_, sequence) => store.journal.appendBatch(batchOf(run, sequence))),
    )
  }
  const finish = async (run: string) => {
    await store.catalog.finishRun({ ...addressOf(run), exitCode: 0 })
    const id = await idOf(run)
    await eventually('it is compacted', async () => (await readLiveRuns(reader)).every((live) => live.run !== id))
  }
  const pages = async (pragma: 'page_count' | 'freelist_count') => {
    const { rows } = await sql<Record<string, number>>`pragma ${sql.raw(pragma)}`.execute(reader)
    return rows[0][pragma]
  }

  test('leaves no row of its series, gives its pages back, and its neighbour is as it was', async () => {
    await fill('neighbour', 3)
    await finish('neighbour')
    const neighbour = await exportText(store, addressOf('neighbour'))
    const before = await pages('page_count')
    await fill('r', 15)
    await finish('r')
    const id = await idOf('r')
    const { chunks, series } = await rowsOf(reader, id)
    assert.ok(chunks > 500 && series === 2, `${chunks} chunks of ${series} series`)
    const full = await pages('page_count')
    await deleteForGood(store, addressOf('r'))
    await eventually('its rows are gone', async () => Object.keys(await rowsOf(reader, id)).length === 0)
    await eventually('its pages are given back', async () => (await pages('freelist_count')) === 0)
    const left = await pages('page_count')
    assert.ok(left < before + (full - before) * 0.1, `${before} pages before, ${full} with it, ${left} after`)
    assert.equal(await exportText(store, addressOf('neighbour')), neighbour)
  })

  test('in the midst of its compaction leaves nothing either, and made anew shares nothing with it', async () => {
    const random = randomFromEnvironment()
    for (let round = 0; round < 8; round++) {
      const where = `ASPARA_TEST_SEED=${random.seed}, round ${round}`
      await fill('r', 5)
      const id = await idOf('r')
      // A commit takes about as long as a transaction of compaction does.
      for (let commits = random.below(12); commits > 0; commits--) {
        await store.journal.appendRecord(record('clock', null, { tick: commits }))
      }
      await deleteForGood(store, addressOf('r'))
      const anew = { a: round, loss: 0.5 }
      await store.journal.appendRecord(record('r', 7, anew, 1_000))
      const point = (metric: string, value: number) => ({ metric, step: 7, timestamp: 1_000, value })
      const expected = [point('a', round), point('loss', 0.5)]
      assert.deepEqual(await exportPoints(store, addressOf('r')), expected, where)
      await eventually('its rows are gone', async () => Object.keys(await rowsOf(reader, id)).length === 0)
      await finish('r')
      assert.deepEqual(await exportPoints(store, addressOf('r')), expected, where)
      const metrics = await store.series.listMetrics(addressOf('r'))
      assert.deepEqual(
        metrics.map(({ metric, count, last }) => [metric, count, last]),
        [
          ['a', 1, round],
          ['loss', 1, 0.5],
        ],
        where,
      )
      await deleteForGood(store, addressOf('r'))
    }
    assert.deepEqual(
      await reader
        .selectFrom('journal')
        .select('run')
        .where('run', '!=', await idOf('clock'))
        .execute(),
      [],
    )
  })
})

test('what was compacted of a run that is deleted meanwhile is not written', async () => {
  await using database = await SeriesDatabase.open()
  const { db } = database
  await database.append([batchOf('r', 0), batchOf('r', 1)])
  const run = await database.runId('r')
  const changes = await db.transaction().execute((snapshot) => compact(snapshot, run))
  assert.ok(changes)
  assert.ok(await database.apply(changes))
  assert.equal(await database.apply(changes), false, 'and never twice')
  const growing = growLevels(db, run, changes.series)
  const growth = (await growing.next()).value
  assert.ok(growth)
  const later = await db.transaction().execute((snapshot) => compact(snapshot, run))
  await db.transaction().execute(async (trx) => {
    const { trashId } = await deleteRun(trx, { project: 'p', run: 'r' }, commitAt(Date.now()))
    await discardRun(trx, { project: 'p', trashId })
  })
  await db.deleteFrom('chunks').where('run', '=', run).execute()
  for (const late of [growth, later]) if (late) assert.equal(await database.apply(late), false)
  assert.deepEqual(await db.selectFrom('chunks').select('run').execute(), [])
})
