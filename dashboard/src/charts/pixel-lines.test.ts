import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DrawnLine } from '../series/drawn-line.ts'
import { type PixelPlot, pixelsOf } from './pixel-lines.ts'

const plot: PixelPlot = {
  width: 8,
  height: 6,
  x: { scale: 'linear', min: 0, max: 8, threshold: 1 },
  y: { scale: 'linear', min: 0, max: 6, threshold: 1 },
  ratio: 1,
  isDark: false,
}

function lineOf(x: number[], y: number[], light = '#ff8001'): DrawnLine {
  const style = { light, dark: light, dash: [] }
  const values = { x: Float64Array.from(x), y: Float64Array.from(y), length: x.length }
  const rest = {
    raw: null,
    low: null,
    high: null,
    nonfinite: null,
    members: null,
    count: x.length,
    bucket: 1,
    version: 1,
  }
  return { id: 'r', title: 'r', style, ...values, ...rest }
}

/** How opaque each pixel is: `#` wholly, `+` in part. */
function picture(lines: DrawnLine[], look: PixelPlot = plot): string[] {
  const pixels = pixelsOf(lines, look)
  return Array.from({ length: look.height }, (_, row) =>
    Array.from(pixels.subarray(row * look.width, (row + 1) * look.width), (pixel) => {
      const alpha = pixel >>> 24
      return alpha === 255 ? '#' : alpha > 0 ? '+' : '.'
    }).join(''),
  )
}

test('a flat line is a row of pixels, soft where it lies between two', () => {
  assert.deepEqual(picture([lineOf([0, 8], [3.5, 3.5])]), ['', '', '########', '', '', ''].map(rowOf))
  assert.deepEqual(picture([lineOf([0, 8], [3, 3])]), ['', '', '++++++++', '++++++++', '', ''].map(rowOf))
})

test('a column has the extremes of all that lies in it', () => {
  const spike = lineOf([2.1, 2.4, 2.5, 2.6, 2.9], [1.5, 1.5, 5.5, 1.5, 1.5])
  assert.deepEqual(picture([spike]), ['..#.....', '..#.....', '..#.....', '..#.....', '..#.....', ''].map(rowOf))
})

test('a value that is not finite leaves a gap, and what a logarithm cannot show too', () => {
  const broken = lineOf([0, 2.5, 3.5, 4.5, 8], [3.5, 3.5, Number.NaN, 3.5, 3.5])
  assert.deepEqual(picture([broken])[2], '###.####')
  const log = { ...plot, y: { ...plot.y, scale: 'log' as const, min: 0.1, max: 10 } }
  assert.deepEqual(picture([lineOf([0, 2.5, 3.5, 4.5, 8], [1, 1, 0, 1, 1])], log)[2], '+++.++++')
})

test('what lies far outside does not matter, whichever way the line goes', () => {
  const far = lineOf([-4, 4.5, 4.6, 100], [3.5, 3.5, 1e300, 1e300])
  assert.deepEqual(picture([far]), ['....#...', '....#...', '#####...', '', '', ''].map(rowOf))
  const back = lineOf([8, 0], [3.5, 3.5])
  assert.deepEqual(picture([back]), picture([lineOf([0, 8], [3.5, 3.5])]))
})

test('the last line lies on top, in its colour, and nothing is left of the picture before', () => {
  picture([lineOf([0, 8], [0.5, 5.5])])
  const pixels = pixelsOf([lineOf([0, 8], [3.5, 3.5]), lineOf([0, 8], [3.5, 3.5], '#010203')], plot)
  assert.deepEqual([...new Set(pixels)], [0, 0xff030201])
})

test('twice as dense a screen gets lines twice as broad', () => {
  const dense = { ...plot, ratio: 2 }
  assert.deepEqual(picture([lineOf([3.5, 3.6], [3, 3])], dense), ['', '', '...##...', '...##...', '', ''].map(rowOf))
})

const rowOf = (text: string) => text.padEnd(plot.width, '.')
