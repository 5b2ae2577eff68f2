import { ask, path, query } from '../api/ask.ts'
import { bucketFor, coarsen, foldPoint } from './fold.ts'
import type { Line } from './line.ts'
import { readLine, type SeriesAnswer } from './read-answer.ts'

/** What a chart asks for. */
export interface SeriesKey {
  metric: string
  /** As the API has it: step, time, relative, metric:<name>. */
  x: string
  /** Ends of the part that is looked at, in the unit of x; null: all there is. */
  range: [number, number] | null
  /** Points or buckets a line: the width of the chart in pixels. */
  points: number
}

/** New points of one run in columns, as the stream tells them. */
export interface PointBlock {
  run: string
  cursor: number
  steps: number[]
  timestamps: number[]
  metrics: Record<string, (number | string)[]>
}

/** Charts that nobody looks at keep their lines while there is room, so that scrolling back costs nothing. */
const unseenChartsMax = 120
/** A longer address is refused by servers and proxies on the way. */
const namesCharsMax = 4_000
/** The tracker reads one chart after the other: more at a time would only make the first one wait for the last. */
const requestsMax = 2
/** Along another metric points can't be taken in one by one: the chart is read again, so often at most, ms. */
const rereadMs = 5_000

/** The lines of one chart, for those who draw it. */
export class ChartSeries {
  readonly key: SeriesKey
  readonly lines = new Map<string, Line>()
  /** Runs that were asked for and have no such metric in the range, until points of them come. */
  readonly absent = new Set<string>()
  readonly failed = new Map<string, Error>()
  /** Changes whenever a line does. */
  version = 0
  /** Runs that are on their way. */
  readonly pending = new Set<string>()
  /** Runs whose lines miss something and are to be read again; they are shown until they come. */
  readonly stale = new Set<string>()
  readonly listeners = new Set<() => void>()

  constructor(key: SeriesKey) {
    this.key = key
  }

  get isWatched(): boolean {
    return this.listeners.size > 0
  }

  /** Steps of the widest bucket; 1 when every line is exact. */
  get bucket(): number {
    let bucket = 1
    for (const line of this.lines.values()) if (!line.exact) bucket = Math.max(bucket, line.bucket)
    return bucket
  }
}

interface Job {
  chart: ChartSeries
  runs: string[]
}

/**
 * The charts of a project in this tab. A run's line is read once, and from then on kept true by the points that the stream
 * tells, whether the chart is seen or not. History is never read again, except where the stream says that it missed some.
 */
export class SeriesStore {
  readonly #project: string
  readonly #charts = new Map<string, ChartSeries>()
  readonly #queue: Job[] = []
  #running = 0
  /** Blocks that came while something was being read: its answer may be from before them. */
  #kept: PointBlock[] = []
  #changed = new Set<ChartSeries>()
  #frame = 0
  #reread: ReturnType<typeof setTimeout> | undefined
  readonly #abort = new AbortController()

  constructor(project: string) {
    this.#project = project
  }

