import uPlot from 'uplot'
import type { DrawnLine } from '../series/drawn-line.ts'
import { highlightedRun, onHighlight } from '../view/highlight.ts'
import type { Scale } from '../view/view.ts'
import { type AxisScale, partOf, toPixels, transform, valueAt } from './axis-scale.ts'
import { type Crosshair, currentCrosshair, moveCrosshair, onCrosshair } from './crosshair.ts'
import { cancelDraw, type Drawable, requestDraw } from './draw-queue.ts'
import { xExtent, type YExtent, yExtent } from './extent.ts'
import { listenForGestures } from './gestures.ts'
import { type Reading, readingsAt } from './nearest.ts'
import { paintEnds, paintLines, paintMarks } from './paint.ts'
import { pixelsOf } from './pixel-lines.ts'
import { isCalendar, plotOptions } from './plot-options.ts'
import { chartTheme, onTheme } from './theme.ts'
import { hideTooltip, isTooltipPinned, pinTooltip, showTooltip } from './tooltip.ts'

/** What a chart shows. */
export interface ChartModel {
  lines: readonly DrawnLine[]
  /** The API's word for x: step, time, relative, metric:<name>. */
  axis: string
  xScale: Scale
  yScale: Scale
  clip: boolean
  /** Fixed ends of y. */
  y: [number, number] | null
}

export interface ChartEvents {
  /** The part of x to be looked at; null: all of it. `isFinal`: the hand has let go. */
  onRange: (range: [number, number] | null, isFinal: boolean) => void
  onYRange: (range: [number, number] | null) => void
  /** What was painted: for the badge, and for whoever waits for the first lines. */
  onDrawn: (extent: YExtent | null) => void
  onReadings?: (x: number | null, readings: Reading[]) => void
}

/** With so many lines the last value of each stands at its end. */
const endsMax = 5

/** Readings further from the pointer than this part of the axis are of runs that end elsewhere. */
const reachPart = 0.02

/**
 * A chart on the page. uPlot draws the axes; the lines are painted by us on a canvas over them, so that fifty lines with
 * their own x need no common table, and one line can come forward without painting the others again.
 */
export class ChartView implements Drawable {
  readonly root: HTMLElement
  readonly #events: ChartEvents
  readonly #lines = document.createElement('canvas')
  readonly #front = document.createElement('canvas')
  readonly #cross = document.createElement('div')
  readonly #selection = document.createElement('div')
  readonly #stops: (() => void)[]
  /** One line over the others: little to paint, and where the hand is not it may wait for its turn. */
  readonly #forward: Drawable = { cost: 0.5, draw: () => this.#bringForward() }
  #plot: uPlot | null = null
  #plotKey = ''
  /** Of the axes as they were drawn. */
  #ends = ''
  #model: ChartModel | null = null
  #range: [number, number] | null = null
  #isMoving = false
  #size = { width: 0, height: 0 }
  #extent: YExtent | null = null
  /** Where the crosshair was put last, pixels of the plot. */
  #crossAt: number | null = null
  #hovered: { x: number; px: number; py: number } | null = null
  x: AxisScale = { scale: 'linear', min: 0, max: 1, threshold: 1 }
  y: AxisScale = { scale: 'linear', min: 0, max: 1, threshold: 1 }

