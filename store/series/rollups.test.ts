import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exactSum, meanOf } from '../testing/exact-sum.ts'
import { type Random, randomFromEnvironment } from '../testing/random.ts'
import { bucketOf, bucketsOf, inOrder, type PlainBucket, type PlainPoint } from '../testing/series-buckets.ts'
import { type Points, sortPoints } from './points.ts'
import { addTotals, mergeRollups, type Rollups, rollUp, rollUpAll, rollUpPoints, totalOfPoints } from './rollups.ts'

const columnsOf = (points: PlainPoint[]): Points => ({
  steps: Float64Array.from(points, ({ step }) => step),
  times: Float64Array.from(points, ({ time }) => time),
  values: Float64Array.from(points, ({ value }) => value),
})

const values = (...list: number[]): PlainPoint[] => list.map((value, step) => ({ step, time: step, value }))

/** The one rollup of some points, whatever their order. */
const rollUpOne = (points: PlainPoint[]): Rollups => rollUpAll(rollUpPoints(sortPoints(columnsOf(points)), 64))

/** How far the mean may be from that of the exact sum, where large values cancel each other out. */
const tolerance = (points: PlainPoint[], mean: number) =>
  Math.abs(mean) * 1e-15 +
  points.reduce((most, { value }) => Math.max(most, Number.isFinite(value) ? Math.abs(value) : 0), 0) * 1e-28

function assertSame(rollups: Rollups, expected: PlainBucket[], points: PlainPoint[], where: string): void {
  assert.equal(rollups.length, expected.length, where)
  expected.forEach((bucket, row) => {
    const { start, count, nonfinite, min, max, first, last, timeMin, timeMax } = bucket
    const tell = (point: PlainPoint | undefined, none: number) =>
      point ? [point.value, point.step, point.time] : [none, Number.NaN, Number.NaN]
    const actual = (name: 'min' | 'max' | 'first' | 'last') => [
      rollups[name][row],
      rollups[`${name}Step`][row],
      rollups[`${name}Time`][row],
    ]
    assert.deepEqual(
      {
        span: [rollups.start[row], rollups.count[row], rollups.nonfinite[row]],
        min: actual('min'),
        max: actual('max'),
        first: actual('first'),
        last: actual('last'),
        times: [rollups.timeMin[row], rollups.timeMax[row]],
      },
      {
        span: [start, count, nonfinite],
        min: tell(min, Infinity),
        max: tell(max, -Infinity),
        first: tell(first, Number.NaN),
        last: tell(last, Number.NaN),
        times: [timeMin, timeMax],
      },
      where,
    )
    const mean = rollups.mean(row)
    if (Number.isNaN(bucket.mean)) assert.ok(Number.isNaN(mean), where)
    else assert.ok(Math.abs(mean - bucket.mean) <= tolerance(points, bucket.mean), `${where}: ${mean}, ${bucket.mean}`)
  })
}

test('the points of a span: extremes, ends, times and how many', () => {
  const points = [
    { step: 3, time: 90, value: 5 },
    { step: 3, time: 70, value: -1 },
    { step: 9, time: 80, value: Number.NaN },
    { step: 60, time: 60, value: 5 },
    { step: 63, time: 65, value: 2 },
  ]
  const rollups = rollUpPoints(columnsOf(points), 64)
  assertSame(rollups, bucketsOf(points, 64), points, 'one span')
  assert.equal(rollups.mean(0), 11 / 4)
  assert.equal(rollups.maxStep[0], 3, 'of equals the lowest step')
})

