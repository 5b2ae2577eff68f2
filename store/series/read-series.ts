import { invalidField } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import { requireProject } from '../catalog/read-projects.ts'
import { inOrderOfNames } from '../catalog/run-rows.ts'
import type { Database } from '../engines/engine.ts'
import type { RunId, Stamp } from '../tables.ts'
import { alongMetric } from './along-metric.ts'
import { Buckets, mergeBuckets } from './buckets.ts'
import { openStored } from './open-stored.ts'
import { countBelow, mergePoints, noPoints, type Points } from './points.ts'
import {
  concatenate,
  everything,
  type Range,
  type StoredSeries,
  stepOfValue,
  type Values,
  within,
} from './stored-series.ts'
import type { Tail, Tails } from './tails.ts'

/** What a chart asks for. */
export interface SeriesRequest {
  project: string
  /** undefined: all of the project. */
  runs: string[] | undefined
  /** undefined: all of them. */
  metrics: string[] | undefined
  x: Axis
  /** In units of the axis; undefined: where the data begins and ends. */
  from: number | undefined
  to: number | undefined
  /** At most so many points or buckets a series. */
  points: number
}

/** Steps; milliseconds since the epoch; seconds since the run's start; or the values of another metric of the run. */
export type Axis = 'step' | 'time' | 'relative' | { metric: string }

export interface SeriesAnswer<Line = SeriesLine> {
  /** All commits up to this one are in it. */
  cursor: Stamp
  /** Steps of a bucket: the same for all series. */
  bucket: number
  series: Line[]
}

/**
 * Makes something of a line that is read when it asks for it; undefined when there is none.
 * @param key says all that the line depends on
 */
export type MakeLine<Line> = (key: string, read: () => Promise<SeriesLine | undefined>) => Promise<Line | undefined>

/** One metric of one run. */
export interface SeriesLine {
  run: string
  metric: string
  /** How many points are behind it. */
  count: number
  /** Each row is a point; otherwise it is a bucket, and there are the rest of the columns. */
  exact: boolean
  /** Of an axis that counts from the run's start: when that is, in milliseconds since the epoch. */
  start?: number
  /** Along anything but steps: the step of each point, or the first of each bucket's. */
  step?: Float64Array
  x: Float64Array
  /** The values, or the means of the finite ones: NaN where there is none. */
  y: Float64Array
  buckets?: { min: Float64Array; max: Float64Array; nonfinite: Float64Array; counts: Float64Array }
}

/** A run of which a chart is asked. */
interface ChartedRun {
  id: RunId
  name: string
  /** Milliseconds since the epoch. */
  createdAt: number
  stamp: Stamp
}

/** What an answer depends on, known without reading a point. */
export interface Charted {
  runs: ChartedRun[]
  /** Up to the last deletion whoever has the answer knows which runs are gone: a stream goes on from there. */
  removed: Stamp
}

/** Finds the runs of a chart. @throws projectNotFound, runNotFound, invalidField */
export async function findCharted(db: Database, request: SeriesRequest): Promise<Charted> {
  const runs = await findRuns(db, request)
  const row = await db.selectFrom('projects').select('removed').where('name', '=', request.project).executeTakeFirst()
  return { runs, removed: row?.removed ?? 0 }
}

/** As long as it is the same, so is the answer to a question. */
export const stateOf = ({ runs, removed }: Charted): string =>
  `${removed};${runs.map((run) => `${run.id}:${run.stamp}`).join()}`

/**
 * Reads what a chart shows. The same question has the same answer whether points are in the journal or in chunks, and
 * whatever order they came in.
 * @throws runNotFound; invalidField when it is more than one answer holds
 */
export async function readSeries(db: Database, tails: Tails, request: SeriesRequest): Promise<SeriesAnswer> {
  return readLines(db, tails, request, await findCharted(db, request), (_, read) => read())
}