  close(): void {
    this.#abort.abort()
    clearTimeout(this.#reread)
  }

  chart(key: SeriesKey): ChartSeries {
    const id = JSON.stringify([key.metric, key.x, key.range, key.points])
    const known = this.#charts.get(id)
    if (known) {
      // The most recently used are last, and stay.
      this.#charts.delete(id)
      this.#charts.set(id, known)
      return known
    }
    const chart = new ChartSeries(key)
    this.#charts.set(id, chart)
    this.#forgetUnseen()
    return chart
  }

  /** Calls back, once a frame at most, when lines of the chart have changed. */
  watch(chart: ChartSeries, listener: () => void): () => void {
    chart.listeners.add(listener)
    return () => chart.listeners.delete(listener)
  }

  /** Reads those of these runs that the chart has not, in the order given. */
  want(chart: ChartSeries, runs: readonly string[]): void {
    const missing = runs.filter(
      (run) => !chart.pending.has(run) && ((!chart.lines.has(run) && !chart.absent.has(run)) || chart.stale.has(run)),
    )
    if (missing.length === 0) return
    for (const part of cutNames(missing)) {
      for (const run of part) chart.pending.add(run)
      this.#queue.push({ chart, runs: part })
    }
    this.#next()
  }

  /** Points that the stream told. */
  add(block: PointBlock): void {
    if (this.#running > 0 || this.#queue.length > 0) this.#kept.push(block)
    for (const chart of this.#charts.values()) this.#takeBlock(chart, block)
  }

  /** The stream missed points of these runs (null: of all): what is shown of them is read again. */
  invalidate(runs: string[] | null): void {
    for (const chart of this.#charts.values()) {
      const known = [...chart.lines.keys(), ...chart.absent]
      const missed = runs ? known.filter((run) => runs.includes(run)) : known
      for (const run of missed) chart.stale.add(run)
      if (chart.isWatched) this.want(chart, missed)
    }
  }

  /** These runs are gone. */
  remove(runs: string[]): void {
    for (const chart of this.#charts.values()) {
      for (const run of runs) {
        chart.absent.delete(run)
        chart.stale.delete(run)
        if (chart.lines.delete(run)) this.#touch(chart)
      }
    }
  }

  #next(): void {
    while (this.#running < requestsMax) {
      // What is seen goes first; the rest waits, and is let go when nobody comes back to it.
      const seen = this.#queue.findIndex(({ chart }) => chart.isWatched)
      if (seen < 0) {
        for (const { chart, runs } of this.#queue.splice(0)) for (const run of runs) chart.pending.delete(run)
        if (this.#running === 0) this.#kept = []
        return
      }
      const [job] = this.#queue.splice(seen, 1)
      this.#running++
      void this.#read(job!).finally(() => {
        this.#running--
        this.#next()
      })
    }
  }

  async #read({ chart, runs }: Job): Promise<void> {
    const { metric, x, range, points } = chart.key
    try {
      const answer = await ask<SeriesAnswer>(
        path('projects', this.#project, 'series') +
          query({ runs: runs.join(','), metric: [metric], x, points, from: range?.[0], to: range?.[1] }),
        { signal: this.#abort.signal },
      )
      for (const run of runs) chart.pending.delete(run)
      const cursor = Number(answer.cursor)
      const found = new Set<string>()
      for (const line of answer.series) {
        found.add(line.run)
        chart.lines.set(line.run, readLine(line, answer.bucket, cursor))
      }
      for (const run of runs) {
        chart.failed.delete(run)
        chart.stale.delete(run)
        if (found.has(run)) chart.absent.delete(run)
        else {
          chart.lines.delete(run)
          chart.absent.add(run)
        }
      }
      for (const block of this.#kept) if (runs.includes(block.run)) this.#takeBlock(chart, block)
      this.#settle(chart)
    } catch (error) {
      if (this.#abort.signal.aborted) return
      for (const run of runs) {
        chart.pending.delete(run)
        chart.failed.set(run, error as Error)
      }
    }
    this.#touch(chart)
    // What was asked for is waited for: it need not wait for a frame as well.
    this.#tell()
  }

  #takeBlock(chart: ChartSeries, block: PointBlock): void {
    const { metric, x, range } = chart.key
    const values = block.metrics[metric]
    if (!values) return
    const { run, steps, timestamps } = block
    if (chart.absent.has(run)) {
      const places = x === 'step' ? steps : x === 'time' ? timestamps : null
      // A part that it does not reach is not asked for again with each of its points.
      if (!range || places?.some((at) => at >= range[0] && at <= range[1])) {
        chart.absent.delete(run)
        if (chart.isWatched) this.want(chart, [run])
      } else if (!places) this.#readAgain(chart, run)
      return
    }
    const line = chart.lines.get(run)
    if (!line || block.cursor <= line.cursor || chart.stale.has(run)) return
    if (x.startsWith('metric:') || (x !== 'step' && line.x === line.step && line.length > 0)) {
      this.#readAgain(chart, run)
      return
    }
    // A bucket stands where its first point does: which one that is of late points is not known here.
    const isLate = x !== 'step' && !line.exact && steps.some((step) => step < line.lastStep)
    if (isLate) {
      this.#readAgain(chart, run)
      return
    }
    for (let row = 0; row < values.length; row++) {
      const at = x === 'step' ? steps[row]! : x === 'time' ? timestamps[row]! : (timestamps[row]! - line.start) / 1000
      if (range && (at < range[0] || at > range[1])) continue
      foldPoint(line, { step: steps[row]!, x: at, value: Number(values[row]) })
    }
    // Later blocks have higher cursors, and this one may come again after a reconnection.
    line.cursor = block.cursor
    this.#settle(chart)
    this.#touch(chart)
  }

  #readAgain(chart: ChartSeries, run: string): void {
    chart.stale.add(run)
    this.#reread ??= setTimeout(() => {
      this.#reread = undefined
      for (const one of this.#charts.values()) {
        if (one.isWatched && one.stale.size > 0) this.want(one, [...one.stale])
      }
    }, rereadMs)
  }

  /** Keeps the chart as one answer of the tracker would be: not more than `points` a line, and one grid for all buckets. */
  #settle(chart: ChartSeries): void {
    const { range, points, x } = chart.key
    const long = [...chart.lines.values()].filter((line) => !line.exact || line.length > points)
    if (long.length === 0) return
    let from = Number.POSITIVE_INFINITY
    let to = Number.NEGATIVE_INFINITY
    if (range && x === 'step') [from, to] = range
    else {
      for (const line of chart.lines.values()) {
        if (line.length === 0) continue
        from = Math.min(from, line.step[0]!)
        to = Math.max(to, line.step[line.length - 1]! + (line.exact ? 0 : line.bucket - 1))
      }
    }
    let bucket = bucketFor(from, to, points)
    for (const line of long) if (!line.exact) bucket = Math.max(bucket, line.bucket)
    for (const line of long) {
      if (line.exact || line.bucket < bucket) chart.lines.set(line.run, coarsen(line, bucket))
    }
  }

  #touch(chart: ChartSeries): void {
    chart.version++
    this.#changed.add(chart)
    if (this.#frame !== 0) return
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0
      this.#tell()
    })
  }

  #tell(): void {
    const changed = [...this.#changed]
    this.#changed.clear()
    for (const chart of changed) for (const listener of [...chart.listeners]) listener()
  }

  #forgetUnseen(): void {
    const unseen = [...this.#charts].filter(([, chart]) => !chart.isWatched && chart.pending.size === 0)
    for (const [id] of unseen.slice(0, Math.max(0, unseen.length - unseenChartsMax))) this.#charts.delete(id)
  }
}

/** Lists of names that each fit into an address. */
function cutNames(names: string[]): string[][] {
  const parts: string[][] = [[]]
  let chars = 0
  for (const name of names) {
    if (chars > 0 && chars + name.length > namesCharsMax) {
      parts.push([])
      chars = 0
    }
    parts.at(-1)!.push(name)
    chars += name.length + 1
  }
  return parts
}