test('spans begin at multiples of their length, on either side of zero', () => {
  const steps = [-(2 ** 53 - 1), -129, -128, -65, -64, -1, 0, 63, 64, 2 ** 53 - 1]
  const points = steps.map((step) => ({ step, time: 0, value: step }))
  const rollups = rollUpPoints(columnsOf(points), 64)
  assert.deepEqual([...rollups.start.subarray(0, rollups.length)], [-(2 ** 53), -192, -128, -64, 0, 64, 2 ** 53 - 64])
  assertSame(rollups, bucketsOf(points, 64), points, 'spans of 64')
  for (const span of [1, 1_024, 2 ** 40, 2 ** 53]) {
    assertSame(rollUpPoints(columnsOf(points), span), bucketsOf(points, span), points, `spans of ${span}`)
  }
})

test('of one step the first is the one that came first, the last the one that came last', () => {
  const point = (time: number, value: number) => ({ step: 5, time, value })
  const older = rollUpOne([point(1, Number.NaN), point(2, 7), point(3, 7)])
  const newer = rollUpOne([point(0, 7), point(4, Infinity)])
  const both = addTotals(older, newer)
  assert.ok(Number.isNaN(both.first[0]))
  assert.deepEqual([both.firstTime[0], both.last[0], both.lastTime[0]], [1, Infinity, 4])
  assert.deepEqual([both.min[0], both.minTime[0], both.max[0], both.maxTime[0]], [7, 2, 7, 2])
  assert.deepEqual([both.count[0], both.nonfinite[0], both.mean(0)], [5, 2, 7])
})

test('spans without a finite value have no extremes and no mean, alone and with others', () => {
  const none = rollUpOne(values(Number.NaN, Infinity, -Infinity))
  assert.deepEqual([none.count[0], none.nonfinite[0], none.min[0], none.max[0]], [3, 3, Infinity, -Infinity])
  assert.ok(Number.isNaN(none.mean(0)) && Number.isNaN(none.minStep[0]) && Number.isNaN(none.maxTime[0]))
  const some = rollUpOne([{ step: 70, time: 8, value: -2 }])
  for (const both of [addTotals(none, some), addTotals(some, none)]) {
    assert.deepEqual([both.count[0], both.nonfinite[0], both.min[0], both.max[0], both.mean(0)], [4, 3, -2, -2, -2])
    assert.deepEqual([both.minStep[0], both.maxTime[0]], [70, 8])
  }
})

test('0 and -0 are the same height: of the two the lower step counts', () => {
  for (const [one, other] of [
    [0, -0],
    [-0, 0],
  ]) {
    const both = rollUpOne(values(one, other))
    assert.ok(Object.is(both.min[0], one) && Object.is(both.max[0], one))
    assert.deepEqual([both.minStep[0], both.maxStep[0]], [0, 0])
  }
})

test('a mean is that of the exact sum, where plain addition would lose digits', () => {
  const lists = [
    [0.1, 0.2, 0.3],
    Array(1_000).fill(0.1),
    [1, 1e16, -1e16],
    [1e16, 1, -1e16, 1],
    [1e30, 0.5, -1e30, 0.25],
    Array.from({ length: 10_000 }, (_, index) => 1e9 + index / 1_024),
    [5e-324, 5e-324, 5e-324],
    [2 ** 53, 1, 1, 1, 1],
  ]
  for (const list of lists) {
    const rollups = rollUpOne(values(...list))
    const { sum, count } = exactSum(list)
    assert.equal(rollups.mean(0), sum / count, String(list.slice(0, 8)))
    assert.equal(meanOf(list), sum / count, 'and so the model says')
  }
})

