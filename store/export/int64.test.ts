import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writeInt64s } from './int64.ts'

test('every whole double up to 2^63 either side of zero is the integer that it is', () => {
  const powers = Array.from({ length: 63 }, (_, bits) => 2 ** bits)
  const near = powers.flatMap((power) => [power - 1, power, power + 1])
  const doubles = Float64Array.from([0, -0, ...near, ...near.map((whole) => -whole), -(2 ** 63), 2 ** 63 - 1024])
  const written = new BigInt64Array(doubles.length + 2)
  writeInt64s(written, 1, doubles, 1)
  assert.deepEqual(Array.from(written), [0n, ...Array.from(doubles, BigInt), 0n])
})

test('milliseconds become microseconds, rounded to the nearest', () => {
  const written = new BigInt64Array(5)
  writeInt64s(written, 0, Float64Array.of(1_700_000_000_000.001, -0.001, 0.0004, -8.64e15, 8.64e15), 1000)
  assert.deepEqual(Array.from(written), [
    1_700_000_000_000_001n,
    -1n,
    0n,
    -8_640_000_000_000_000_000n,
    8_640_000_000_000_000_000n,
  ])
})
