import { askRaw, path, query } from '../api/ask.ts'
import { partOf } from '../charts/axis-scale.ts'
import { chartSvg, type Tick } from '../charts/chart-svg.ts'
import type { ChartView } from '../charts/chart-view.ts'
import { isCalendar } from '../charts/plot-options.ts'
import { chartTheme } from '../charts/theme.ts'
import type { DrawnLine } from '../series/drawn-line.ts'

/** Of a picture that is to be put into a paper or a chat: sharp when it is enlarged. */
const pictureScale = 2
/** A longer address is refused on the way. */
const runsPerExport = 200

/** The chart as it is seen, with its axes and a legend. */
export async function saveDrawing(chart: ChartView, metric: string): Promise<void> {
  save(new Blob([svgOf(chart, metric)], { type: 'image/svg+xml' }), `${fileName(metric)}.svg`)
}

export async function savePicture(chart: ChartView, metric: string): Promise<void> {
  const image = new Image()
  const address = URL.createObjectURL(new Blob([svgOf(chart, metric)], { type: 'image/svg+xml' }))
  try {
    image.src = address
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = image.naturalWidth * pictureScale
    canvas.height = image.naturalHeight * pictureScale
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
    if (!blob) throw new Error('the browser could not make the picture')
    save(blob, `${fileName(metric)}.png`)
  } finally {
    URL.revokeObjectURL(address)
  }
}

/** What is drawn, a row for each point or bucket. */
export async function saveLines(chart: ChartView, metric: string): Promise<void> {
  const { model } = chart
  if (!model) return
  save(new Blob([linesCsv(model.axis, model.lines)], { type: 'text/csv' }), `${fileName(metric)}.csv`)
}

/** Every point that the tracker has, of these runs. */
export async function saveEveryPoint(project: string, metric: string, runs: string[]): Promise<void> {
  const parts: Blob[] = []
  for (let at = 0; at < runs.length; at += runsPerExport) {
    const fields = { runs: runs.slice(at, at + runsPerExport).join(','), metric: [metric], format: 'csv' }
    const text = await (await askRaw(path('projects', project, 'export') + query(fields))).text()
    parts.push(new Blob([at === 0 ? text : text.slice(text.indexOf('\n') + 1)]))
  }
  save(new Blob(parts, { type: 'text/csv' }), `${fileName(metric)}-points.csv`)
}

/** RFC 4180. A bucket has its extremes; NaN and infinities are what they are. */
export function linesCsv(axis: string, lines: readonly DrawnLine[]): string {
  const cell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  const rows = [`run,${cell(axis)},value,min,max,not_finite`]
  for (const { id, length, x, y, low, high, nonfinite } of lines) {
    for (let row = 0; row < length; row++) {
      rows.push([cell(id), x[row], y[row], low?.[row] ?? '', high?.[row] ?? '', nonfinite?.[row] ?? 0].join(','))
    }
  }
  return `${rows.join('\n')}\n`
}

function svgOf(chart: ChartView, metric: string): string {
  const { model, plot, x, y } = chart
  if (!model || !plot) throw new Error('there is no chart yet')
  const { isDark, text, grid } = chartTheme()
  const page = getComputedStyle(document.body).backgroundColor
  return chartSvg({
    title: metric,
    lines: model.lines,
    x,
    y,
    xTicks: ticksOf(plot.axes[0]!, isCalendar(model.axis, x) ? (value) => partOf(x, value) : (part) => part),
    yTicks: ticksOf(plot.axes[1]!, (part) => part),
    plot: chart.box,
    isDark,
    colours: { page, text, grid },
  })
}

/** uPlot keeps what it has drawn of an axis there. */
function ticksOf(axis: object, part: (value: number) => number): Tick[] {
  const { _splits: splits = [], _values: values = [] } = axis as { _splits?: number[]; _values?: (string | null)[] }
  return splits
    .map((value, at) => ({ text: values[at] ?? '', part: part(value) }))
    .filter((tick) => tick.part >= 0 && tick.part <= 1)
}

const fileName = (metric: string) => metric.replace(/[^\p{L}\p{N}._-]+/gu, '-')

function save(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
