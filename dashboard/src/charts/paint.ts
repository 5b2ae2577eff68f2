import { formatValue } from '../data/format.ts'
import type { DrawnLine } from '../series/drawn-line.ts'
import { type AxisScale, toPixels, transform } from './axis-scale.ts'
import { rowsBetween } from './extent.ts'

/** Where on a canvas, in CSS pixels: the plot's corner and size. */
export interface PlotBox {
  left: number
  top: number
  width: number
  height: number
}

export interface PaintOptions {
  x: AxisScale
  y: AxisScale
  box: PlotBox
  isDark: boolean
  /** Of the envelope, 0 to 1; 0 leaves it out. */
  bandAlpha?: number
  lineWidth?: number
}

/** What painting needs of a canvas; a recorder of SVG paths has it too (chart-svg.ts). */
export type Painter = Pick<
  CanvasRenderingContext2D,
  | 'beginPath'
  | 'moveTo'
  | 'lineTo'
  | 'closePath'
  | 'stroke'
  | 'fill'
  | 'setLineDash'
  | 'globalAlpha'
  | 'lineWidth'
  | 'strokeStyle'
  | 'fillStyle'
  | 'lineJoin'
>

const bandAlpha = 0.15
/** Of more lines each is thin: fifty strokes of 1.5 pixels hide one another, and take a browser without a GPU ten times as long. */
const thickLinesMax = 10
const rawAlpha = 0.25
const markSize = 3

/** Envelopes first, then lines, so that no band hides a line; marks of what is not finite on top. */
export function paintLines(canvas: Painter, lines: readonly DrawnLine[], options: PaintOptions): void {
  canvas.lineJoin = 'bevel'
  const lineWidth = options.lineWidth ?? (lines.length > thickLinesMax ? 1 : 1.5)
  const places = lines.map((line) => placesOf(line, options))
  if (options.bandAlpha !== 0) for (const [at, line] of lines.entries()) paintBand(canvas, line, places[at]!, options)
  for (const [at, line] of lines.entries()) paintLine(canvas, line, places[at]!, { ...options, lineWidth })
  paintMarks(canvas, lines, options)
}

interface Places {
  first: number
  last: number
  /** Pixels along x, for the rows from `first` on. */
  x: Float64Array
  toY: (value: number) => number
}

function placesOf(line: DrawnLine, { x: xAxis, y: yAxis, box }: PaintOptions): Places {
  const [first, last] = rowsBetween(line, xAxis.min, xAxis.max)
  const { factor, offset } = toPixels(xAxis, box.left, box.left + box.width)
  const x = new Float64Array(Math.max(0, last - first))
  if (xAxis.scale === 'linear') {
    for (let row = first; row < last; row++) x[row - first] = line.x[row]! * factor + offset
  } else {
    for (let row = first; row < last; row++) x[row - first] = transform(line.x[row]!, xAxis) * factor + offset
  }
  return { first, last, x, toY: toYOf(yAxis, box) }
}

/** Values far outside are drawn to just outside: canvases go wrong with coordinates of 1e30. */
function toYOf(axis: AxisScale, { top, height }: PlotBox): (value: number) => number {
  const { factor, offset } = toPixels(axis, top + height, top)
  const lowest = top - height - 1000
  const highest = top + 2 * height + 1000
  const bound = (place: number) => (place < lowest ? lowest : place > highest ? highest : place)
  if (axis.scale === 'linear') return (value) => bound(value * factor + offset)
  if (axis.scale === 'log') {
    return (value) => (value > 0 ? bound(Math.log10(value) * factor + offset) : Number.NaN)
  }
  return (value) => bound(Math.asinh(value / axis.threshold) * factor + offset)
}

export const colourIn = ({ style }: DrawnLine, isDark: boolean) => (isDark ? style.dark : style.light)

function paintBand(canvas: Painter, line: DrawnLine, { first, last, x, toY }: Places, options: PaintOptions): void {
  const { low, high } = line
  if (!low || !high) return
  canvas.globalAlpha = options.bandAlpha ?? bandAlpha
  canvas.fillStyle = colourIn(line, options.isDark)
  const bottom = options.box.top + options.box.height
  let start = first
  while (start < last) {
    while (start < last && !Number.isFinite(high[start]!)) start++
    let end = start
    while (end < last && Number.isFinite(high[end]!)) end++
    if (end > start) {
      canvas.beginPath()
      for (let row = start; row < end; row++) {
        const y = toY(high[row]!)
        // Below what a logarithm can show the band ends at the axis.
        canvas.lineTo(x[row - first]!, Number.isNaN(y) ? bottom : y)
      }
      for (let row = end - 1; row >= start; row--) {
        const y = toY(low[row]!)
        canvas.lineTo(x[row - first]!, Number.isNaN(y) ? bottom : y)
      }
      canvas.closePath()
      canvas.fill()
    }
    start = end
  }
}

