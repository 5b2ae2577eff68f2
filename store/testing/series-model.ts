import { jsonNumber } from '@aspara/protocol/json.ts'
import type { SeriesAnswer, SeriesLine, SeriesRequest } from '../series/read-series.ts'
import { bucketsOf, inOrder, type PlainBucket, type PlainPoint } from './series-buckets.ts'

/** What arrives at once: rows of a run, each with a value or null of each metric. */
export interface Arrival {
  run: string
  /** null: the next one. */
  steps: (number | null)[]
  times: number[]
  metrics: Record<string, (number | null)[]>
}

interface ModelRun {
  lastStep: number | null
  /** In the order in which they first came, each with its points in the order of arrival. */
  metrics: Map<string, PlainPoint[]>
  sorted: Map<string, PlainPoint[]>
  /** What `relative` counts from, unless there are earlier points. */
  createdAt: number
}

export type ModelAnswer = Pick<SeriesAnswer, 'bucket' | 'series'>

/**
 * The series of a project as plain arrays. An answer is computed from every point, by the definitions of docs/format/series.md
 * and protocol/series.ts: no chunks, no levels, no journal, and so no way to be wrong as those can be.
 */
export class SeriesModel {
  readonly arrivals: Arrival[] = []
  pointCount = 0
  #runs = new Map<string, ModelRun>()

