import assert from 'node:assert/strict'
import { test } from 'node:test'
import { axisOf, leftOver, placeOf, ticksOf, valueAt } from './axes.ts'

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number

test('numbers go from the least at 0 to the greatest at 1, and back', () => {
  const axis = axisOf('x', [2, 4, 3], 'auto')
  assert.deepEqual([axis.kind, axis.min, axis.max], ['linear', 2, 4])
  assert.equal(placeOf(axis, 3), 0.5)
  assert.equal(valueAt(axis, 0.25), 2.5)
})

test('values over powers of ten make a logarithmic axis by themselves, unless told otherwise', () => {
  const values = [1e-4, 1e-3, 1e-2]
  const axis = axisOf('config.lr', values, 'auto')
  assert.equal(axis.kind, 'log')
  assert.ok(Math.abs((placeOf(axis, 1e-3) as number) - 0.5) < 1e-12)
  assert.ok(Math.abs(valueAt(axis, 0.5) - 1e-3) < 1e-15)
  assert.equal(axisOf('config.lr', values, 'linear').kind, 'linear')
  assert.equal(axisOf('x', [-1, 1, 1000], 'auto').kind, 'linear')
})

test('what has no place is at a mark and counted: NaN, ∞, not above 0 on a logarithmic axis, not set', () => {
  const axis = axisOf('x', [1, 10, -1, 0, nan, infinity, undefined], 'log')
  assert.deepEqual([axis.offScale, axis.unset], [4, 1])
  assert.equal(leftOver(axis), '4 NaN, ∞ or ≤ 0, 1 not set')
  for (const value of [nan, infinity, 0, -1]) assert.equal(placeOf(axis, value), 'off')
  assert.equal(placeOf(axis, undefined), 'unset')
  assert.equal(leftOver(axisOf('x', [1, 2], 'auto')), '')
})

test('texts among numbers make categories, by number and then by name', () => {
  const axis = axisOf('x', ['b', 10, 9, 'a', undefined], 'auto')
  assert.equal(axis.kind, 'category')
  assert.deepEqual(axis.categories, [9, 10, 'a', 'b'].map(String))
  assert.equal(placeOf(axis, 'b'), 1)
  assert.equal(placeOf(axisOf('x', ['only'], 'auto'), 'only'), 0.5)
})

test('one value stands in the middle, no value leaves an axis that can be drawn', () => {
  for (const value of [0, -3, 5, 1e-300]) {
    const axis = axisOf('x', [value, value], 'auto')
    assert.ok(axis.min < value && value < axis.max, String(value))
    assert.ok(Math.abs((placeOf(axis, value) as number) - 0.5) < 1e-9, String(value))
  }
  const empty = axisOf('x', [nan, nan], 'auto')
  assert.ok(empty.min < empty.max)
  assert.deepEqual(ticksOf(empty, 5), [], 'of which no number is told')
})

test('ticks are round, inside of the axis, and not more than there is room for', () => {
  const cases = [
    [0, 1],
    [0.123, 0.987],
    [-5, 17],
    [1e-7, 3e-7],
    [1, 1e30],
    [-1e308, 1e308],
    [1e15, 1e15 + 1],
    [-3, -2.9],
  ]
  for (const scale of ['linear', 'log'] as const) {
    for (const values of cases) {
      const axis = axisOf('x', values, scale)
      const ticks = ticksOf(axis, 6)
      assert.ok(ticks.length >= 2 && ticks.length <= 13, `${values}: ${ticks.length}`)
      for (const { at } of ticks) assert.ok(at >= -1e-9 && at <= 1 + 1e-9, `${values}: ${at}`)
    }
  }
  const labels = ticksOf(axisOf('x', [0, 10], 'auto'), 6).map(({ label }) => label)
  assert.deepEqual(labels, ['0', '2', '4', '6', '8', '10'])
  const seeds = ticksOf(axisOf('seed', [0, 1, 2], 'auto'), 10).map(({ label }) => label)
  assert.deepEqual(seeds, ['0', '1', '2'], 'there is no seed between two')
  const decades = ticksOf(axisOf('x', [1e-4, 1e-3, 1e-1], 'auto'), 6).map(({ label }) => label)
  assert.deepEqual(decades, ['0.0001', '0.001', '0.01', '0.1'])
  const many = Array.from({ length: 200 }, (_, at) => `category ${at}`)
  assert.ok(ticksOf(axisOf('x', many, 'auto'), 10).length <= 10)
})

test('an axis from the least to the greatest number there is places both', () => {
  const axis = axisOf('x', [-1.7e308, 1.7e308], 'linear')
  assert.equal(placeOf(axis, -1.7e308), 0)
  assert.equal(placeOf(axis, 1.7e308), 1)
  assert.equal(placeOf(axis, 0), 0.5)
})
