import { runStyle } from '../data/run-style.ts'
import type { ShownRun } from '../data/shown-runs.ts'
import { type DrawnLine, LineMaker } from '../series/drawn-line.ts'
import { groupLine } from '../series/group-lines.ts'
import type { Line } from '../series/line.ts'
import type { ChartSeries, SeriesKey, SeriesStore } from '../series/series-store.ts'
import type { Aggregate, Smoothing } from '../view/view.ts'

/** What a panel draws, and how. */
export interface PanelRequest {
  metric: string
  x: string
  runs: readonly ShownRun[]
  smoothing: Smoothing
  /** null: nothing groups. */
  aggregate: Aggregate | null
  /** Pixels. */
  width: number
}

/** A zoom is asked for with so much on either side, so that lines go on to the edges. */
const marginPart = 0.05
/** Widths are rounded up to this, so that dragging a border does not ask anew at every pixel. */
const widthStep = 128

/**
 * The lines of one panel: of all of x, and of the part that is looked at. While the detail of a part is on its way the
 * coarse lines are shown.
 */
export class PanelLines {
  readonly #store: SeriesStore
  readonly #maker = new LineMaker()
  readonly #onChange: () => void
  #request: PanelRequest | null = null
  #whole: ChartSeries | null = null
  #detail: ChartSeries | null = null
  #range: [number, number] | null = null
  #unwatchWhole = () => {}
  #unwatchDetail = () => {}

  constructor(store: SeriesStore, onChange: () => void) {
    this.#store = store
    this.#onChange = onChange
  }

  close(): void {
    this.#unwatchWhole()
    this.#unwatchDetail()
  }

  set(request: PanelRequest): void {
    this.#request = request
    const { metric, x, width, runs } = request
    const whole = this.#store.chart({ metric, x, range: null, points: pointsFor(width) })
    if (whole !== this.#whole) {
      this.#unwatchWhole()
      this.#whole = whole
      this.#unwatchWhole = this.#store.watch(whole, () => {
        // Only now it is known whether there is more detail than that.
        this.look(this.#range)
        this.#onChange()
      })
    }
    this.#want(whole, runs)
    if (this.#detail) this.#want(this.#detail, runs)
  }

  /** Asks for a part of x in true detail, unless what is here has every point of it. */
  look(range: [number, number] | null): void {
    this.#range = range
    const request = this.#request
    if (!request || !this.#whole) return
    const isCoarse = this.#whole.bucket > 1 || request.x.startsWith('metric:')
    const next = range && isCoarse ? this.#store.chart(this.#keyOf(range, request)) : null
    if (next === this.#detail) return
    this.#unwatchDetail()
    this.#detail = next
    this.#unwatchDetail = next ? this.#store.watch(next, this.#onChange) : () => {}
    if (next) this.#want(next, request.runs)
    this.#onChange()
  }

  /** Another part of x is passed by: where the detail does not reach, the coarse lines are shown. @returns whether they are now */
  pass(range: [number, number] | null): boolean {
    const reach = this.#detail?.key.range
    if (!reach || (range && range[0] >= reach[0] && range[1] <= reach[1])) return false
    this.#unwatchDetail()
    this.#detail = null
    return true
  }

  get isLoading(): boolean {
    return (this.#whole?.pending.size ?? 0) > 0
  }

  /** Whether every run that is asked for has come, or is known to have no such points. */
  get isComplete(): boolean {
    const whole = this.#whole
    if (!whole) return false
    return this.runs.every((run) => whole.lines.has(run) || whole.absent.has(run) || whole.failed.has(run))
  }

  get isDetailLoading(): boolean {
    return (this.#detail?.pending.size ?? 0) > 0
  }

  /** Names of the runs that it is asked for. */
  get runs(): string[] {
    return this.#request?.runs.map(({ name }) => name) ?? []
  }

  /** Why lines are missing; null when none is. */
  get problem(): Error | null {
    const { value } = (this.#whole?.failed ?? new Map<string, Error>()).values().next()
    return value ?? null
  }

  /** Asks again for what failed. */
  retry(): void {
    this.#whole?.failed.clear()
    if (this.#request) this.set(this.#request)
  }

  /** What is to be painted; `extent` is how far x goes. */
  draw(extent: number): DrawnLine[] {
    const request = this.#request
    if (!request) return []
    const { runs, smoothing, aggregate } = request
    const lines = this.#maker.make(runs, (run) => this.#lineOf(run), smoothing, extent)
    return aggregate ? grouped(runs, lines, aggregate) : lines
  }

  /** Of all of x, how far the longest line goes; what zooming must not change. */
  get extent(): number {
    let min = Number.POSITIVE_INFINITY
    let max = Number.NEGATIVE_INFINITY
    for (const { x, length } of this.#whole?.lines.values() ?? []) {
      if (length === 0) continue
      min = Math.min(min, x[0]!, x[length - 1]!)
      max = Math.max(max, x[0]!, x[length - 1]!)
    }
    return max > min ? max - min : 0
  }

  #lineOf(run: string): Line | undefined {
    return this.#detail?.lines.get(run) ?? this.#whole?.lines.get(run)
  }

  #want(chart: ChartSeries, runs: readonly ShownRun[]): void {
    this.#store.want(
      chart,
      runs.map(({ name }) => name).filter((name) => !chart.failed.has(name)),
    )
  }

  #keyOf([from, to]: [number, number], { metric, x, width }: PanelRequest): SeriesKey {
    const margin = (to - from) * marginPart
    const ends: [number, number] = [from - margin, to + margin]
    // Steps are whole, and so are milliseconds.
    const range: [number, number] = x === 'step' || x === 'time' ? [Math.floor(ends[0]), Math.ceil(ends[1])] : ends
    return { metric, x, range, points: pointsFor(width) }
  }
}

/** How many points a line of a chart so wide is asked for with, pixels. */
export const pointsFor = (width: number) => Math.max(widthStep, Math.ceil(width / widthStep) * widthStep)

function grouped(runs: readonly ShownRun[], lines: DrawnLine[], aggregate: Aggregate): DrawnLine[] {
  const groupOf = new Map(runs.map((run) => [run.name, run.group ?? '']))
  const styles = new Map(runs.map((run) => [run.group ?? '', run.groupStyle ?? runStyle(1)]))
  const groups = Map.groupBy(lines, ({ id }) => groupOf.get(id) ?? '')
  return [...groups].map(([name, members]) =>
    groupLine({ id: name, title: `${name} (${members.length})`, style: styles.get(name)! }, members, aggregate),
  )
}
