import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomFromEnvironment } from '../testing/random.ts'
import { decodePoints, decodeRollups, pointsPerChunk, rollupsPerChunk } from './chunk.ts'
import { cutPoints, cutRollups, type Piece } from './cut.ts'
import type { Points } from './points.ts'
import { rollUpPoints } from './rollups.ts'

/** Points of such steps, each with a value of its own. */
const pointsAt = (steps: number[]): Points => ({
  steps: Float64Array.from(steps),
  times: Float64Array.from(steps, (_, row) => row * 250),
  values: Float64Array.from(steps, (_, row) => row + 0.5),
})

const repeat = (step: number, count: number): number[] => Array(count).fill(step)
const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, index) => from + index)

/** The steps of each piece, and that the pieces hold the points in order, cut by the rules. */
function stepsOfPieces(points: Points, pieces: Piece[], firstPart = 0): number[][] {
  const decoded = pieces.map((piece) => decodePoints(piece.body))
  for (const column of ['steps', 'times', 'values'] as const) {
    assert.deepEqual(
      decoded.flatMap((part) => [...part[column]]),
      [...points[column]],
      `${column} are all there, in order`,
    )
  }
  pieces.forEach(({ firstStep, part }, index) => {
    const { steps } = decoded[index]
    assert.ok(steps.length > 0 && steps.length <= pointsPerChunk, `${steps.length} points`)
    assert.equal(firstStep, steps[0])
    if (index === 0) assert.equal(part, firstPart)
    else {
      const before = pieces[index - 1]
      assert.equal(part, before.firstStep === firstStep ? before.part + 1 : 0)
      const isShared = decoded[index - 1].steps.at(-1) === steps[0]
      assert.equal(isShared, part > 0, 'a step is cut only where its parts follow each other')
    }
    const hasParts = part > 0 || pieces[index + 1]?.part > 0
    if (hasParts) assert.ok(steps[0] === steps.at(-1), 'a step with parts shares them with no other')
  })
  return decoded.map(({ steps }) => [...steps])
}

const lengthsOf = (points: Points, isLast: boolean, part = 0) =>
  stepsOfPieces(points, cutPoints(points, part, isLast), part).map((steps) => steps.length)

test('at the end of a series chunks are filled, elsewhere they are about equal', () => {
  assert.deepEqual(lengthsOf(pointsAt(range(0, 1)), true), [1])
  assert.deepEqual(lengthsOf(pointsAt(range(-7, 1_024)), true), [1_024])
  assert.deepEqual(lengthsOf(pointsAt(range(-7, 1_024)), false), [1_024])
  assert.deepEqual(lengthsOf(pointsAt(range(0, 1_025)), true), [1_024, 1])
  assert.deepEqual(lengthsOf(pointsAt(range(0, 1_025)), false), [513, 512])
  assert.deepEqual(lengthsOf(pointsAt(range(0, 3_000)), true), [1_024, 1_024, 952])
  assert.deepEqual(lengthsOf(pointsAt(range(0, 3_000)), false), [1_000, 1_000, 1_000])
})

test('a step is never cut: the chunk ends before it, or after it', () => {
  assert.deepEqual(lengthsOf(pointsAt([...range(0, 1_000), ...repeat(1_000, 100), 1_001]), true), [1_000, 101])
  assert.deepEqual(lengthsOf(pointsAt([...repeat(5, 900), ...range(6, 200)]), false), [900, 200])
  assert.deepEqual(lengthsOf(pointsAt([...repeat(5, 1_024), ...repeat(6, 1_024)]), true), [1_024, 1_024])
})

test('a step of more points than a chunk holds has chunks of its own', () => {
  assert.deepEqual(lengthsOf(pointsAt(repeat(5, 1_025)), true), [1_024, 1])
  assert.deepEqual(lengthsOf(pointsAt([4, ...repeat(5, 3_000), 6, 7]), true), [1, 1_024, 1_024, 952, 2])
  assert.deepEqual(lengthsOf(pointsAt([4, ...repeat(5, 3_000), 6, 7]), false), [1, 1_024, 1_024, 952, 2])
  assert.deepEqual(
    lengthsOf(pointsAt([...repeat(5, 1_100), ...repeat(6, 1_100)]), true),
    [1_024, 76, 1_024, 76],
    'two such steps beside each other',
  )
})

test('the last part of a step takes more of it, and what comes after goes on in chunks of its own', () => {
  assert.deepEqual(lengthsOf(pointsAt(repeat(5, 10)), true, 3), [10])
  assert.deepEqual(lengthsOf(pointsAt(repeat(5, 1_500)), true, 3), [1_024, 476])
  assert.deepEqual(lengthsOf(pointsAt([...repeat(5, 10), 6, 7]), true, 3), [10, 2])
  assert.deepEqual(lengthsOf(pointsAt([...repeat(5, 1_030), 6, 7]), false, 1), [1_024, 6, 2])
})

const random = randomFromEnvironment()

test(`whatever the steps, each is found where it begins, seed ${random.seed}`, (t) => {
  t.diagnostic(`ASPARA_TEST_SEED=${random.seed}`)
  for (let round = 0; round < 60; round++) {
    const steps: number[] = []
    let step = random.pick([0, -500, -(2 ** 53 - 1), 2 ** 52])
    const many = random.pick([0, 0.01, 0.2])
    for (let group = random.between(1, 300); group > 0; group--) {
      const count = random.chance(many) ? random.between(1_000, 2_100) : random.pick([1, 1, 1, 2, 40])
      steps.push(...repeat(step, count))
      step += random.pick([1, 1, 1, 64, 2 ** 30])
    }
    const points = pointsAt(steps)
    const part = random.chance(0.2) ? random.between(1, 5) : 0
    stepsOfPieces(points, cutPoints(points, part, random.chance(0.5)), part)
  }
})

test('rollups are cut the same way, and none is lost', () => {
  for (const [count, isLast, lengths] of [
    [1, true, [1]],
    [256, false, [256]],
    [600, true, [256, 256, 88]],
    [600, false, [200, 200, 200]],
  ] as const) {
    const rollups = rollUpPoints(pointsAt(range(-300, count).map((index) => index * 64)), 64)
    const pieces = cutRollups(rollups, isLast)
    const decoded = pieces.map((piece) => decodeRollups(piece.body, 1))
    assert.deepEqual(
      decoded.map((part) => part.length),
      lengths,
    )
    assert.ok(
      decoded.every((part, index) => part.length <= rollupsPerChunk && part.start[0] === pieces[index].firstStep),
    )
    assert.deepEqual(
      decoded.flatMap((part) => [...part.start]),
      [...rollups.start.subarray(0, rollups.length)],
    )
  }
})
