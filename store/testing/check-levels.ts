import assert from 'node:assert/strict'
import type { Database } from '../engines/engine.ts'
import { decodePoints, decodeRollups, spanOf } from '../series/chunk.ts'
import { ChunkTree } from '../series/chunk-tree.ts'
import { readLevels } from '../series/levels.ts'
import { rollUpPoints } from '../series/rollups.ts'
import type { RunId } from '../tables.ts'

/**
 * Holds the levels of a series against its points, rolled up at once: those that it says it keeps are there and whole, and
 * nothing is left of others. @returns how many rollups each has
 */
export async function checkLevels(db: Database, run: RunId, series: number): Promise<{ [level: number]: number }> {
  const row = db.selectFrom('series').select(['levels', 'count']).where('run', '=', run).where('number', '=', series)
  const { levels, count } = await row.executeTakeFirstOrThrow()
  const { kept } = readLevels(levels)
  const chunks = db.selectFrom('chunks').select('level').distinct().where('run', '=', run).where('series', '=', series)
  const stored = (await chunks.execute()).map(({ level }) => level)
  assert.deepEqual(stored.sort(), [0, ...Object.keys(kept).map(Number)].sort(), 'levels that have chunks')
  const tree = new ChunkTree(db, run, series)
  const points = (await tree.bodiesBetween(0, -Infinity, Infinity)).map(decodePoints)
  const joined = (name: 'steps' | 'times' | 'values') => Float64Array.from(points.flatMap((part) => [...part[name]]))
  const all = { steps: joined('steps'), times: joined('times'), values: joined('values') }
  assert.equal(all.steps.length, count, 'points of the series')
  for (const [text, length] of Object.entries(kept)) {
    const level = Number(text)
    const lists = (await tree.bodiesBetween(level, -Infinity, Infinity)).map((body) => decodeRollups(body, level))
    const expected = rollUpPoints(all, spanOf(level))
    assert.equal(length, expected.length, `rollups of level ${level}`)
    for (const name of ['start', 'count', 'nonfinite', 'min', 'maxStep', 'first', 'lastTime'] as const) {
      const given = lists.flatMap((list) => [...list[name].subarray(0, list.length)])
      assert.deepEqual(given, [...expected[name].subarray(0, expected.length)], `${name} of level ${level}`)
    }
    const means = lists.flatMap((list) => Array.from({ length: list.length }, (_, at) => list.mean(at)))
    for (const [at, mean] of means.entries()) {
      const other = expected.mean(at)
      assert.ok(Object.is(mean, other) || Math.abs(mean - other) <= Math.abs(other) * 1e-12, `mean of level ${level}`)
    }
  }
  return kept
}
