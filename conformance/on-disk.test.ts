import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { openEmbedded } from '@aspara/store/testing/embedded-store.ts'
import { readChunk, readTotal } from '@aspara/store/testing/page-reader.ts'
import { batch } from '@aspara/store/testing/plain-appends.ts'
import { type Random, randomFromEnvironment } from '@aspara/store/testing/random.ts'
import { temporaryFolder } from '@aspara/store/testing/temporary-folder.ts'

/*
 * A database file, read by what docs/format/series.md says and nothing else: its tables by SQL, its bytes by
 * `testing/page-reader.ts`. What it should hold is counted here once more, point by point.
 */

interface Point {
  step: number
  time: number
  value: number
}

const columnNames =
  'start count nonfinite sum sumLow min minStep minTime max maxStep maxTime first firstStep firstTime last lastStep lastTime timeMin timeMax'.split(
    ' ',
  )

test('a database is what docs/format/series.md says, chunk by chunk', async (t) => {
  const random = randomFromEnvironment()
  t.diagnostic(`ASPARA_TEST_SEED=${random.seed}`)
  const folder = await temporaryFolder()
  const logged: Record<string, Point[]> = { dense: [], sparse: [], crowded: [] }
  const store = await openEmbedded(folder)
  t.after(() => store.close())
  const stepsOf: Record<string, (row: number) => number> = {
    // In order, but for one in 50; across zero.
    dense: (row) => (random.chance(0.02) ? random.below(140_000) : row) - 20_000,
    sparse: (row) => row * 1_000,
    // One in three on the same step.
    crowded: (row) => (row % 3 === 0 ? 777 : random.below(2_000)),
  }
  const counts = { dense: 140_000, sparse: 5_000, crowded: 9_000 }
  let sequence = 0
  for (const [metric, count] of Object.entries(counts)) {
    for (let row = 0; row < count; row += 20_000) {
      const points = Array.from({ length: Math.min(20_000, count - row) }, (_, index) => ({
        step: stepsOf[metric](row + index),
        time: 1772368245123 + row + index + random.below(2_000_000) / 1_000,
        value: anyValue(random),
      }))
      logged[metric].push(...points)
      await store.journal.appendBatch(
        batch({
          sequence: sequence++,
          steps: points.map(({ step }) => step),
          timestamps: points.map(({ time }) => time),
          metrics: { [metric]: points.map(({ value }) => value) },
        }),
      )
    }
  }
  await store.catalog.finishRun({ project: 'p', run: 'r', exitCode: 0 })
  const db = new DatabaseSync(join(folder, 'aspara.db'), { readOnly: true })
  t.after(() => db.close())
  while (db.prepare('select count(*) as entries from journal').get()?.entries !== 0) await wait(20)
  // Levels come after the journal has gone, one after the other.
  const expectedLevels = {
    dense: { kept: { 1: 2_188, 2: 138 }, skipped: {} },
    sparse: { kept: { 3: 306 }, skipped: { 1: 5_000, 2: 5_000 } },
    crowded: { kept: { 1: 32 }, skipped: {} },
  }
  const readLevels = () => {
    const rows = db.prepare('select metric, levels from series').all()
    return Object.fromEntries(rows.map(({ metric, levels }) => [metric, JSON.parse(String(levels))]))
  }
  for (let tries = 0; tries < 500 && !isDeepStrictEqual(readLevels(), expectedLevels); tries++) await wait(20)
  assert.deepEqual(readLevels(), expectedLevels)

  const series = db.prepare('select * from series order by number').all() as Record<string, number>[]
  assert.deepEqual(
    series.map(({ number, project, metric }) => ({ number, project, metric })),
    Object.keys(counts).map((metric, number) => ({ number, project: 'p', metric })),
  )
  for (const row of series) {
    const points = logged[row.metric].toSorted((a, b) => a.step - b.step)
    const chunks = db
      .prepare('select * from chunks where run = ? and series = ? order by level, first_step, part')
      .all(row.run, row.number) as unknown as ChunkRow[]

    const lowest = chunks.filter(({ level }) => level === 0)
    const read: Point[] = []
    for (const { first_step, part, body } of lowest) {
      const [steps, times, values] = readChunk(body).columns.map((column) => column.values)
      assert.ok(steps.length <= 1_024)
      assert.equal(steps[0], first_step)
      const isShared = lowest.filter((chunk) => chunk.first_step === first_step).length > 1
      assert.ok(isShared ? steps.every((step) => step === first_step) : part === 0)
      if (part === 0 && read.length > 0) assert.ok(read.at(-1)!.step < first_step, 'a step is never cut')
      steps.forEach((step, index) => {
        read.push({ step, time: times[index], value: values[index] })
      })
    }
    assert.deepEqual(read, points)

    const { kept } = JSON.parse(String(row.levels)) as { kept: Record<string, number> }
    for (let level = 1; level <= 12; level++) {
      const bodies = chunks.filter((chunk) => chunk.level === level)
      if (kept[level] === undefined) {
        assert.equal(bodies.length, 0)
        continue
      }
      const rollups: Record<string, number>[] = []
      for (const { first_step, part, body } of bodies) {
        const { columns } = readChunk(body)
        assert.ok(columns[0].values.length <= 256)
        assert.deepEqual([columns[0].values[0], part], [first_step, 0])
        columns[0].values.forEach((_, index) => {
          rollups.push(Object.fromEntries(columnNames.map((name, column) => [name, columns[column].values[index]])))
        })
      }
      assert.equal(rollups.length, kept[level])
      same(rollups, rolledUp(points, alignedTo(64 * 16 ** (level - 1))))
    }
    t.diagnostic(`${row.metric}: ${lowest.length} chunks of points, levels ${row.levels}`)
    const total = Object.fromEntries(columnNames.map((name, column) => [name, readTotal(row.rollup as never)[column]]))
    const [all] = rolledUp(points, () => 0)
    same([{ ...total, start: 0 }], [all])
    assert.equal(row.mean, mean(total))
    for (const name of ['count', 'nonfinite', 'first', 'last', 'min', 'max']) {
      // SQLite keeps no sign of a zero in a column; the total has it.
      assert.equal(row[name], Number.isFinite(total[name]) ? total[name] + 0 : null, name)
    }
  }
})

