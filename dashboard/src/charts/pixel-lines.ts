import type { DrawnLine } from '../series/drawn-line.ts'
import { type AxisScale, toPixels, transform } from './axis-scale.ts'
import { rowsBetween } from './extent.ts'
import { colourIn } from './paint.ts'

/** Pixels, each as ImageData has it: red in the lowest byte, how opaque it is in the highest. */
export interface PixelPlot {
  width: number
  height: number
  x: AxisScale
  y: AxisScale
  /** Pixels a CSS pixel. */
  ratio: number
  isDark: boolean
}

/**
 * Lines put down pixel by pixel, for charts that are moved: a browser without a GPU takes many times as long for smooth
 * strokes. Each column of pixels has the line's true extremes in it, softened at both ends; bands, dashes and what was there
 * before smoothing are left out.
 *
 * @returns row after row; to be copied before the next call
 */
export function pixelsOf(lines: readonly DrawnLine[], plot: PixelPlot): Uint32Array<ArrayBuffer> {
  const { width, height } = plot
  const size = width * height
  if (columns.length < size) columns = new Uint32Array(size)
  else columns.fill(0, 0, size)
  for (const line of lines) putLine(columns, line, plot)
  if (rows.length !== size) rows = new Uint32Array(size)
  for (let column = 0; column < width; column++) {
    const start = column * height
    for (let row = 0, at = column; row < height; row++, at += width) rows[at] = columns[start + row]!
  }
  return rows
}

/** Column after column: what is put down at a time then lies side by side in memory. */
let columns = new Uint32Array(0)
let rows = new Uint32Array(0)

function putLine(pixels: Uint32Array, line: DrawnLine, { width, height, x, y, ratio, isDark }: PixelPlot): void {
  const colour = colourBits(colourIn(line, isDark))
  const along = toPixels(x, 0, width)
  const up = toPixels(y, height, 0)
  const isPlain = x.scale === 'linear' && y.scale === 'linear'
  const half = ratio / 2
  const breadth = Math.max(1, Math.round(ratio))
  const [first, last] = rowsBetween(line, x.min, x.max)
  const { x: xs, y: ys } = line
  let column = -1
  let low = 0
  let high = 0
  let isDown = false
  let fromX = 0
  let fromY = 0
  for (let row = first; row < last; row++) {
    const atX = (isPlain ? xs[row]! : transform(xs[row]!, x)) * along.factor + along.offset
    let atY = (isPlain ? ys[row]! : transform(ys[row]!, y)) * up.factor + up.offset
    // NaN where there is a gap, or what a logarithm can't show; infinity is no place either.
    if (!(atX - atX === 0 && atY - atY === 0)) {
      isDown = false
      continue
    }
    // Far outside is just outside: the way there would be a long one.
    if (atY < -height) atY = -height
    else if (atY > 2 * height) atY = 2 * height
    if (!isDown) {
      fromX = atX
      fromY = atY
      isDown = true
    }
    // Along another metric a line may go back.
    const isOnwards = atX >= fromX
    const startX = isOnwards ? fromX : atX
    const startY = isOnwards ? fromY : atY
    const endX = isOnwards ? atX : fromX
    const endY = isOnwards ? atY : fromY
    fromX = atX
    fromY = atY
    if (endX < 0 || startX >= width) continue
    const slope = endX > startX ? (endY - startY) / (endX - startX) : 0
    const startColumn = Math.floor(startX)
    const endColumn = Math.floor(endX)
    const end = endColumn < width ? endColumn : width - 1
    for (let at = startColumn > 0 ? startColumn : 0; at <= end; at++) {
      const one = at === startColumn ? startY : startY + (at - startX) * slope
      const other = at === endColumn ? endY : startY + (at + 1 - startX) * slope
      const above = one < other ? one : other
      const below = one < other ? other : one
      if (at === column) {
        if (above < low) low = above
        if (below > high) high = below
        continue
      }
      if (column >= 0) putSpan(pixels, height, column, breadth, low - half, high + half, colour)
      column = at
      low = above
      high = below
    }
  }
  if (column >= 0) putSpan(pixels, height, column, breadth, low - half, high + half, colour)
}

/** From `top` to `bottom` of a column, and of as many beside it as the line is broad. */
function putSpan(
  pixels: Uint32Array,
  height: number,
  column: number,
  breadth: number,
  top: number,
  bottom: number,
  colour: number,
): void {
  if (top < 0) top = 0
  if (bottom > height) bottom = height
  if (!(bottom > top)) return
  const firstFull = Math.ceil(top)
  const lastFull = Math.floor(bottom)
  const end = Math.min(pixels.length, (column + breadth) * height)
  for (let start = column * height; start < end; start += height) {
    if (firstFull > lastFull) {
      soften(pixels, start + lastFull, bottom - top, colour)
      continue
    }
    if (top < firstFull) soften(pixels, start + firstFull - 1, firstFull - top, colour)
    if (bottom > lastFull) soften(pixels, start + lastFull, bottom - lastFull, colour)
    for (let at = start + firstFull, full = start + lastFull; at < full; at++) pixels[at] = colour | opaque
  }
}

const opaque = 0xff << 24

/** A pixel that is covered in part, unless more of it is covered already. */
function soften(pixels: Uint32Array, at: number, part: number, colour: number): void {
  const alpha = (part * 255) | 0
  if (alpha > pixels[at]! >>> 24) pixels[at] = colour | (alpha << 24)
}

const bits = new Map<string, number>()

/** `#rrggbb` as a pixel that is clear. */
function colourBits(colour: string): number {
  const known = bits.get(colour)
  if (known !== undefined) return known
  const part = (at: number) => Number.parseInt(colour.slice(at, at + 2), 16)
  const found = part(1) | (part(3) << 8) | (part(5) << 16)
  bits.set(colour, found)
  return found
}
