import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runStyle } from '../data/run-style.ts'
import type { Aggregate } from '../view/view.ts'
import type { DrawnLine } from './drawn-line.ts'
import { groupLine } from './group-lines.ts'

function line(points: [x: number, y: number][]): DrawnLine {
  return {
    id: 'run',
    title: 'run',
    style: runStyle(1),
    length: points.length,
    x: Float64Array.from(points, ([x]) => x),
    y: Float64Array.from(points, ([, y]) => y),
    raw: null,
    low: null,
    high: null,
    nonfinite: null,
    members: null,
    count: points.length,
    bucket: 1,
    version: 1,
  }
}

const group = { id: 'g', title: 'g', style: runStyle(1) }
const of = (lines: DrawnLine[], aggregate: Aggregate) => groupLine(group, lines, aggregate)

test('a run that stops early counts until it stops, and n says so', () => {
  const short = line([
    [0, 1],
    [1, 1],
  ])
  const long = line([
    [0, 3],
    [1, 3],
    [2, 3],
  ])
  const { x, y, members } = of([short, long], { line: 'mean', band: 'none' })
  assert.deepEqual(
    [[...x], [...y], [...members!]],
    [
      [0, 1, 2],
      [2, 2, 3],
      [2, 2, 1],
    ],
  )
})

test('runs with other steps are taken between their points, and a gap is bridged', () => {
  const seldom = line([
    [0, 0],
    [10, 10],
  ])
  const gap = line([
    [0, 4],
    [5, Number.NaN],
    [10, 4],
  ])
  const { x, y } = of([seldom, gap], { line: 'mean', band: 'none' })
  assert.deepEqual(
    [[...x], [...y]],
    [
      [0, 5, 10],
      [2, 4.5, 7],
    ],
  )
})

test('bands: true extremes, deviation, error and confidence of the sample', () => {
  const lines = [1, 2, 3, 4, 10].map((value) => line([[0, value]]))
  lines[0]!.low = Float64Array.from([-7])
  lines[0]!.high = Float64Array.from([1])
  const ends = (band: Aggregate['band'], middle: Aggregate['line'] = 'mean') => {
    const { low, high, y } = of(lines, { line: middle, band })
    return [y[0], low?.[0], high?.[0]].map((value) => value && Math.round(value * 1000) / 1000)
  }
  assert.deepEqual(ends('minmax', 'median'), [3, -7, 10])
  // The sample's deviation is √12.5 = 3.5355; its error 1.5811; t of four degrees 2.776.
  assert.deepEqual(ends('std'), [4, 0.464, 7.536])
  assert.deepEqual(ends('stderr'), [4, 2.419, 5.581])
  assert.deepEqual(ends('ci95'), [4, -0.389, 8.389])
})
