import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Problem } from '@aspara/protocol/errors.ts'
import type { Database } from '../engines/engine.ts'
import { SqliteEngine } from '../engines/sqlite.ts'
import { deleteForGood, eventually, exportPoints, refused } from '../testing/ask-store.ts'
import { openEmbedded } from '../testing/embedded-store.ts'
import { columnsBatch, record } from '../testing/plain-appends.ts'
import { randomFromEnvironment } from '../testing/random.ts'
import { SeriesDatabase } from '../testing/series-database.ts'
import { readLiveRuns } from './live-runs.ts'
import { readSeries, type SeriesRequest } from './read-series.ts'
import { lineJson, seriesJson } from './series-json.ts'
import { Tails } from './tails.ts'

const chartOf = (run: string, rest: Partial<SeriesRequest> = {}): SeriesRequest => ({
  project: 'p',
  runs: [run],
  metrics: ['loss'],
  x: 'step',
  from: undefined,
  to: undefined,
  points: 1_000,
  ...rest,
})

const batchOf = (run: string, sequence: number, rows = 20_000) => {
  const steps = Float64Array.from({ length: rows }, (_, row) => sequence * rows + row)
  return columnsBatch({ run, sequence, steps, metrics: { loss: steps.map((step) => Math.fround(Math.sin(step))) } })
}

/** Every chunk of a series, in order of its key. */
const chunksOf = (db: Database) =>
  db.selectFrom('chunks').selectAll().orderBy('run').orderBy('series').orderBy('level').orderBy('first_step').execute()

type ChunkRow = Awaited<ReturnType<typeof chunksOf>>[number]

async function replaceBody(db: Database, { run, series, level, first_step, part }: ChunkRow, body: Uint8Array) {
  const key = { run, series, level, first_step, part }
  await db
    .updateTable('chunks')
    .set({ body })
    .where((eb) => eb.and(key))
    .execute()
}

function flip(body: Uint8Array, at: number, bits: number): Uint8Array {
  const flipped = body.slice()
  flipped[at] ^= bits
  return flipped
}

const random = randomFromEnvironment()

test(`a byte that is wrong is told, or makes no difference: never is a wrong number, seed ${random.seed}`, async () => {
  await using database = await SeriesDatabase.open()
  const { db } = database
  for (let sequence = 0; sequence < 8; sequence++) await database.append([batchOf('r', sequence)])
  await database.compactAll(await database.runId('r'))
  const chunks = await chunksOf(db)
  assert.ok(chunks.some(({ level }) => level === 2))
  const questions = [
    chartOf('r'),
    chartOf('r', { points: 10 }),
    chartOf('r', { from: 1_000, to: 90_000, points: 100 }),
    chartOf('r', { from: 50_000, to: 50_100 }),
    chartOf('r', { x: 'time', from: 100_000 * 250, to: 110_000 * 250 }),
  ]
  const ask = async (request: SeriesRequest) => {
    const answer = await db.transaction().execute((snapshot) => readSeries(snapshot, new Tails(), request))
    return String(Buffer.from(seriesJson({ ...answer, series: answer.series.map(lineJson) })))
  }
  const whole = await Promise.all(questions.map(ask))
  let told = 0
  for (let round = 0; round < 80; round++) {
    // Of the higher levels there are few chunks, and all charts are drawn from them.
    const chunk = random.pick(random.chance(0.5) ? chunks : chunks.filter(({ level }) => level > 0))
    const at = random.chance(0.3) ? random.below(16) : random.below(chunk.body.length)
    const where = `ASPARA_TEST_SEED=${random.seed}: byte ${at} of level ${chunk.level}, ${chunk.first_step}`
    await replaceBody(db, chunk, flip(chunk.body, at, 1 << random.below(8)))
    for (const [index, request] of questions.entries()) {
      const answer = await ask(request).catch((error: Error) => error)
      if (answer instanceof Error) {
        assert.equal(answer.name, 'ChunkCorrupt', `${where}: ${answer.stack}`)
        told++
      } else assert.equal(answer, whole[index], where)
    }
    await replaceBody(db, chunk, chunk.body)
  }
  assert.ok(told > 20, `${told} answers told of it`)
})

test('a store with a damaged chunk says so where it is read, and goes on with all else', {
  timeout: 60_000,
}, async () => {
  const { folder } = await damagedStore()
  const store = await openEmbedded(folder)
  const reader = await new SqliteEngine(folder).openReader()
  try {
    const question = { ...chartOf('damaged', { from: 10_000, to: 10_300 }), format: 'json' as const, known: [] }
    const problem: Problem = await refused(store.series.read(question), 'diskUnreadable')
    assert.match(String(problem.cause), /ChunkCorrupt: chunk checksum \d+/)
    await refused(exportPoints(store, { project: 'p', run: 'damaged' }), 'diskUnreadable')
    // What does not look at that chunk is answered.
    const { body } = await store.series.read({ ...question, from: 0, to: 500 })
    assert.equal(JSON.parse(String(Buffer.from(body as Uint8Array))).series[0].count, 501)
    const [{ count }] = await store.series.listMetrics({ project: 'p', run: 'damaged' })
    assert.equal(count, 20_000)
    assert.equal((await exportPoints(store, { project: 'p', run: 'whole' })).length, 20_000)

    // Compaction comes to the damaged chunk, leaves that run alone, and goes on with others.
    await store.journal.appendRecord(record('damaged', 10_100, { loss: 1 }))
    await store.catalog.finishRun({ project: 'p', run: 'damaged', exitCode: 0 })
    await store.journal.appendBatch(batchOf('whole', 1))
    await store.catalog.finishRun({ project: 'p', run: 'whole', exitCode: 0 })
    const damaged = await reader.selectFrom('runs').select('id').where('name', '=', 'damaged').executeTakeFirstOrThrow()
    const live = async () => (await readLiveRuns(reader)).map(({ run }) => run)
    await eventually('the others are compacted', async () => (await live()).join() === String(damaged.id))
    assert.equal((await store.series.listMetrics({ project: 'p', run: 'damaged' }))[0].count, 20_001)
    assert.equal((await exportPoints(store, { project: 'p', run: 'whole' })).length, 40_000)
    await deleteForGood(store, { project: 'p', run: 'damaged' })
    await eventually('it can be deleted', async () => (await live()).length === 0)
  } finally {
    await reader.destroy()
    await store.close()
  }
})

/** A closed store of two compacted runs: in one of them a chunk of points has a byte that was not written. */
async function damagedStore(): Promise<{ folder: string }> {
  await using database = await SeriesDatabase.open()
  for (const run of ['damaged', 'whole']) {
    await database.append([batchOf(run, 0)])
    await database.compactAll(await database.runId(run))
  }
  const id = await database.runId('damaged')
  const chunks = await chunksOf(database.db)
  const middle = chunks.findLast(({ run, level, first_step }) => run === id && level === 0 && first_step <= 10_100)
  assert.ok(middle)
  await replaceBody(database.db, middle, flip(middle.body, middle.body.length >> 1, 0x10))
  return { folder: database.folder }
}
