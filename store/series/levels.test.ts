import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RunId } from '../tables.ts'
import { checkLevels } from '../testing/check-levels.ts'
import { columnsBatch, record } from '../testing/plain-appends.ts'
import { randomFromEnvironment } from '../testing/random.ts'
import { SeriesDatabase } from '../testing/series-database.ts'
import type { SeriesRow } from './changes.ts'
import { spanOf } from './chunk.ts'
import { findStunted, growLevels } from './levels.ts'

/** A database that is fed one metric, `loss` of run `r`. */
class Fed {
  readonly database: SeriesDatabase
  #sequence = 0

  constructor(database: SeriesDatabase) {
    this.database = database
  }

  /** Points at such steps arrive and are compacted. */
  async take(steps: Iterable<number>): Promise<RunId> {
    const all = Float64Array.from(steps)
    for (let from = 0; from < all.length; from += 20_000) {
      const part = all.slice(from, from + 20_000)
      const values = part.map((step) => Math.fround(Math.sin(step)))
      await this.database.append([columnsBatch({ sequence: this.#sequence++, steps: part, metrics: { loss: values } })])
    }
    const run = await this.database.runId('r')
    await this.database.compactAll(run)
    return run
  }

  async row(run: RunId): Promise<SeriesRow> {
    const { run: _, ...row } = await this.database.db
      .selectFrom('series')
      .selectAll()
      .where('run', '=', run)
      .executeTakeFirstOrThrow()
    return row
  }

  /** Holds the levels against the points. @returns which are kept, and how long they are */
  check(run: RunId): Promise<{ [level: number]: number }> {
    return checkLevels(this.database.db, run, 0)
  }
}

const withFed = async (act: (fed: Fed) => Promise<void>) => {
  await using database = await SeriesDatabase.open()
  await act(new Fed(database))
}

const range = (from: number, count: number, stride = 1): number[] =>
  Array.from({ length: count }, (_, index) => from + index * stride)

test('a short series has no levels, a longer one those that are worth it', () =>
  withFed(async (fed) => {
    const run = await fed.take(range(0, 2_047))
    assert.deepEqual(await fed.check(run), {})
    await fed.take(range(2_047, 1))
    assert.deepEqual(await fed.check(run), { 1: 32 })
    await fed.take(range(2_048, 64 * 2_048 - 2_048))
    assert.deepEqual(await fed.check(run), { 1: 2_048, 2: 128 })
  }))

test('levels grow with what comes, in order and late', () =>
  withFed(async (fed) => {
    const random = randomFromEnvironment()
    const run = await fed.take(range(-5_000, 10_000))
    for (let round = 0; round < 8; round++) {
      await fed.take(random.shuffle(range(random.between(-20_000, 20_000), random.between(1, 3_000))))
      const kept = await fed.check(run)
      assert.ok(kept[1] > 0, `seed ${random.seed}`)
    }
  }))

test('a metric logged once in 1,000 steps keeps only levels that save something', () =>
  withFed(async (fed) => {
    const run = await fed.take(range(0, 5_000, 1_000))
    // A span of 64 steps, and one of 1,024, is a point; one of 16,384 has 16 of them.
    assert.deepEqual(await fed.check(run), { 3: Math.ceil((4_999 * 1_000 + 1) / 16_384) })
    await fed.take(range(5_000_000, 5_100, 1_000))
    assert.deepEqual(Object.keys(await fed.check(run)), ['3'])
  }))

test('a metric of steps so far apart that no level helps keeps none, and goes on', () =>
  withFed(async (fed) => {
    const far = 2 ** 40
    const run = await fed.take(range(-far * 2_000, 4_000, far))
    assert.deepEqual(await fed.check(run), { 10: Math.ceil((4_000 * far) / spanOf(10)) })
  }))

test('what was sparse and becomes dense gets the levels that it did not have', () =>
  withFed(async (fed) => {
    const run = await fed.take(range(0, 3_000, 1_000))
    assert.ok(!(1 in (await fed.check(run))))
    await fed.take(range(3_000_000, 60_000))
    const kept = await fed.check(run)
    assert.ok(kept[1] > 0 && kept[3] > 0, JSON.stringify(kept))
  }))

test('many points on each step are levels too', () =>
  withFed(async (fed) => {
    const run = await fed.take([...Array(30_000).fill(7), ...range(8, 100), ...Array(5_000).fill(7)])
    assert.deepEqual(await fed.check(run), { 1: 2 })
  }))

test('a level that an interruption left half built is built anew, and nothing of it twice', () =>
  withFed(async (fed) => {
    const { database } = fed
    const run = await fed.take(range(0, 300_000))
    const row = await fed.row(run)
    await database.apply({
      run,
      cleared: [1, 2, 3].map((level) => ({ series: 0, level })),
      removed: [],
      chunks: [],
      series: [],
    })
    let before = { ...row, levels: '{"kept":{},"skipped":{}}' }
    const transactions = async () => {
      let count = 0
      for await (const _ of growLevels(database.db, run, [before])) count++
      return count
    }
    const total = await transactions()
    assert.ok(total > 2, `${total} transactions`)
    for (let done = 0; done <= total; done++) {
      let left = done
      await database.apply({ run, cleared: [], removed: [], chunks: [], series: [before] })
      for await (const growth of growLevels(database.db, run, [before])) {
        if (left-- === 0) break
        await database.apply(growth)
      }
      // Meanwhile more comes, of which what was half built knows nothing.
      await fed.take([150_000 + done, 300_000 + done])
      const kept = await fed.check(run)
      assert.ok(kept[1] > 0 && kept[2] > 0, `after ${done} of ${total} transactions: ${JSON.stringify(kept)}`)
      before = { ...(await fed.row(run)), levels: before.levels }
    }
  }))

test('series that an interruption left without their levels are found, wherever it came', () =>
  withFed(async (fed) => {
    const { database } = fed
    const run = await fed.take(range(0, 150_000))
    await database.append([record('short', null, { loss: 1 })])
    await database.compactAll(await database.runId('short'))
    const found = async () => {
      const rows: string[] = []
      for await (const stunted of findStunted(database.db)) rows.push(...stunted.rows.map((row) => row.metric))
      return rows
    }
    assert.deepEqual(await found(), [])
    const row = await fed.row(run)
    for (const levels of ['{"kept":{},"skipped":{}}', JSON.stringify({ kept: { 1: 2_344 }, skipped: {} })]) {
      await database.apply({ run, cleared: [], removed: [], chunks: [], series: [{ ...row, levels }] })
      assert.deepEqual(await found(), ['loss'])
      for await (const { run, rows } of findStunted(database.db)) {
        for await (const growth of growLevels(database.db, run, rows)) await database.apply(growth)
      }
      assert.deepEqual(await found(), [])
      assert.deepEqual(await fed.check(run), { 1: 2_344, 2: 147 })
    }
  }))

test('the sparse beginning of a long series is rolled up as fast as the rest', () =>
  withFed(async (fed) => {
    // Each chunk of the first quarter gives as many rollups as it has points, four times what a chunk of rollups holds.
    const sparse = 60_000
    await fed.take([...range(0, sparse, 64), ...range(sparse * 64, 4 * sparse + 20_000)])
    const row = await fed.row(await fed.database.runId('r'))
    const started = performance.now()
    let chunks = 0
    const stunted = { ...row, levels: '{"kept":{},"skipped":{}}' }
    for await (const growth of growLevels(fed.database.db, await fed.database.runId('r'), [stunted])) {
      chunks += growth.chunks.length
    }
    assert.ok(chunks > sparse / 256, `${chunks} chunks`)
    // Copied at each turn, what waits to be cut took more than ten seconds.
    assert.ok(performance.now() - started < 5_000)
  }))