interface ChunkRow {
  level: number
  first_step: number
  part: number
  body: Uint8Array
}

function anyValue(random: Random): number {
  if (random.chance(0.01)) return random.pick([Number.NaN, Infinity, -Infinity, -0])
  return random.chance(0.1) ? random.below(3) : Math.fround(random.next())
}

const alignedTo = (span: number) => (step: number) => Math.floor(step / span) * span
const mean = ({ sum, sumLow, count, nonfinite }: Record<string, number>) => (sum + sumLow) / (count - nonfinite)

/** Points in order of steps, each span by itself, as the page says what a rollup's columns are. */
function rolledUp(points: Point[], spanOf: (step: number) => number): Record<string, number>[] {
  const spans = Map.groupBy(points, ({ step }) => spanOf(step))
  return Array.from(spans, ([start, its]) => {
    const finite = its.filter(({ value }) => Number.isFinite(value))
    const none = { step: Number.NaN, time: Number.NaN }
    // The first of those that are lowest: in order of steps it is that of the lowest step.
    const least = finite.reduce((best, point) => (point.value < best.value ? point : best), finite[0] ?? none)
    const most = finite.reduce((best, point) => (point.value > best.value ? point : best), finite[0] ?? none)
    const first = its[0]
    const last = its[its.length - 1]
    return {
      start,
      count: its.length,
      nonfinite: its.length - finite.length,
      sum: finite.reduce((sum, { value }) => sum + value, 0),
      sumLow: 0,
      ...{ min: least.value ?? Infinity, minStep: least.step, minTime: least.time },
      ...{ max: most.value ?? -Infinity, maxStep: most.step, maxTime: most.time },
      ...{ first: first.value, firstStep: first.step, firstTime: first.time },
      ...{ last: last.value, lastStep: last.step, lastTime: last.time },
      timeMin: its.reduce((least, { time }) => Math.min(least, time), Infinity),
      timeMax: its.reduce((most, { time }) => Math.max(most, time), -Infinity),
    }
  })
}

/** Equal, but for sums, which are added up another way here. */
function same(found: Record<string, number>[], expected: Record<string, number>[]): void {
  const withoutSums = (rollups: Record<string, number>[]) => rollups.map(({ sum, sumLow, ...rest }) => rest)
  assert.deepEqual(withoutSums(found), withoutSums(expected))
  found.forEach(({ sum, sumLow }, row) => {
    assert.ok(
      Math.abs(sum + sumLow - expected[row].sum) <= 1e-9 * expected[row].count,
      `${sum}, not ${expected[row].sum}`,
    )
    assert.ok(Math.abs(sumLow) <= Math.abs(sum) * 2 ** -53)
  })
}