test('a mean is finite where the values are, however large their sum', () => {
  const large = Number.MAX_VALUE
  const lists = [
    [large, large],
    [large, large, -large, -large],
    [large, large, large, 1],
    [-1e308, -1e308, -1e308, 1e308],
    [1, 2, 3, 1.5e308, 1.5e308],
    Array(500).fill(-large),
  ]
  for (const list of lists) {
    const mean = rollUpOne(values(...list)).mean(0)
    const exact = exactSum(list).mean
    assert.ok(Math.abs(mean - exact) <= Math.abs(exact) * 1e-15, `${list.slice(0, 5)}: ${mean}, ${exact}`)
    // In whatever groups: all of one sign first, or each with its opposite.
    for (const order of [list, list.toReversed(), list.toSorted((one, other) => one - other)]) {
      const totals = order.map((value) => rollUpOne(values(value)))
      assert.equal(totals.reduce(addTotals).mean(0), mean, `one by one: ${order.slice(0, 5)}`)
      const half = order.length >> 1
      const halves = [order.slice(0, half), order.slice(half)].map((part) => rollUpOne(values(...part)))
      assert.equal(addTotals(halves[0], halves[1]).mean(0), mean, `two halves: ${order.slice(0, 5)}`)
    }
  }
})

const random = randomFromEnvironment()

/** Points as they arrive: in order or not, with steps that come again, with values of all kinds. */
function randomPoints(random: Random): PlainPoint[] {
  const count = random.pick([1, 2, 5, 50, 500])
  const far = random.pick([3, 70, 5_000, 1e6, 2 ** 52])
  const origin = random.pick([0, 0, -far, 2 ** 52, -(2 ** 52)])
  const isOrdered = random.chance(0.5)
  const oddity = random.pick([0, 0.1, 1])
  const value = random.pick([
    () => Math.fround(random.next()),
    () => random.below(3) - 1,
    () => (random.next() - 0.5) * 10 ** random.between(-20, 20),
    () => random.pick([0, -0]),
    () => (1 + random.next()) * 2 ** random.pick([-1_000, 0, 959, 960, 1_022]),
  ])
  let step = origin
  return Array.from({ length: count }, () => {
    step = isOrdered ? step + random.below(Math.ceil(far / count) + 1) : origin + random.below(far)
    return {
      step: Math.min(step, Number.MAX_SAFE_INTEGER),
      time: random.below(1_000) / 8,
      value: random.chance(oddity) ? random.pick([Number.NaN, Infinity, -Infinity]) : value(),
    }
  })
}

/** Rollups of points that came in groups, each put to those before it: two neighbours at a time, whichever. */
function inGroups(points: PlainPoint[], span: number): Rollups {
  const groups: Rollups[] = []
  for (let from = 0; from < points.length; ) {
    const to = Math.min(points.length, from + random.between(1, random.pick([1, 3, points.length])))
    groups.push(rollUpPoints(sortPoints(columnsOf(points.slice(from, to))), span))
    from = to
  }
  while (groups.length > 1) {
    const at = random.below(groups.length - 1)
    groups.splice(at, 2, mergeRollups(groups[at], groups[at + 1]))
  }
  return groups[0]
}

test(`rollups are the same in whatever groups points come, seed ${random.seed}`, (t) => {
  t.diagnostic(`ASPARA_TEST_SEED=${random.seed}`)
  for (let round = 0; round < 500; round++) {
    const points = randomPoints(random)
    const sorted = inOrder(points)
    const where = `seed ${random.seed}, round ${round}, ${points.length} points`
    let fine = inGroups(points, 64)
    for (const span of [64, 1_024, 16_384, 2 ** 30, 2 ** 53]) {
      const expected = bucketsOf(sorted, span)
      assertSame(rollUpPoints(columnsOf(sorted), span), expected, points, `${where}, at once, spans of ${span}`)
      // In several lists that go on in each other, as chunks do.
      const cut = random.between(0, fine.length)
      fine = rollUp([fine.slice(0, cut), fine.slice(cut, fine.length)], span)
      assertSame(fine, expected, points, `${where}, level by level, spans of ${span}`)
    }
    const cut = random.below(points.length)
    const parts = [points.slice(0, cut), points.slice(cut)].filter((part) => part.length > 0)
    const total = parts.map((part) => totalOfPoints(columnsOf(part))).reduce(addTotals)
    assertSame(total, [bucketOf(total.start[0], sorted)], points, `${where}, total`)
  }
})
