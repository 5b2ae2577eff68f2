import type { Append } from '../journal/appends.ts'
import type { SeriesRequest } from '../series/read-series.ts'
import { batch, record } from './plain-appends.ts'
import type { Random } from './random.ts'
import type { Arrival, SeriesModel } from './series-model.ts'

/** How the values of a metric come. */
interface FedMetric {
  name: string
  /** Of how many rows one has a value. */
  sparsity: number
  value(row: number): number
}

const highest = Number.MAX_SAFE_INTEGER

/**
 * Points of a few runs as no training would send them and some do: long batches and single records; steps in order, with
 * gaps, shuffled, again and again, thousands on one step, at both ends of what there is; metrics of every row, of one in a
 * thousand, of none for a while; values and times of all kinds.
 */
export class SeriesFeed {
  readonly runs: string[]
  readonly metrics: string[]
  /** It has values so far apart that means depend on more digits than two doubles have. */
  readonly isWild: boolean
  #random: Random
  #metrics: FedMetric[]
  #sequences = new Map<string, number>()
  #rows = 0
  #stride: number
  #step: number
  /** The highest step of all has come, or may have: there is no next one. */
  #hasEnd: boolean
  #time: (row: number) => number

  constructor(random: Random) {
    this.#random = random
    this.isWild = random.chance(0.15)
    this.runs = ['a', 'b', 'c'].slice(0, random.pick([1, 1, 2, 3]))
    this.#metrics = this.#makeMetrics()
    this.metrics = this.#metrics.map(({ name }) => name)
    this.#stride = random.pick([1, 1, 1, 7, 1_000, 2 ** 30])
    this.#step = random.pick([0, 0, 0, -30_000, -(2 ** 52), highest - 5_000_000])
    const startMs = random.pick([1.7e12, 1.7e12, 4e12, 0])
    this.#hasEnd = this.#step > 0
    this.#time = random.pick<(row: number) => number>([
      (row) => startMs + row * 250,
      (row) => startMs + row * 250 + random.below(200_000) / 1_000,
      (row) => startMs - row * 10,
      () => startMs + random.below(1e9),
      () => startMs,
    ])
  }

  /** The next rows, for about so many points. */
  next(points: number): Arrival[] {
    const random = this.#random
    const run = random.pick(this.runs)
    // Nearly always the first one, which every row has.
    const columns = this.#metrics.filter((_, index) => random.chance(index === 0 ? 0.98 : 0.9))
    if (columns.length === 0) columns.push(this.#metrics[0])
    const perRow = columns.reduce((sum, { sparsity }) => sum + 1 / sparsity, 0)
    const rows = Math.max(1, Math.min(20_000, Math.round(random.next() * (points / perRow))))
    const isSingle = random.chance(0.3)
    const count = isSingle ? Math.min(rows, random.between(1, 40)) : rows
    const steps = this.#steps(count)
    const times = steps.map((_, row) => this.#time(this.#rows + row))
    const metrics = columns.map((metric): [string, (number | null)[]] => [metric.name, this.#values(metric, count)])
    this.#rows += count
    if (!isSingle) return [{ run, steps, times, metrics: Object.fromEntries(metrics) }]
    return steps.flatMap((step, row) => {
      const cells = metrics.flatMap(([name, values]): [string, number[]][] =>
        values[row] === null ? [] : [[name, [values[row]]]],
      )
      return cells.length > 0 ? { run, steps: [step], times: [times[row]], metrics: Object.fromEntries(cells) } : []
    })
  }

  /** What is sent for arrivals: records for single rows, now and then, and batches. */
  appendsOf(arrivals: Arrival[]): Append[] {
    return arrivals.map(({ run, steps, times, metrics }): Append => {
      const isRecord = steps.length === 1
      if (isRecord) {
        const cells = Object.entries(metrics).map(([name, values]) => [name, values[0] as number])
        return record(run, steps[0], Object.fromEntries(cells), times[0])
      }
      const sequence = this.#sequences.get(run) ?? 0
      this.#sequences.set(run, sequence + 1)
      return batch({ run, sequence, steps, timestamps: times, metrics })
    })
  }

  #makeMetrics(): FedMetric[] {
    const random = this.#random
    const oddity = random.pick([0, 0, 0.001, 0.05, 1])
    const odd = (value: number) => (random.chance(oddity) ? random.pick([Number.NaN, Infinity, -Infinity, -0]) : value)
    const wild = () =>
      random.pick([1, -1]) * (1 + random.next()) * 2 ** random.pick([-1_060, -300, 0, 300, 959, 960, 1_022])
    const kinds: ((row: number) => number)[] = [
      () => Math.fround(random.next()),
      (row) => Math.fround(1 / (1 + row / 1_000) + random.next() / 10),
      () => random.next() - 0.5,
      () => random.below(5),
      (row) => Math.floor(row / 500),
      () => random.next() * 10 ** random.between(-8, 8),
      () => 0.1,
    ]
    if (this.isWild) kinds.splice(0, 4, wild)
    const names = ['loss', 'epoch', 'val/acc', 'Ä "x", y'].slice(0, random.between(1, 4))
    return names.map((name, index) => {
      const kind = random.pick(kinds)
      return {
        name,
        sparsity: index === 0 ? 1 : random.pick([1, 1, 1, 3, 1_000]),
        value: name === 'epoch' ? (row) => Math.floor(row / 1_000) / 4 : (row) => odd(kind(row)),
      }
    })
  }

  #values({ sparsity, value }: FedMetric, count: number): (number | null)[] {
    const values = Array.from({ length: count }, (_, row): number | null =>
      sparsity === 1 || this.#random.chance(1 / sparsity) ? value(this.#rows + row) : null,
    )
    if (!values.some((cell) => cell !== null)) values[this.#random.below(count)] = value(this.#rows)
    return values
  }

  #steps(count: number): (number | null)[] {
    const random = this.#random
    const stride = this.#stride
    const from = this.#step
    const roll = random.next()
    const advance = () => {
      if (from + count * stride > highest / 2) this.#hasEnd = true
      this.#step = Math.min(from + count * stride, highest - 40_000 * stride)
    }
    const rising: number[] = Array.from({ length: count }, (_, row) => Math.min(from + row * stride, highest))
    if (roll < 0.5) {
      advance()
      return rising
    }
    // The next ones, while there are any.
    if (roll < 0.6 && !this.#hasEnd) return rising.map(() => null)
    if (roll < 0.7) {
      advance()
      return random.shuffle(rising)
    }
    if (roll < 0.85) {
      // Somewhere in what was there, once more.
      const back = random.below(count * 4) * stride
      return rising.map((step) => Math.max(step - back, -highest))
    }
    if (roll < 0.93) return Array<number>(count).fill(Math.max(from - random.below(3) * stride, -highest))
    if (roll < 0.97) return rising.map(() => Math.max(-highest, from - random.below(count * 2) * stride))
    this.#hasEnd = true
    return rising.map((step) => (random.chance(0.01) ? random.pick([highest, -highest, 0, -1]) : step))
  }
}

/** What a chart may ask of it: any axis, any range, any number of points. */
export function randomRequest(random: Random, feed: SeriesFeed, model: SeriesModel): SeriesRequest {
  const runs = model.runs
  const metrics = feed.metrics
  const axes = ['step', 'step', 'step', 'time', 'relative'] as const
  // Along means that are not sure to the last digit a range would begin with one bucket or the next.
  const x = random.pick(feed.isWild ? axes : [...axes, { metric: random.pick(metrics) }])
  const points = random.pick([2, 3, 10, 100, 500, 1_000, 2_000, random.between(2, 3_000)])
  const request: SeriesRequest = {
    project: 'p',
    runs: random.chance(0.2) ? undefined : random.shuffle(runs).slice(0, random.between(1, runs.length)),
    metrics: random.chance(0.3) ? undefined : random.shuffle(metrics).slice(0, random.between(1, metrics.length)),
    x,
    from: undefined,
    to: undefined,
    points,
  }
  const ends = rangeOf(random, request, model)
  return { ...request, ...ends }
}

function rangeOf(random: Random, { x, runs }: SeriesRequest, model: SeriesModel): { from?: number; to?: number } {
  const run = runs?.[0] ?? model.runs[0]
  const metric = typeof x === 'object' ? x.metric : random.pick(model.metricsOf(run))
  const points = model.points(run, metric)
  if (points.length === 0) return {}
  const start = points.reduce((least, { time }) => Math.min(least, time), Infinity)
  /** Where a point is, or near to it. */
  const place = () => {
    const { step, time, value } = random.pick(points)
    const at = x === 'step' ? step : x === 'time' ? time : x === 'relative' ? (time - start) / 1_000 : value
    return at + random.pick([0, 0, 0, 0.5, -0.5, 1, 100, -100])
  }
  const shape = random.next()
  if (shape < 0.3) return {}
  if (shape < 0.4) return { from: finite(place()) }
  if (shape < 0.5) return { to: finite(place()) }
  if (shape < 0.55) return { from: -1e300, to: finite(place()) }
  if (shape < 0.6) return { from: finite(place()), to: 1e17 }
  // Short ranges, as somebody sees who has zoomed in.
  const from = finite(place())
  const to = shape < 0.75 ? from + random.pick([0, 1, 63, 64, 1_000, 5_000]) : finite(place())
  return from <= to ? { from, to } : { from: to, to: from }
}

const finite = (value: number) => (Number.isFinite(value) ? value : 0)