/** The same of runs that are found, with what becomes of each line. @throws invalidField */
export async function readLines<Line>(
  db: Database,
  tails: Tails,
  request: SeriesRequest,
  { runs, removed }: Charted,
  make: MakeLine<Line>,
): Promise<SeriesAnswer<Line>> {
  const wanted = (await Promise.all(runs.map((run) => openRun(db, tails, run, request)))).flat()
  const mostSeries = Math.floor(limits.seriesCellsMax / request.points)
  if (wanted.length > mostSeries) {
    throw invalidField(
      ['query', 'metrics'],
      `${wanted.length} series of ${request.points} points are too many for one answer: ask for at most ${mostSeries} at a time`,
    )
  }
  const ranges = await Promise.all(wanted.map((series) => series.range(request)))
  const bucket = bucketFor(await extentOf(wanted, ranges), request.points)
  const { x, from, to, points } = request
  const question = JSON.stringify([x, from, to, points, bucket])
  const lines: Line[] = []
  for (const [index, series] of wanted.entries()) {
    const range = ranges[index]
    if (!range) continue
    const { run, metric } = series
    const line = await make(`${run.id} ${run.stamp} ${question} ${metric}`, () => series.read(range, bucket, request))
    if (line !== undefined) lines.push(line)
  }
  return { cursor: runs.reduce((latest, run) => Math.max(latest, run.stamp), removed), bucket, series: lines }
}

/** The runs in the order in which they are asked for, or newest first. @throws projectNotFound, runNotFound, invalidField */
async function findRuns(db: Database, { project, runs }: SeriesRequest): Promise<ChartedRun[]> {
  const query = db
    .selectFrom('runs')
    .innerJoin('heads', 'heads.run', 'runs.id')
    .select(['runs.id', 'runs.name', 'runs.created_at as createdAt', 'heads.stamp'])
    .where('runs.project', '=', project)
  if (!runs) {
    const all = await query
      .orderBy('runs.id', 'desc')
      .limit(limits.seriesRunsMax + 1)
      .execute()
    if (all.length === 0) await requireProject(db, project)
    if (all.length <= limits.seriesRunsMax) return all
    throw invalidField(['query', 'runs'], `the project has more than ${limits.seriesRunsMax} runs: name those to show`)
  }
  return inOrderOfNames(runs, await query.where('runs.name', 'in', runs).execute())
}

/** The series of a run that are asked for and there. */
async function openRun(db: Database, tails: Tails, run: ChartedRun, request: SeriesRequest): Promise<OneSeries[]> {
  const tail = await tails.read(db, run.id)
  const { x } = request
  const axis = typeof x === 'object' ? x.metric : undefined
  let query = db.selectFrom('series').select(['number', 'metric', 'rollup', 'levels']).where('run', '=', run.id)
  // The run's start is that of its earliest point, of whatever metric: for that one all are looked at.
  if (request.metrics && x !== 'relative') {
    query = query.where('metric', 'in', [...request.metrics, ...(axis === undefined ? [] : [axis])])
  }
  const rows = await query.orderBy('number').execute()
  const isWanted = (metric: string) => metric === axis || (request.metrics?.includes(metric) ?? true)
  const stored = openStored(db, run.id, rows, isWanted)
  const open = (metric: string) => new OneSeries(run, metric, stored.get(metric), tail, origin)
  const origin = x === 'relative' ? startOf(run, stored.values(), tail) : 0
  const metrics = request.metrics ?? [...new Set([...stored.keys(), ...tail.totals.keys()])]
  const along = axis === undefined ? undefined : open(axis)
  return metrics.map(open).filter((series) => {
    series.along = along
    return series.exists
  })
}

function startOf(run: ChartedRun, stored: Iterable<StoredSeries>, tail: Tail): number {
  let start = run.createdAt
  for (const { total } of stored) start = Math.min(start, total.timeMin[0])
  for (const total of tail.totals.values()) start = Math.min(start, total.timeMin[0])
  return start
}

/** A metric of a run: what is in chunks and what is in the journal. */
export class OneSeries {
  readonly run: ChartedRun
  readonly metric: string
  /** The series whose values are the axis. */
  along: OneSeries | undefined
  #stored: StoredSeries | undefined
  #tail: Points
  /** What is taken from a time to have x in milliseconds. */
  #origin: number

  constructor(run: ChartedRun, metric: string, stored: StoredSeries | undefined, tail: Tail, origin: number) {
    this.run = run
    this.metric = metric
    this.#stored = stored
    this.#tail = tail.points(metric)
    this.#origin = origin
  }

  get exists(): boolean {
    return this.#stored !== undefined || this.#tail.steps.length > 0
  }

