import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSeries, type SeriesRequest } from '@aspara/store/series/read-series.ts'
import { lineJson, seriesJson } from '@aspara/store/series/series-json.ts'
import { Tails } from '@aspara/store/series/tails.ts'
import { columnsBatch } from '@aspara/store/testing/plain-appends.ts'
import { randomFromEnvironment } from '@aspara/store/testing/random.ts'
import { SeriesDatabase } from '@aspara/store/testing/series-database.ts'

const random = randomFromEnvironment()
const million = 1_000_000
const pointCount = 10 * million
const rowsPerBatch = 100_000
const spikeCount = 30

test('single spikes and NaNs among ten million points are seen at every zoom, and twice the same', async (t) => {
  t.diagnostic(`ASPARA_TEST_SEED=${random.seed}`)
  const spikes = new Map<number, number>()
  while (spikes.size < spikeCount) spikes.set(random.below(pointCount), random.pick([1, -1]) * (100 + spikes.size))
  const nans = new Set<number>()
  while (nans.size < spikeCount) {
    const step = random.below(pointCount)
    if (!spikes.has(step)) nans.add(step)
  }

  await using database = await SeriesDatabase.open()
  for (let first = 0; first < pointCount; first += rowsPerBatch) {
    const steps = Float64Array.from({ length: rowsPerBatch }, (_, row) => first + row)
    const loss = steps.map((step) => spikes.get(step) ?? (nans.has(step) ? Number.NaN : Math.fround(Math.random())))
    await database.append([columnsBatch({ sequence: first / rowsPerBatch, steps, metrics: { loss } })])
    await database.compactAll(await database.runId('r'))
  }

  const tails = new Tails()
  const ask = async (from: number | undefined, to: number | undefined, points: number) => {
    const request: SeriesRequest = { project: 'p', runs: ['r'], metrics: ['loss'], x: 'step', from, to, points }
    const answer = await database.db.transaction().execute((snapshot) => readSeries(snapshot, tails, request))
    const again = await database.db.transaction().execute((snapshot) => readSeries(snapshot, new Tails(), request))
    const [one, other] = [answer, again].map((its) => seriesJson({ ...its, series: its.series.map(lineJson) }))
    assert.deepEqual(one, other, 'the same question has the same answer')
    const [line] = answer.series
    assert.ok(line.x.length <= points)
    return line
  }
  const seen = ({ y, buckets }: Awaited<ReturnType<typeof ask>>) => ({
    highest: (buckets?.max ?? y).filter(Number.isFinite),
    lowest: (buckets?.min ?? y).filter(Number.isFinite),
    nonfinite: buckets ? buckets.nonfinite.reduce((sum, count) => sum + count, 0) : y.filter(Number.isNaN).length,
  })
  let questions = 0
  const assertSeen = async (from: number, to: number, points: number) => {
    const { highest, lowest, nonfinite } = seen(await ask(from, to, points))
    const inside = [...spikes].filter(([step]) => step >= from && step <= to).map(([, value]) => value)
    const where = `steps ${from} to ${to} in ${points}`
    questions++
    // Each bucket has one highest and one lowest value: where two spikes share it, the other is behind.
    assert.equal(Math.max(...highest), Math.max(1, ...inside) === 1 ? Math.max(...highest) : Math.max(...inside), where)
    assert.equal(Math.min(...lowest), Math.min(0, ...inside) === 0 ? Math.min(...lowest) : Math.min(...inside), where)
    assert.equal(nonfinite, [...nans].filter((step) => step >= from && step <= to).length, where)
  }
  for (const points of [2, 10, 100, 1_000, 5_000]) await assertSeen(0, pointCount - 1, points)
  for (const step of [...spikes.keys(), ...nans]) {
    for (let width = 1; width < pointCount; width *= random.pick([2, 3, 5])) {
      const from = Math.max(0, step - random.below(width))
      await assertSeen(from, Math.min(pointCount - 1, from + width), random.pick([2, 30, 500, 1_000]))
    }
  }
  t.diagnostic(`${spikes.size} spikes and ${nans.size} NaNs among ${pointCount} points, ${questions} zooms`)
})
