import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Scale } from '../view/view.ts'
import { ticksOf } from './ticks.ts'

const ticks = (scale: Scale, min: number, max: number, threshold = 1) => ticksOf({ scale, min, max, threshold }, 6)

test('a logarithm has decades, and between them 2 and 5 where there are few', () => {
  assert.deepEqual(ticks('log', 0.5, 2000), [1, 10, 100, 1000])
  assert.deepEqual(ticks('log', 0.9, 30), [1, 2, 5, 10, 20])
  assert.deepEqual(
    ticks('log', 0.32, 0.34).map((value) => Math.round(value * 1000) / 1000),
    [0.32, 0.325, 0.33, 0.335, 0.34],
  )
})

test('however far a loss has diverged there are a few ticks, in order and in the range', () => {
  for (const [scale, min, max, threshold] of [
    ['log', 1e-300, 1e300, 1],
    ['log', 3e-7, 4e30, 1],
    ['symlog', -1e300, 1e300, 1e-6],
    ['symlog', -5, 1e30, 0.01],
    ['symlog', -1e30, -4, 0.01],
    ['symlog', 0, 1e-9, 1e-12],
    ['linear', -1e300, 1e300, 1],
    ['linear', 0, 4e30, 1],
    ['linear', 0.93, 0.94, 1],
    ['log', 1, 1, 1],
  ] as const) {
    const found = ticks(scale, min, max, threshold)
    assert.ok(found.length >= 1 && found.length <= 7, `${scale} ${min} ${max}: ${found}`)
    assert.deepEqual(
      found,
      found.toSorted((one, other) => one - other),
    )
    const slack = 1e-9 * Math.max(Math.abs(min), Math.abs(max))
    for (const tick of found) assert.ok(tick >= min - slack && tick <= max + slack, `${tick} of ${scale} ${min} ${max}`)
  }
})

test('a symmetric logarithm has zero and both sides', () => {
  assert.deepEqual(ticks('symlog', -200, 3000), [-100, -1, 0, 10, 1000])
})

test('steps are whole, and seconds are counted in minutes and hours', () => {
  const axis = (min: number, max: number) => ({ scale: 'linear', min, max, threshold: 1 }) as const
  assert.deepEqual(ticksOf(axis(0, 3), 6, 'step'), [0, 1, 2, 3])
  assert.deepEqual(ticksOf(axis(0, 620), 4, 'relative'), [0, 300, 600])
  assert.deepEqual(ticksOf(axis(0, 90_000), 4, 'relative'), [0, 43_200, 86_400])
})
