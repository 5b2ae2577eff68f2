import type { DrawnLine } from '../series/drawn-line.ts'
import type { AxisScale } from './axis-scale.ts'
import { type Painter, type PlotBox, paintLines } from './paint.ts'

/** Takes down what is painted as the elements of an SVG. */
class SvgPainter implements Painter {
  globalAlpha = 1
  lineWidth = 1
  strokeStyle = ''
  fillStyle = ''
  lineJoin: CanvasLineJoin = 'round'
  readonly elements: string[] = []
  #path = ''
  #dash: number[] = []

  beginPath() {
    this.#path = ''
  }
  moveTo(x: number, y: number) {
    this.#path += `M${round(x)} ${round(y)}`
  }
  lineTo(x: number, y: number) {
    this.#path += `${this.#path === '' ? 'M' : 'L'}${round(x)} ${round(y)}`
  }
  closePath() {
    this.#path += 'Z'
  }
  setLineDash(dash: Iterable<number>) {
    this.#dash = [...dash]
  }
  stroke() {
    if (this.#path === '') return
    const dash = this.#dash.length > 0 ? ` stroke-dasharray="${this.#dash.join(' ')}"` : ''
    this.elements.push(
      `<path d="${this.#path}" fill="none" stroke="${this.strokeStyle}" stroke-width="${this.lineWidth}" stroke-opacity="${this.globalAlpha}" stroke-linejoin="round"${dash}/>`,
    )
  }
  fill() {
    if (this.#path === '') return
    this.elements.push(`<path d="${this.#path}" fill="${this.fillStyle}" fill-opacity="${this.globalAlpha}"/>`)
  }
}

const round = (value: number) => Math.round(value * 100) / 100

/** A label of an axis, and how far along the axis it stands, 0 to 1. */
export interface Tick {
  text: string
  part: number
}

export interface Picture {
  title: string
  lines: readonly DrawnLine[]
  x: AxisScale
  y: AxisScale
  xTicks: Tick[]
  yTicks: Tick[]
  /** Of the plot, without axes and title, CSS pixels. */
  plot: { width: number; height: number }
  isDark: boolean
  colours: { page: string; text: string; grid: string }
}

const margin = { left: 60, right: 12, top: 30, bottom: 24, legend: 18 }

/** The chart as it is seen, as a drawing that can be scaled, with a legend of all its lines. */
export function chartSvg({ title, lines, x, y, xTicks, yTicks, plot, isDark, colours }: Picture): string {
  const box: PlotBox = { left: margin.left, top: margin.top, ...plot }
  const painter = new SvgPainter()
  paintLines(painter, lines, { x, y, box, isDark })
  const width = margin.left + plot.width + margin.right
  const bottom = margin.top + plot.height
  const height = bottom + margin.bottom + lines.length * margin.legend + 8
  const text = (at: [number, number], words: string, anchor: string, size = 11) =>
    `<text x="${round(at[0])}" y="${round(at[1])}" text-anchor="${anchor}" font-size="${size}" fill="${colours.text}">${escapeText(words)}</text>`
  const grid = [
    ...xTicks.map(({ text: words, part }) => {
      const at = round(margin.left + part * plot.width)
      return `<path d="M${at} ${margin.top}V${bottom}" stroke="${colours.grid}"/>${text([at, bottom + 15], words, 'middle')}`
    }),
    ...yTicks.map(({ text: words, part }) => {
      const at = round(bottom - part * plot.height)
      return `<path d="M${margin.left} ${at}H${margin.left + plot.width}" stroke="${colours.grid}"/>${text([margin.left - 6, at + 4], words, 'end')}`
    }),
  ]
  const legend = lines.map((line, at) => {
    const top = bottom + margin.bottom + 12 + at * margin.legend
    const colour = isDark ? line.style.dark : line.style.light
    const dash = line.style.dash.length > 0 ? ` stroke-dasharray="${line.style.dash.join(' ')}"` : ''
    return `<path d="M${margin.left} ${top - 4}h24" stroke="${colour}" stroke-width="1.5"${dash}/>${text([margin.left + 30, top], line.title, 'start')}`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Inter, system-ui, sans-serif">`,
    `<rect width="100%" height="100%" fill="${colours.page}"/>`,
    text([margin.left, 18], title, 'start', 13),
    ...grid,
    `<clipPath id="plot"><rect x="${box.left}" y="${box.top}" width="${box.width}" height="${box.height}"/></clipPath>`,
    `<g clip-path="url(#plot)">${painter.elements.join('\n')}</g>`,
    ...legend,
    '</svg>',
  ].join('\n')
}

/** XML 1.0, 2.4; control characters have no place in it at all. */
function escapeText(text: string): string {
  const named: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return text.replace(/[&<>"]/g, (sign) => named[sign]!).replace(/\p{Cc}/gu, '')
}
