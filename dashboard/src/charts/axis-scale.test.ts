import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AxisScale, panned, partOf, toPixels, transform, valueAt, zoomed } from './axis-scale.ts'

const axes: AxisScale[] = [
  { scale: 'linear', min: -2, max: 6, threshold: 1 },
  { scale: 'log', min: 0.01, max: 1000, threshold: 1 },
  { scale: 'symlog', min: -1000, max: 10, threshold: 0.1 },
]
const near = (one: number, other: number) => assert.ok(Math.abs(one - other) < 1e-9 * Math.max(1, Math.abs(other)))

test('ends are at the ends, and what is between comes back from its place', () => {
  for (const axis of axes) {
    near(valueAt(axis, 0), axis.min)
    near(valueAt(axis, 1), axis.max)
    for (const part of [0.1, 0.5, 0.9]) near(partOf(axis, valueAt(axis, part)), part)
    const { factor, offset } = toPixels(axis, 100, 20)
    near(transform(axis.min, axis) * factor + offset, 100)
    near(transform(axis.max, axis) * factor + offset, 20)
  }
})

test('zooming keeps what is under the pointer, and panning the width', () => {
  for (const axis of axes) {
    const [min, max] = zoomed(axis, 0.25, 0.5)
    near(partOf({ ...axis, min, max }, valueAt(axis, 0.25)), 0.25)
    const [from, to] = panned(axis, 0.2)
    near(partOf(axis, from), 0.2)
    near(partOf(axis, to), 1.2)
  }
})

test('a logarithm has no place for what is not above zero', () => {
  assert.ok(Number.isNaN(transform(0, axes[1]!)))
  assert.ok(Number.isNaN(transform(-1, axes[1]!)))
})