  constructor(root: HTMLElement, events: ChartEvents) {
    this.root = root
    this.#events = events
    for (const canvas of [this.#lines, this.#front]) canvas.className = 'chart-lines'
    this.#cross.className = 'chart-cross'
    this.#selection.className = 'chart-selection'
    const resizing = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect
      this.#size = { width: Math.floor(width), height: Math.floor(height) }
      requestDraw(this)
    })
    resizing.observe(root)
    this.#stops = [
      () => resizing.disconnect(),
      onTheme(() => {
        this.#plot?.redraw(false, true)
        requestDraw(this)
      }),
      onHighlight(() => {
        if (currentCrosshair()?.source === this) this.#bringForward()
        else requestDraw(this.#forward)
      }),
      onCrosshair((crosshair) => this.#showCrosshair(crosshair)),
      listenForGestures(this),
    ]
  }

  get model(): ChartModel | null {
    return this.#model
  }

  get plot(): uPlot | null {
    return this.#plot
  }

  get events(): ChartEvents {
    return this.#events
  }

  get selection(): HTMLElement {
    return this.#selection
  }

  /** Of the chart with its axes, pixels; 0 until it has been laid out. */
  get width(): number {
    return this.#size.width
  }

  set(model: ChartModel): void {
    this.#model = model
    requestDraw(this)
  }

  /** Looks at another part of x; until `rest` the hand is thought to move on, and only what is needed is painted. */
  setRange(range: [number, number] | null, { isUrgent, isMoving }: { isUrgent: boolean; isMoving: boolean }): void {
    this.#range = range
    this.#isMoving = isMoving
    requestDraw(this, isUrgent)
  }

  /** The hand has come to rest. */
  rest(): void {
    if (!this.#isMoving) return
    this.#isMoving = false
    requestDraw(this)
  }

  destroy(): void {
    cancelDraw(this)
    cancelDraw(this.#forward)
    for (const stop of this.#stops) stop()
    this.#plot?.destroy()
    if (currentCrosshair()?.source === this) this.leave()
  }

  draw(): void {
    const model = this.#model
    const { width, height } = this.#size
    if (!model || width < 40 || height < 40) return
    this.#scales(model)
    this.#ensurePlot(model)
    const plot = this.#plot!
    if (plot.width !== width || plot.height !== height) plot.setSize(this.#size)
    const ends = [this.x.min, this.x.max, this.y.min, this.y.max].join(' ')
    if (ends !== this.#ends) {
      this.#ends = ends
      if (isCalendar(model.axis, this.x)) plot.setScale('x', { min: this.x.min, max: this.x.max })
      else plot.redraw(false, true)
    }
    this.#paint(this.#lines, model.lines, {})
    this.#bringForward()
    this.#showCrosshair(currentCrosshair())
    this.#events.onDrawn(this.#extent)
    this.root.dispatchEvent(new CustomEvent('aspara:drawn', { bubbles: true }))
  }

  #scales(model: ChartModel): void {
    // Looking through all points is for when the range is not known.
    const full = () => xExtent(model.lines, model.xScale) ?? [0, 1]
    let [min, max] = this.#range ?? full()
    if (!(max > min)) {
      const air = model.axis === 'step' ? 1 : Math.abs(min) * 0.01 || 1
      ;[min, max] = model.xScale === 'log' ? [min / 2, min * 2] : [min - air, max + air]
    }
    if (model.xScale === 'log' && !(min > 0)) min = Math.min(full()[0], max / 10)
    this.x = { scale: model.xScale, min, max, threshold: 1 }
    this.#extent = yExtent(model.lines, [min, max], {
      scale: model.yScale,
      clip: model.clip,
      xScale: model.xScale,
    })
    const threshold = this.#extent?.threshold ?? 1
    const [low, high] = model.y ?? (this.#extent ? [this.#extent.min, this.#extent.max] : [0, 1])
    const isFit = model.yScale !== 'log' || low > 0
    this.y = { scale: model.yScale, min: isFit ? low : high / 1000, max: high, threshold }
  }

  /** Axes of another kind need another plot. */
  #ensurePlot(model: ChartModel): void {
    const key = `${model.axis} ${model.xScale} ${model.yScale}`
    if (this.#plot && this.#plotKey === key) return
    this.#plot?.destroy()
    this.#plotKey = key
    this.#ends = ''
    this.#plot = new uPlot(
      plotOptions({ axis: model.axis, size: this.#size, x: () => this.x, y: () => this.y }),
      [
        [this.x.min, this.x.max],
        [0, 1],
      ],
      this.root,
    )
    this.#plot.over.append(this.#lines, this.#front, this.#cross, this.#selection)
  }

  #paint(
    canvas: HTMLCanvasElement,
    lines: readonly DrawnLine[],
    look: { bandAlpha?: number; lineWidth?: number },
  ): void {
    const over = this.#plot!.bbox
    const ratio = devicePixelRatio
    const width = Math.round(over.width)
    const height = Math.round(over.height)
    const context = canvas.getContext('2d')!
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width
      canvas.height = height
    } else {
      context.setTransform(1, 0, 0, 1, 0, 0)
      context.clearRect(0, 0, width, height)
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    const box = { left: 0, top: 0, width: width / ratio, height: height / ratio }
    const { isDark, font, page } = chartTheme()
    const options = { x: this.x, y: this.y, box, isDark, ...look }
    if (this.#isQuick(lines.length)) {
      const pixels = pixelsOf(lines, { width, height, x: this.x, y: this.y, ratio, isDark })
      context.putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), width, height), 0, 0)
      paintMarks(context, lines, options)
    } else paintLines(context, lines, options)
    if (lines.length > 0 && this.#model!.lines.length <= endsMax) paintEnds(context, lines, { ...options, font, page })
  }

  /** Bands and dashes are most of the work. */
  get cost(): number {
    const lines = this.#model?.lines.length ?? 0
    return this.#isQuick(lines) ? 1 : 1 + lines / 10
  }

  /** While a hand moves what is seen, its movement is what is looked at. */
  #isQuick(lines: number): boolean {
    return this.#isMoving && lines > endsMax
  }

