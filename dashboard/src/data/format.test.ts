import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatAgo, formatBytes, formatCount, formatDuration, formatValue } from './format.ts'

const each = <In, Out>(cases: [In, Out][], of: (value: In) => Out) =>
  assert.deepEqual(
    cases.map(([value]) => of(value)),
    cases.map(([, expected]) => expected),
  )

test('values have four significant digits, and never more than fit', () => {
  each(
    [
      [0.94321, '0.9432'],
      [0.5, '0.5'],
      [-0.000123456, '−0.0001235'],
      [0.00001, '1e−5'],
      [1.23456e-7, '1.235e−7'],
      [12345, '12345'],
      [12345.678, '12346'],
      [1e6, '1e6'],
      [-1.5e30, '−1.5e30'],
      [0, '0'],
      [Number.NaN, 'NaN'],
      [Number.POSITIVE_INFINITY, '+∞'],
      [Number.NEGATIVE_INFINITY, '−∞'],
    ],
    (value) => formatValue(value),
  )
})

test('counts and steps are short', () => {
  each(
    [
      [0, '0'],
      [999, '999'],
      [1000, '1k'],
      [12_500, '12.5k'],
      [999_499, '999k'],
      [999_950, '1M'],
      [3_200_000, '3.2M'],
      [-4_000, '−4k'],
      [1e18, '1e18'],
    ],
    formatCount,
  )
})

test('durations, ages and sizes', () => {
  each(
    [
      [320, '320ms'],
      [45_000, '45s'],
      [8_040_000, '2h 14m'],
      [86_400_000, '1d'],
      [90_061_000, '1d 1h'],
    ],
    formatDuration,
  )
  assert.equal(formatAgo(0, 5_000), 'just now')
  assert.equal(formatAgo(0, 310_000), '5m ago')
  each(
    [
      [512, '512 B'],
      [12_800, '12.5 KiB'],
      [1_073_741_824, '1 GiB'],
    ],
    formatBytes,
  )
})