function paintLine(
  canvas: Painter,
  line: DrawnLine,
  places: Places,
  { isDark, lineWidth }: PaintOptions & { lineWidth: number },
): void {
  canvas.strokeStyle = colourIn(line, isDark)
  canvas.lineWidth = lineWidth
  if (line.raw) {
    canvas.setLineDash([])
    canvas.globalAlpha = rawAlpha
    strokeValues(canvas, line.raw, places, lineWidth)
  }
  canvas.setLineDash(line.style.dash)
  canvas.globalAlpha = 1
  strokeValues(canvas, line.y, places, lineWidth)
  canvas.setLineDash([])
}

function strokeValues(canvas: Painter, y: Float64Array, { first, last, x, toY }: Places, lineWidth: number): void {
  canvas.beginPath()
  let isDown = false
  for (let row = first; row < last; row++) {
    const place = toY(y[row]!)
    if (!Number.isFinite(place)) {
      isDown = false
      continue
    }
    const along = x[row - first]!
    if (isDown) {
      canvas.lineTo(along, place)
      continue
    }
    canvas.moveTo(along, place)
    isDown = true
    // A point with a gap on both sides would be no line at all: it gets a small cross.
    const next = row + 1 < last ? toY(y[row + 1]!) : Number.NaN
    if (!Number.isFinite(next)) {
      const reach = lineWidth + 1.5
      canvas.moveTo(along - reach, place)
      canvas.lineTo(along + reach, place)
      canvas.moveTo(along, place - reach)
      canvas.lineTo(along, place + reach)
    }
  }
  canvas.stroke()
}

/** The last value of a line, at its end inside the plot: for charts of few lines (a legend of fifty is none). */
export function paintEnds(
  canvas: CanvasRenderingContext2D,
  lines: readonly DrawnLine[],
  options: PaintOptions & { font: string; page: string },
): void {
  const { box } = options
  canvas.font = options.font
  canvas.textAlign = 'right'
  canvas.textBaseline = 'middle'
  canvas.lineJoin = 'round'
  const taken: number[] = []
  for (const line of lines) {
    const { first, last, x, toY } = placesOf(line, options)
    let row = last - 1
    while (row >= first && !(x[row - first]! <= box.left + box.width + 1 && Number.isFinite(line.y[row]!))) row--
    if (row < first) continue
    const y = Math.min(box.top + box.height - 7, Math.max(box.top + 7, toY(line.y[row]!) - 8))
    // Where lines end together their numbers would lie upon each other.
    if (!Number.isFinite(y) || taken.some((other) => Math.abs(other - y) < 12)) continue
    taken.push(y)
    const words = formatValue(line.y[row]!)
    const right = Math.max(box.left + 40, Math.min(box.left + box.width - 2, x[row - first]!))
    canvas.lineWidth = 3
    canvas.strokeStyle = options.page
    canvas.strokeText(words, right, y)
    canvas.fillStyle = colourIn(line, options.isDark)
    canvas.fillText(words, right, y)
  }
}

/** A × at the top edge for each bucket that has a value that is not finite. */
export function paintMarks(canvas: Painter, lines: readonly DrawnLine[], options: PaintOptions): void {
  canvas.globalAlpha = 1
  canvas.lineWidth = 1.5
  const top = options.box.top + 2
  for (const line of lines) {
    const { nonfinite } = line
    if (!nonfinite) continue
    const { first, last, x } = placesOf(line, options)
    canvas.strokeStyle = colourIn(line, options.isDark)
    canvas.beginPath()
    let lastAt = Number.NEGATIVE_INFINITY
    for (let row = first; row < last; row++) {
      if (!nonfinite[row]) continue
      const at = x[row - first]!
      // Marks that would lie upon each other are one.
      if (at - lastAt < markSize) continue
      lastAt = at
      canvas.moveTo(at - markSize, top)
      canvas.lineTo(at + markSize, top + 2 * markSize)
      canvas.moveTo(at + markSize, top)
      canvas.lineTo(at - markSize, top + 2 * markSize)
    }
    canvas.stroke()
  }
}