  /** The range that is asked for, in steps and times. @returns undefined when nothing can be in it */
  async range({ x, from = -Infinity, to = Infinity }: SeriesRequest): Promise<Range | undefined> {
    if (x === 'step') return { ...everything, fromStep: firstFrom(from), toStep: lastUntil(to) }
    if (x === 'time') return { ...everything, fromTime: from, toTime: to }
    if (x === 'relative') {
      return { ...everything, fromTime: from * 1_000 + this.#origin, toTime: to * 1_000 + this.#origin }
    }
    return this.along?.exists ? this.along.stepsOfValues(from, to) : undefined
  }

  /** The steps at which its values lie between two. @returns undefined when there are none */
  async stepsOfValues(from: number, to: number): Promise<Range | undefined> {
    if (from === -Infinity && to === Infinity) return everything
    const first = await this.#stepOfValue({ from, to }, 'first')
    const last = await this.#stepOfValue({ from, to }, 'last')
    if (first === undefined || last === undefined) return undefined
    // A value holds until the next one.
    const next = await this.extent({ ...everything, fromStep: last + 1 })
    return { ...everything, fromStep: first, toStep: next ? next.first - 1 : Infinity }
  }

  async #stepOfValue(values: Values, end: 'first' | 'last'): Promise<number | undefined> {
    const steps = [await this.#stored?.stepOfValue(values, end), stepOfValue(this.#tail, values, end)]
    const found = steps.filter((step) => step !== undefined)
    if (found.length === 0) return undefined
    return end === 'first' ? Math.min(...found) : Math.max(...found)
  }

  async extent(range: Range) {
    const stored = await this.#stored?.extent(range)
    const tail = extentOfPoints(within(this.#tail, range))
    if (!stored || !tail) return stored ?? tail
    return { first: Math.min(stored.first, tail.first), last: Math.max(stored.last, tail.last) }
  }

  /** Of each step, in order, the value at it or the last one before; NaN before the first. */
  async valuesAt(steps: Float64Array): Promise<Float64Array> {
    const first = steps[0]
    const last = steps[steps.length - 1]
    const before = await this.extent({ ...everything, toStep: first })
    const range = { ...everything, fromStep: before?.last ?? first, toStep: last }
    const between = await this.buckets(range, bucketFor({ first, last }, steps.length))
    if (sumOf(between.count.subarray(0, between.length)) <= pointsReadAtOnce || steps.length === 1)
      return lastValues(await this.points(range), steps)
    const values = new Float64Array(steps.length)
    for (let row = 0; row < steps.length; row++) values[row] = (await this.valuesAt(steps.subarray(row, row + 1)))[0]
    return values
  }

  async points(range: Range): Promise<Points> {
    const stored = (await this.#stored?.points(range)) ?? noPoints
    return mergePoints(stored, within(this.#tail, range))
  }

  /** @param hasTimes whether the first point's step and time are wanted too */
  async buckets(range: Range, bucket: number, hasTimes = false, capacity = 0): Promise<Buckets> {
    const stored = new Buckets(bucket, hasTimes, capacity)
    await this.#stored?.fill(stored, range)
    const tail = new Buckets(bucket, hasTimes)
    tail.points(within(this.#tail, range))
    return mergeBuckets(stored, tail)
  }

  /** @returns undefined when nothing is in the range */
  async read(range: Range, bucket: number, request: SeriesRequest): Promise<SeriesLine | undefined> {
    const { points: most } = request
    const hasTimes = request.x === 'time' || request.x === 'relative'
    const tail = within(this.#tail, range)
    const total = (this.#stored?.total.count[0] ?? 0) + tail.steps.length
    // Without levels, buckets are made from points: those are read once, and may turn out to be few.
    if (!this.#stored || total <= most || this.#stored.levelsFor(bucket).length === 0) {
      const chunks = (await this.#stored?.chunks(range)) ?? []
      const count = chunks.reduce((sum, { steps }) => sum + steps.length, tail.steps.length)
      if (count <= most) return this.#exact(mergePoints(concatenate(chunks), tail), range, request)
      const [stored, fresh] = [chunks, [tail]].map((parts) => {
        const buckets = new Buckets(bucket, hasTimes, parts.length === 0 ? 0 : Math.min(count, most))
        for (const points of parts) buckets.points(points)
        return buckets
      })
      return this.#bucketed(mergeBuckets(stored, fresh), count, range, request)
    }
    const buckets = await this.buckets(range, bucket, hasTimes, most)
    const count = sumOf(buckets.count.subarray(0, buckets.length))
    if (count > most) return this.#bucketed(buckets, count, range, request)
    return this.#exact(await this.points(narrow(range, buckets)), range, request)
  }

  async #exact(
    { steps, times, values }: Points,
    range: Range,
    request: SeriesRequest,
  ): Promise<SeriesLine | undefined> {
    if (steps.length === 0) return undefined
    const { run, metric } = this
    const line = { run: run.name, metric, count: steps.length, exact: true, x: steps, y: values }
    if (this.along) return alongMetric(line, this.along, range, request)
    return { ...line, ...this.#axis(request.x, steps, times) }
  }

  async #bucketed(
    buckets: Buckets,
    count: number,
    range: Range,
    request: SeriesRequest,
  ): Promise<SeriesLine | undefined> {
    const { run, metric } = this
    const { length } = buckets
    const y = new Float64Array(length)
    const min = new Float64Array(length)
    const max = new Float64Array(length)
    for (let row = 0; row < length; row++) {
      y[row] = buckets.mean(row)
      const hasFinite = buckets.count[row] > buckets.nonfinite[row]
      // Of 0 and -0, which are equal, either may be the lowest, as points came: with 0 added it is 0.
      min[row] = hasFinite ? buckets.min[row] + 0 : Number.NaN
      max[row] = hasFinite ? buckets.max[row] + 0 : Number.NaN
    }
    const part = (column: Float64Array) => column.subarray(0, length)
    const starts = part(buckets.start)
    const columns = { min, max, nonfinite: part(buckets.nonfinite), counts: part(buckets.count) }
    const line = { run: run.name, metric, count, exact: false, x: starts, y, buckets: columns }
    if (this.along) return alongMetric(line, this.along, range, request, buckets.span)
    return { ...line, ...this.#axis(request.x, starts, part(buckets.firstTime)) }
  }

  #axis(x: Axis, step: Float64Array, times: Float64Array): Pick<SeriesLine, 'x' | 'start' | 'step'> {
    if (x === 'step') return { x: step }
    const start = this.#origin
    return x === 'time' ? { step, x: times } : { start, step, x: times.map((time) => (time - start) / 1_000) }
  }
}

/** The smallest power of two of steps of which at most `points` cover the extent. */
export function bucketFor(extent: { first: number; last: number } | undefined, points: number): number {
  if (!extent) return 1
  let bucket = 1
  while (Math.floor(extent.last / bucket) - Math.floor(extent.first / bucket) >= points) bucket *= 2
  return bucket
}

/** The steps that all series together span, as far as they are asked for. */
async function extentOf(wanted: OneSeries[], ranges: (Range | undefined)[]) {
  let extent: { first: number; last: number } | undefined
  for (const [index, series] of wanted.entries()) {
    const range = ranges[index]
    if (!range) continue
    const its = await gridOf(series, range)
    if (!its) continue
    extent = extent ? { first: Math.min(extent.first, its.first), last: Math.max(extent.last, its.last) } : its
  }
  return extent
}

/**
 * The steps that the grid of a series covers. An end that is asked for is one, wherever the data begins or ends: the grid
 * stays as it is while more comes, and nothing is read to know it.
 */
async function gridOf(series: OneSeries, range: Range) {
  const { fromStep, toStep } = range
  if (fromStep > toStep) return undefined
  if (fromStep !== -Infinity && toStep !== Infinity) return { first: fromStep, last: toStep }
  const its = await series.extent(range)
  if (!its) return undefined
  return { first: fromStep === -Infinity ? its.first : fromStep, last: toStep === Infinity ? its.last : toStep }
}

/** A range cut down to the steps of what is in it: those of a range of times are anywhere. */
function narrow(range: Range, { length, start, span }: Buckets): Range {
  if (length === 0) return range
  const fromStep = Math.max(range.fromStep, start[0])
  return { ...range, fromStep, toStep: Math.min(range.toStep, start[length - 1] + span - 1) }
}

/** The ends of a range of steps. One that is beyond all steps there are is the last of them: no bucket is longer than that. */
const firstFrom = (from: number) => (from === -Infinity ? from : Math.max(Math.ceil(from), -Number.MAX_SAFE_INTEGER))
const lastUntil = (to: number) => (to === Infinity ? to : Math.min(Math.floor(to), Number.MAX_SAFE_INTEGER))

function extentOfPoints({ steps }: Points) {
  return steps.length === 0 ? undefined : { first: steps[0], last: steps[steps.length - 1] }
}

/** The value at each step, or the last before it. Both are in order. */
export function lastValues({ steps, values }: { steps: Float64Array; values: Float64Array }, at: Float64Array) {
  return at.map((step) => values[countBelow(steps, step + 1) - 1] ?? Number.NaN)
}

/** More points than that are not read to look a few of them up. */
const pointsReadAtOnce = 100_000

export const sumOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0)
