import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bucketFor, coarsen, foldPoint } from './fold.ts'
import { Line } from './line.ts'
import { readLine } from './read-answer.ts'

/** Points as the tracker would answer them in buckets: worked out from all of them at once. */
function buckets(points: [step: number, value: number][], bucket: number) {
  const grouped = Map.groupBy(
    points.toSorted(([one], [other]) => one - other),
    ([step]) => Math.floor(step / bucket) * bucket,
  )
  return [...grouped].map(([start, inside]) => {
    const finite = inside.map(([, value]) => value).filter(Number.isFinite)
    return {
      start,
      mean: finite.length === 0 ? Number.NaN : finite.reduce((sum, value) => sum + value, 0) / finite.length,
      min: finite.length === 0 ? Number.NaN : Math.min(...finite),
      max: finite.length === 0 ? Number.NaN : Math.max(...finite),
      nonfinite: inside.length - finite.length,
    }
  })
}

function rows(line: Line) {
  return Array.from({ length: line.length }, (_, row) => ({
    start: line.step[row]!,
    mean: line.y[row]!,
    min: line.min[row]!,
    max: line.max[row]!,
    nonfinite: line.nonfinite[row]!,
  }))
}

function assertSame(actual: ReturnType<typeof rows>, expected: ReturnType<typeof buckets>, hint: string) {
  assert.equal(actual.length, expected.length, hint)
  for (const [at, row] of actual.entries()) {
    const { mean, ...rest } = row
    const { mean: wanted, ...others } = expected[at]!
    assert.deepEqual(rest, others, hint)
    assert.ok(Object.is(mean, wanted) || Math.abs(mean - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted)), hint)
  }
}

const seed = Math.floor(Math.random() * 2 ** 31)

/** Mulberry32. */
function random(state: number) {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

test(`points folded one by one, in any order, are what all of them together are (seed ${seed})`, () => {
  const next = random(seed)
  for (let round = 0; round < 200; round++) {
    const count = 1 + Math.floor(next() * 300)
    const points = Array.from({ length: count }, (): [number, number] => {
      const step = Math.floor((next() - 0.2) * 500)
      return [step, next() < 0.1 ? [Number.NaN, Number.POSITIVE_INFINITY][round % 2]! : (next() - 0.5) * 1e3]
    })
    const line = new Line('run', { exact: true, bucket: 1, cursor: 0, capacity: 4 })
    for (const [step, value] of points) foldPoint(line, { step, x: step, value })
    assert.deepEqual(
      [...line.step.subarray(0, line.length)],
      points.map(([step]) => step).sort((one, other) => one - other),
    )
    const small = 2 ** Math.floor(next() * 4)
    const large = small * 2 ** Math.floor(next() * 4)
    const bucketed = coarsen(line, small)
    assertSame(rows(bucketed), buckets(points, small), `round ${round}`)
    const more = Array.from({ length: 20 }, (): [number, number] => [Math.floor(next() * 900) - 200, next()])
    for (const [step, value] of more) foldPoint(bucketed, { step, x: step, value })
    assertSame(rows(bucketed), buckets([...points, ...more], small), `round ${round}, more`)
    assertSame(rows(coarsen(bucketed, large)), buckets([...points, ...more], large), `round ${round}, coarser`)
    assert.equal(bucketed.count, count + 20)
  }
})

test('points of one step stay in the order in which they came', () => {
  const line = new Line('run', { exact: true, bucket: 1, cursor: 0, capacity: 0 })
  for (const [step, value] of [
    [5, 1],
    [3, 2],
    [5, 3],
    [3, 4],
  ] as const)
    foldPoint(line, { step, x: step, value })
  assert.deepEqual([...line.y.subarray(0, 4)], [2, 4, 1, 3])
})

test('a bucket is the smallest power of two that covers the range', () => {
  assert.equal(bucketFor(0, 999, 1000), 1)
  assert.equal(bucketFor(0, 1000, 1000), 2)
  assert.equal(bucketFor(-1, 1, 2), 2)
  assert.equal(bucketFor(0, 10_000_000, 400), 32_768)
})

test('an answer in buckets is read onto the grid, with its words and nulls', () => {
  const line = readLine(
    {
      run: 'r',
      metric: 'loss',
      count: 9,
      exact: false,
      x: [3, 4],
      y: [0.5, null],
      min: [0.1, null],
      max: [0.9, null],
      nonfinite: [0, 4],
      finite: [5, 0],
    },
    4,
    7,
  )
  assert.deepEqual(rows(line), [
    { start: 0, mean: 0.5, min: 0.1, max: 0.9, nonfinite: 0 },
    { start: 4, mean: Number.NaN, min: Number.NaN, max: Number.NaN, nonfinite: 4 },
  ])
  foldPoint(line, { step: 7, x: 7, value: 2 })
  assert.deepEqual(rows(line)[1], { start: 4, mean: 2, min: 2, max: 2, nonfinite: 4 })
})
