import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Smoothing } from '../view/view.ts'
import { type Rough, smooth } from './smooth.ts'

const kinds: Smoothing['kind'][] = ['time-ema', 'ema', 'gaussian', 'mean']

function rough(y: number[], x = y.map((_, at) => at)): Rough {
  return { x: Float64Array.from(x), y: Float64Array.from(y), weights: null, length: y.length }
}

test('a level line stays level, from its first point on', () => {
  for (const kind of kinds) {
    for (const value of smooth(rough([3, 3, 3, 3]), { kind, amount: 0.9 }, 3)) {
      assert.ok(Math.abs(value - 3) < 1e-12, kind)
    }
  }
})

test('nothing is smoothed by nothing', () => {
  for (const kind of kinds) assert.deepEqual([...smooth(rough([1, 5, 2]), { kind, amount: 0 }, 2)], [1, 5, 2])
})

test('a value that is not finite stays a gap and disturbs no other', () => {
  for (const kind of kinds) {
    const [a, gap, b] = smooth(rough([1, Number.NaN, 1, Number.POSITIVE_INFINITY]), { kind, amount: 0.5 }, 3)
    assert.deepEqual([a, gap, b], [1, Number.NaN, 1], kind)
  }
})

test('the debiased average is the one of Kingma and Ba, and a bucket weighs as its values', () => {
  const [first, second] = smooth(rough([1, 2]), { kind: 'ema', amount: 0.6 }, 1)
  assert.equal(first, 1)
  assert.ok(Math.abs(second! - (0.6 * 0.4 * 1 + 0.4 * 2) / (1 - 0.36)) < 1e-12)
  const every = smooth(rough([5, 5, 5, 5, 1, 1]), { kind: 'ema', amount: 0.6 }, 5)
  const bucketed = smooth({ ...rough([5, 1]), weights: Float64Array.from([4, 2]) }, { kind: 'ema', amount: 0.6 }, 5)
  assert.ok(Math.abs(every.at(-1)! - bucketed.at(-1)!) < 1e-12)
})

test('along the axis it is the distance that counts, not how many points there are', () => {
  const seldom = smooth(rough([0, 1], [0, 100]), { kind: 'time-ema', amount: 0.9 }, 1000)
  const often = smooth(rough([0, 1], [0, 1]), { kind: 'time-ema', amount: 0.9 }, 1000)
  assert.ok(seldom[1]! > 0.9 && often[1]! < 0.6)
})

test('a running mean takes what is near on both sides', () => {
  const smoothed = smooth(rough([0, 0, 9, 0, 0]), { kind: 'mean', amount: 1 }, 20)
  assert.deepEqual([...smoothed], [0, 3, 3, 3, 0])
})
