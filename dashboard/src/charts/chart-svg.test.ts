import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runStyle } from '../data/run-style.ts'
import type { DrawnLine } from '../series/drawn-line.ts'
import { chartSvg, type Picture } from './chart-svg.ts'

const line: DrawnLine = {
  id: 'run',
  title: 'a <b> & "c"',
  style: runStyle(13),
  length: 4,
  x: Float64Array.from([0, 1, 2, 3]),
  y: Float64Array.from([0, Number.NaN, 1e30, 1]),
  raw: null,
  low: null,
  high: null,
  nonfinite: Float64Array.from([0, 1, 0, 0]),
  members: null,
  count: 4,
  bucket: 1,
  version: 1,
}
const picture: Picture = {
  title: 'loss',
  lines: [line],
  x: { scale: 'linear', min: 0, max: 3, threshold: 1 },
  y: { scale: 'linear', min: 0, max: 1, threshold: 1 },
  xTicks: [{ text: '1k', part: 0.5 }],
  yTicks: [{ text: '0.5', part: 0.5 }],
  plot: { width: 300, height: 100 },
  isDark: false,
  colours: { page: '#fff', text: '#555', grid: '#eee' },
}

test('a drawing has the line in its dash, the mark of what is not finite, ticks, and names as text', () => {
  const svg = chartSvg(picture)
  assert.match(svg, /stroke-dasharray="6 3"/)
  assert.match(svg, /a &lt;b&gt; &amp; &quot;c&quot;/)
  assert.match(svg, />1k</)
  // The × at x = 1, a third of 300 from the left margin of 60.
  assert.match(svg, /M157 32L163 38M163 32L157 38/)
  assert.doesNotMatch(svg, /NaN|Infinity|e\+/)
})