  /** The model of what had come by the time of the n-th arrival. */
  asOf(arrivals: number): SeriesModel {
    const earlier = new SeriesModel()
    for (const arrival of this.arrivals.slice(0, arrivals)) earlier.take(arrival)
    for (const [name, run] of earlier.#runs) run.createdAt = this.#run(name).createdAt
    return earlier
  }

  get runs(): string[] {
    return [...this.#runs.keys()]
  }

  setCreation(run: string, createdAt: number): void {
    this.#run(run).createdAt = createdAt
  }

  take(arrival: Arrival): void {
    this.arrivals.push(arrival)
    const { run: name, steps, times, metrics } = arrival
    let run = this.#runs.get(name)
    if (!run) {
      run = { lastStep: null, metrics: new Map(), sorted: new Map(), createdAt: Infinity }
      this.#runs.set(name, run)
    }
    const given: number[] = []
    for (const step of steps) {
      const next: number = step ?? (run.lastStep === null ? 0 : run.lastStep + 1)
      run.lastStep = Math.max(run.lastStep ?? next, next)
      given.push(next)
    }
    for (const [metric, values] of Object.entries(metrics)) {
      const points = run.metrics.get(metric) ?? []
      values.forEach((value, row) => {
        if (value !== null) points.push({ step: given[row], time: times[row], value })
      })
      if (points.length === 0) continue
      this.pointCount += values.filter((value) => value !== null).length
      run.metrics.set(metric, points)
      run.sorted.delete(metric)
    }
  }

  metricsOf(run: string): string[] {
    return [...this.#run(run).metrics.keys()]
  }

  count(run: string, metric: string): number {
    return this.#run(run).metrics.get(metric)?.length ?? 0
  }

  /** By step; of one step as they came. */
  points(run: string, metric: string): PlainPoint[] {
    const { metrics, sorted } = this.#run(run)
    let points = sorted.get(metric)
    if (!points) {
      points = inOrder(metrics.get(metric) ?? [])
      sorted.set(metric, points)
    }
    return points
  }

  /** Every point of a run, by step, then by metric, then as they came. */
  exportText(run: string): string {
    const metrics = this.metricsOf(run)
    const lines = metrics.map((metric) => {
      const name = JSON.stringify(metric)
      return this.points(run, metric).map(({ step, time, value }) => {
        const number = Object.is(value, -0) ? '-0' : JSON.stringify(jsonNumber(value))
        return { step, text: `{"metric":${name},"step":${step},"timestamp":${time},"value":${number}}\n` }
      })
    })
    // A stable sort: of one step the metrics, and the points of each, stay in this order.
    const sorted = lines.flat().sort((one, other) => one.step - other.step)
    return sorted.map(({ text }) => text).join('')
  }

  answer(request: SeriesRequest): ModelAnswer {
    const lines = (request.runs ?? this.runs).flatMap((run) =>
      (request.metrics ?? this.metricsOf(run))
        .filter((metric) => this.points(run, metric).length > 0)
        .map((metric) => ({ run, metric, ...this.#select(run, metric, request) })),
    )
    const shown = lines.filter(({ points }) => points.length > 0)
    // A range of which both ends are asked for lays the grid, whatever is in it.
    const laying = lines.filter((line) => line.points.length > 0 || line.isBounded)
    const bucket = smallestBucket(
      laying.map((line) => line.ends),
      request.points,
    )
    const series = shown.flatMap((line) => {
      const { run, metric, points } = line
      if (typeof request.x === 'object') {
        const along = this.points(run, request.x.metric).filter((point) => point.step <= line.last)
        return alongLine({ run, metric }, points, along, bucket, request)
      }
      return [this.#line({ run, metric }, points, bucket, request)]
    })
    return { bucket, series }
  }

  /** The points of the range that is asked for, and the steps between which the grid is laid. */
  #select(run: string, metric: string, { x, from = -Infinity, to = Infinity }: SeriesRequest) {
    const all = this.points(run, metric)
    if (typeof x === 'object') {
      const steps = stepsOfValues(this.points(run, x.metric), from, to)
      if (!steps) return { points: [], ends: { first: 0, last: 0 }, last: 0, isBounded: false }
      const points = all.filter(({ step }) => step >= steps.first && step <= steps.last)
      const isBounded = isBetween(steps.first, steps.last)
      return { points, ends: endsOf(points, steps.first, steps.last), last: steps.last, isBounded }
    }
    if (x === 'step') {
      const points = all.filter(({ step }) => step >= from && step <= to)
      // Beyond all steps there are nothing is asked for.
      const first = Math.abs(from) === Infinity ? from : Math.max(Math.ceil(from), -Number.MAX_SAFE_INTEGER)
      const last = Math.abs(to) === Infinity ? to : Math.min(Math.floor(to), Number.MAX_SAFE_INTEGER)
      return { points, ends: endsOf(points, first, last), last, isBounded: isBetween(first, last) }
    }
    const [scale, origin] = x === 'relative' ? [1_000, this.#origin(run)] : [1, 0]
    const points = all.filter(({ time }) => time >= from * scale + origin && time <= to * scale + origin)
    return { points, ends: endsOf(points, -Infinity, Infinity), last: Infinity, isBounded: false }
  }

  #origin(name: string): number {
    const run = this.#run(name)
    let start = run.createdAt
    for (const points of run.metrics.values()) for (const { time } of points) start = Math.min(start, time)
    return start
  }

  #line(name: { run: string; metric: string }, points: PlainPoint[], bucket: number, request: SeriesRequest) {
    const origin = request.x === 'relative' ? this.#origin(name.run) : 0
    const place = (step: number, time: number) =>
      request.x === 'step' ? step : request.x === 'time' ? time : (time - origin) / 1_000
    const { step, ...line } =
      points.length <= request.points
        ? exactLine(name, points, (point) => place(point.step, point.time))
        : bucketLine(name, bucketsOf(points, bucket), ({ start, first }) => place(start, first.time))
    if (request.x === 'step') return line
    return request.x === 'relative' ? { ...line, step, start: origin } : { ...line, step }
  }

  #run(name: string): ModelRun {
    const run = this.#runs.get(name)
    if (!run) throw new Error(`there is no run ${name}`)
    return run
  }
}

function exactLine(
  name: { run: string; metric: string },
  points: PlainPoint[],
  place: (point: PlainPoint) => number,
): SeriesLine {
  const y = Float64Array.from(points, (point) => point.value)
  const step = Float64Array.from(points, (point) => point.step)
  return { ...name, count: points.length, exact: true, step, x: Float64Array.from(points, place), y }
}

function bucketLine(
  name: { run: string; metric: string },
  buckets: PlainBucket[],
  place: (bucket: PlainBucket) => number,
): SeriesLine {
  const column = (of: (bucket: PlainBucket) => number) => Float64Array.from(buckets, of)
  return {
    ...name,
    count: buckets.reduce((sum, { count }) => sum + count, 0),
    exact: false,
    step: column(({ start }) => start),
    x: column(place),
    y: column(({ mean }) => mean),
    buckets: {
      // With 0 added, -0 is 0: which of the two comes first in a bucket says nothing.
      min: column(({ min }) => (min?.value ?? Number.NaN) + 0),
      max: column(({ max }) => (max?.value ?? Number.NaN) + 0),
      nonfinite: column(({ nonfinite }) => nonfinite),
      counts: column(({ count }) => count),
    },
  }
}

/** A line along another metric: at each point its last value by then, in each bucket its mean there or the last before. */
function alongLine(
  name: { run: string; metric: string },
  points: PlainPoint[],
  along: PlainPoint[],
  bucket: number,
  { from = -Infinity, to = Infinity, points: most }: SeriesRequest,
): SeriesLine[] {
  const isShown = (x: number) => Number.isFinite(x) && x >= from && x <= to
  if (points.length <= most) {
    const places = lastBefore(along, (point) => point.step)
    const placed = points.map((point) => ({ point, x: places(point.step)?.value ?? Number.NaN }))
    const shown = placed.filter(({ x }) => isShown(x))
    const xs = new Map(shown.map(({ point, x }) => [point, x]))
    const kept = shown.map(({ point }) => point)
    return shown.length > 0 ? [exactLine(name, kept, (point) => xs.get(point) as number)] : []
  }
  const means = bucketsOf(along, bucket).filter(({ mean }) => !Number.isNaN(mean))
  const places = lastBefore(means, (mean) => mean.start)
  const xOf = ({ start }: PlainBucket) => places(start)?.mean ?? Number.NaN
  const shown = bucketsOf(points, bucket).filter((each) => isShown(xOf(each)))
  return shown.length > 0 ? [bucketLine(name, shown, xOf)] : []
}

/** Finds the last of a list, in order, at a step or before it. */
function lastBefore<Item>(list: Item[], stepOf: (item: Item) => number): (step: number) => Item | undefined {
  return (step) => {
    let [low, high] = [0, list.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (stepOf(list[middle]) <= step) low = middle + 1
      else high = middle
    }
    return list[low - 1]
  }
}

/** The steps from the first to the last with a finite value between two: that one holds until the next point. */
function stepsOfValues(points: PlainPoint[], from: number, to: number): { first: number; last: number } | undefined {
  if (points.length === 0) return undefined
  if (from === -Infinity && to === Infinity) return { first: -Infinity, last: Infinity }
  const found = points.filter(({ value }) => Number.isFinite(value) && value >= from && value <= to)
  if (found.length === 0) return undefined
  const last = found[found.length - 1].step
  const next = points.find(({ step }) => step > last)
  return { first: found[0].step, last: next ? next.step - 1 : Infinity }
}

const isBetween = (first: number, last: number) => first > -Infinity && last < Infinity && first <= last

/** An end that is asked for is one; otherwise the data's is. */
function endsOf(points: PlainPoint[], first: number, last: number) {
  return {
    first: first === -Infinity ? (points[0]?.step ?? 0) : first,
    last: last === Infinity ? (points.at(-1)?.step ?? 0) : last,
  }
}

/** The smallest power of two of which at most so many cover all of these. */
function smallestBucket(ends: { first: number; last: number }[], most: number): number {
  if (ends.length === 0) return 1
  const first = Math.min(...ends.map((each) => each.first))
  const last = Math.max(...ends.map((each) => each.last))
  let bucket = 1
  while (Math.floor(last / bucket) - Math.floor(first / bucket) + 1 > most) bucket *= 2
  return bucket
}
