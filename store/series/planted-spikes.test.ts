import assert from 'node:assert/strict'
import { test } from 'node:test'
import { columnsBatch } from '../testing/plain-appends.ts'
import { randomFromEnvironment } from '../testing/random.ts'
import { SeriesDatabase } from '../testing/series-database.ts'
import { readSeries, type SeriesAnswer } from './read-series.ts'
import { Tails } from './tails.ts'

/** conformance/planted-spikes.test.ts has ten million, all compacted; here the last ones are in the journal. */
const pointCount = Number(process.env.ASPARA_TEST_POINTS ?? 200_000)
const pointsPerBatch = 20_000
/** Of each kind. */
const plantedCount = 10

const random = randomFromEnvironment()

test(`a spike of one point is seen at every zoom, seed ${random.seed}`, async (t) => {
  t.diagnostic(`ASPARA_TEST_SEED=${random.seed}, ${pointCount} points`)
  await using database = await SeriesDatabase.open()
  const planted = plant()
  const started = performance.now()
  await fill(database, planted)
  t.diagnostic(`written and compacted in ${Math.round(performance.now() - started)} ms`)
  const tails = new Tails()
  const ask = (from: number | undefined, to: number | undefined, points: number) =>
    database.db.transaction().execute((snapshot) => {
      const request = { project: 'p', runs: ['r'], metrics: ['loss'], x: 'step' as const, from, to, points }
      return readSeries(snapshot, tails, request)
    })

  // All of it, in few buckets and in many.
  for (const points of [2, 3, 5, 16, 100, 1_000, 1_024, 4_000, 20_000]) {
    assertSeen(await ask(undefined, undefined, points), planted, 0, pointCount - 1, `${points} points`)
  }
  // Each of them, in ranges from two steps to all, in which it is anywhere.
  let charts = 0
  for (const step of planted.keys()) {
    for (let length = 2; length < pointCount * 2; length *= 2) {
      const from = step - random.below(length)
      const to = from + length - 1
      const points = random.pick([2, 7, 100, 1_000, 2_000])
      assertSeen(await ask(from, to, points), planted, from, to, `steps ${from} to ${to}, ${points} points`)
      charts++
    }
  }
  t.diagnostic(`${charts} charts in ${Math.round(performance.now() - started)} ms`)
})

/** Values far above and below all others, and such as are none, by their steps. */
function plant(): Map<number, number> {
  const planted = new Map<number, number>()
  for (let count = 0; count < plantedCount; count++) {
    for (const value of [1_000 + count, -1_000 - count, random.pick([Number.NaN, Infinity, -Infinity])]) {
      planted.set(random.below(pointCount), value)
    }
  }
  // At the very ends, and where chunks and spans meet.
  for (const step of [0, 1_023, 1_024, 16_383, pointCount - 1]) planted.set(step, 2_000 + step / pointCount)
  return planted
}

/** Most of it in chunks, the end in the journal, as in a run that goes on. */
async function fill(database: SeriesDatabase, planted: Map<number, number>): Promise<void> {
  const batches = pointCount / pointsPerBatch
  for (let sequence = 0; sequence < batches; sequence++) {
    const steps = Float64Array.from({ length: pointsPerBatch }, (_, row) => sequence * pointsPerBatch + row)
    const loss = steps.map((step) => planted.get(step) ?? Math.fround(Math.sin(step) * 0.5))
    await database.append([columnsBatch({ sequence, steps, metrics: { loss } })])
    const run = sequence % 8 === 7 && sequence < batches - 3 ? await database.runId('r') : undefined
    if (run !== undefined) await database.compactAll(run)
  }
}

/** Every bucket has the spikes and the values that are none of its steps, as far as they are asked for; no other has any. */
function assertSeen(
  { bucket, series }: SeriesAnswer,
  planted: Map<number, number>,
  from: number,
  to: number,
  where: string,
): void {
  const [line] = series
  const row = new Map(Array.from(line.x, (step, index) => [step, index]))
  const inRange = [...planted].filter(([step]) => step >= from && step <= to)
  if (line.exact) {
    for (const [step, value] of inRange) assert.ok(Object.is(line.y[row.get(step) as number], value), where)
    return
  }
  const groups = Map.groupBy(inRange, ([step]) => Math.floor(step / bucket) * bucket)
  const { min, max, nonfinite } = line.buckets as NonNullable<typeof line.buckets>
  for (const [start, index] of row) {
    const values = (groups.get(start) ?? []).map(([, value]) => value)
    const finite = values.filter(Number.isFinite)
    const [highest, lowest] = [Math.max(...finite), Math.min(...finite)]
    // Without a spike none is shown; NaN where there is no value at all.
    if (highest > 1) assert.equal(max[index], highest, `${where}: the highest of ${start}`)
    else assert.ok(!(max[index] > 0.5), `${where}: the highest of ${start} is ${max[index]}`)
    if (lowest < -1) assert.equal(min[index], lowest, `${where}: the lowest of ${start}`)
    else assert.ok(!(min[index] < -0.5), `${where}: the lowest of ${start} is ${min[index]}`)
    assert.equal(nonfinite[index], values.length - finite.length, `${where}: values of ${start} that are none`)
  }
  for (const start of groups.keys()) assert.ok(row.has(start), `${where}: there is no bucket ${start}`)
}