  /** The line that is pointed at, here or anywhere else on the page, over all others, which fade. */
  #bringForward(): void {
    if (!this.#plot || !this.#model) return
    const run = highlightedRun()
    const line = run === null ? undefined : this.#model.lines.find(({ id }) => id === run)
    const isAlone = this.#model.lines.length < 2
    const isForward = line !== undefined && !isAlone
    this.#lines.style.opacity = isForward ? '0.3' : ''
    this.#front.style.display = isForward ? '' : 'none'
    if (isForward) this.#paint(this.#front, [line], { bandAlpha: 0.25, lineWidth: 2 })
  }

  #showCrosshair(crosshair: Crosshair | null): void {
    const part =
      crosshair && this.#model && crosshair.axis === this.#model.axis ? partOf(this.x, crosshair.x) : Number.NaN
    const at = this.#plot && part >= 0 && part <= 1 ? Math.round(part * this.#box.width) : null
    // A browser lays all layers of the page anew when one moves: too much to do in each frame while lines move as well.
    const isHere = at !== null && (at === this.#crossAt || !this.#isMoving)
    this.#cross.hidden = !isHere
    if (!isHere || at === this.#crossAt) return
    this.#crossAt = at
    this.#cross.style.transform = `translateX(${at}px)`
  }

  /** Of the plot, in CSS pixels. */
  get #box(): { width: number; height: number } {
    const { width, height } = this.#plot!.bbox
    return { width: width / devicePixelRatio, height: height / devicePixelRatio }
  }

  get box(): { width: number; height: number } {
    return this.#plot ? this.#box : { width: 1, height: 1 }
  }

  /** The pointer is at these pixels of the plot: the crosshair goes there, and the nearest line comes forward. */
  pointAt(px: number, py: number): void {
    const model = this.#model
    if (!model || !this.#plot || isTooltipPinned()) return
    const { width, height } = this.#box
    const x = valueAt(this.x, Math.min(1, Math.max(0, px / width)))
    this.#hovered = { x, px, py }
    const reach = Math.abs(valueAt(this.x, Math.min(1, px / width + reachPart)) - x)
    const readings = readingsAt(model.lines, x, reach)
    const { factor, offset } = toPixels(this.y, height, 0)
    const placed = readings.map((reading) => ({ ...reading, py: transform(reading.y, this.y) * factor + offset }))
    const away = ({ py: place }: { py: number }) => (Number.isFinite(place) ? Math.abs(place - py) : Number.MAX_VALUE)
    placed.sort((one, other) => away(one) - away(other))
    const nearest = placed[0]
    moveCrosshair({ axis: model.axis, x: nearest?.x ?? x, source: this })
    showTooltip({
      axis: model.axis,
      readings: placed,
      nearest: nearest?.line.id ?? null,
      at: { px, py, over: this.#plot.over },
    })
    this.#events.onReadings?.(x, placed)
    if (nearest) this.onNearest(nearest.line.id)
  }

  /** Which line comes forward is told to the whole page. */
  onNearest: (run: string | null) => void = () => {}

  leave(): void {
    if (isTooltipPinned()) return
    this.#hovered = null
    hideTooltip()
    moveCrosshair(null)
    this.onNearest(null)
    this.#events.onReadings?.(null, [])
  }

  /** Keeps what is told of this place until the next click. */
  pin(): void {
    pinTooltip(() => this.leave())
  }

  /** Moves the crosshair by keys, a hundredth of the axis at a time. */
  step(by: number): void {
    const { width, height } = this.box
    const px = this.#hovered ? this.#hovered.px + (by * width) / 100 : width / 2
    this.pointAt(Math.min(width, Math.max(0, px)), this.#hovered?.py ?? height / 2)
  }
}
