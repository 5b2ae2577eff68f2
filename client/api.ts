import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { ApiError, asAnswered, entriesOf, linesOf, notATracker, readAnswer, refusal } from './api-answer.ts'
import { readEnvironment } from './environment.ts'
import { alignSeries, type History, Series } from './history.ts'
import { HttpOrigin } from './http-origin.ts'
import { checkedToken, checkedUri } from './options.ts'
import { pathBelow } from './path-below.ts'
import { warnOfPlainToken } from './plain-token.ts'

export { ApiError }

/** What a metric came to; extremes and the mean are of its finite values. */
export interface MetricFigures {
  metric: string
  count: number
  nonfinite: number
  first_step: number
  first: number | string
  last_step: number
  last: number | string
  min: number | string | null
  min_step: number | null
  max: number | string | null
  max_step: number | null
  mean: number | string | null
}

/** A run as the tracker tells it. */
export interface RunRecord {
  project: string
  name: string
  run_id: string
  id: string | null
  display_name: string | null
  status: 'running' | 'finished' | 'failed' | 'lost'
  exit_code: number | null
  tags: string[]
  notes: string
  config: Record<string, unknown>
  summary: Record<string, unknown>
  created_at: string
  heard_at: string
  finished_at: string | null
  metrics: MetricFigures[]
}

/** One value of one metric. */
export interface Point {
  metric: string
  step: number
  /** Milliseconds since the epoch. */
  timestamp: number
  value: number
}

export interface RunsQuery {
  /** `config.lr < 0.01 and "baseline" in tags` */
  filter?: string
  /** `-metric:val/acc:max,name` */
  sort?: string
}

/** A connection on which nothing moves is given up after this. */
const silenceMs = 300_000

/** A tracker to read from. Its methods throw ApiError. */
export class Api {
  readonly uri: string
  #token: string | undefined
  #origin: HttpOrigin

  /**
   * `uri`: with or without `/tracker`; without one ASPARA_TRACKER_URI, else http://127.0.0.1:3142. `token`: without one
   * ASPARA_TOKEN. @throws TypeError when it is no address
   */
  constructor(uri?: string, options: { token?: string } = {}) {
    const environment = readEnvironment()
    this.uri = uri === undefined ? (environment.trackerUri ?? 'http://127.0.0.1:3142') : checkedUri('uri', uri)
    this.#token = checkedToken(options.token ?? environment.token)
    warnOfPlainToken(this.uri, this.#token)
    this.#origin = new HttpOrigin(this.uri)
  }

  /** Closes the connections that are kept; also at the end of an `await using`. */
  close(): void {
    this.#origin.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }

  /** The runs of a project, read page by page while they are gone through. */
  async *runs(project: string, query: RunsQuery = {}): AsyncGenerator<ApiRun> {
    for await (const record of this.pages<RunRecord>(`/projects/${encodeURIComponent(project)}/runs`, 'runs', query)) {
      yield asAnswered(this.uri, () => new ApiRun(this, record))
    }
  }

  async run(project: string, name: string): Promise<ApiRun> {
    const path = `/projects/${encodeURIComponent(project)}/runs/${encodeURIComponent(name)}`
    const record = await this.get<RunRecord>(path)
    return asAnswered(this.uri, () => new ApiRun(this, record))
  }

  /** All entries of a list, whose pages are read when they are needed. */
  async *pages<Entry>(path: string, name: string, query: object = {}): AsyncGenerator<Entry> {
    const cursors = new Set<string>()
    let cursor: string | null = null
    do {
      const page: Record<string, unknown> = await this.get(path, { ...query, ...(cursor === null ? {} : { cursor }) })
      yield* entriesOf<Entry>(page, name, this.uri)
      cursor = (page.next_cursor as string | undefined) ?? null
      if (cursor === null) return
      if (typeof cursor !== 'string') throw notATracker(this.uri, 'its answer says nothing of the next page')
      if (cursors.has(cursor)) throw notATracker(this.uri, 'its list comes again and again')
      cursors.add(cursor)
    } while (cursor !== null)
  }

  /** The object that the tracker answers. */
  async get<Answer>(path: string, query: object = {}): Promise<Answer> {
    return (await readAnswer(await this.open(path, query), this.uri)) as Answer
  }

  /** The answer as it comes. */
  async open(path: string, query: object = {}): Promise<Response> {
    const parameters = new URLSearchParams()
    for (const [name, value] of Object.entries(query)) {
      for (const one of [value].flat()) if (one !== undefined) parameters.append(name, String(one))
    }
    const search = parameters.toString()
    const headers: Record<string, string> = this.#token ? { authorization: `Bearer ${this.#token}` } : {}
    let response: Response
    let location: string | undefined
    try {
      const request = await this.#origin.request(`/api/v1${path}${search && `?${search}`}`, { headers })
      request.setTimeout(silenceMs, () => request.destroy(new Error('the tracker is silent')))
      // A connection that breaks off after the head is told by the body; without a listener it would end the program.
      request.on('error', () => {})
      const answered = once(request.end(), 'response') as Promise<[IncomingMessage]>
      const [message] = await answered
      location = message.headers.location
      const status = message.statusCode ?? 0
      // Of a status that is none, and of one without a body, fetch makes no Response.
      const isPlain = status >= 200 && status <= 599 && ![204, 205, 304].includes(status)
      response = new Response(Readable.toWeb(message) as ReadableStream, { status: isPlain ? status : 502 })
    } catch (cause) {
      const reason = (cause as Error).message || (cause as NodeJS.ErrnoException).code
      throw new ApiError(`no answer from ${this.uri}${reason ? ` (${reason})` : ''}`, undefined, { cause })
    }
    if (response.ok) return response
    throw await refusal(response, this.uri, location)
  }
}

/** A run as the tracker had it when it was asked. */
export class ApiRun {
  /** All that the tracker says of it. */
  readonly record: RunRecord
  readonly project: string
  readonly name: string
  readonly id: string
  readonly status: RunRecord['status']
  readonly config: Record<string, unknown>
  /** The last value of each metric, and what was set. */
  readonly summary: Record<string, unknown>
  readonly tags: string[]
  readonly notes: string
  /** What each metric came to. */
  readonly metrics: Record<string, MetricFigures>
  #api: Api
  #path: string

  constructor(api: Api, record: RunRecord) {
    this.#api = api
    this.record = record
    this.project = record.project
    this.name = record.name
    this.id = record.id ?? record.run_id
    this.status = record.status
    this.config = record.config
    const last = record.metrics.map(({ metric, last }) => [metric, Number(last)])
    this.summary = { ...Object.fromEntries(last), ...record.summary }
    this.tags = record.tags
    this.notes = record.notes
    this.metrics = Object.fromEntries(record.metrics.map((figures) => [figures.metric, figures]))
    this.#path = `/projects/${encodeURIComponent(record.project)}/runs/${encodeURIComponent(record.name)}`
  }

  /**
   * What was logged, as columns. `exact`, the default: every point; otherwise at most `points` for each metric, means of
   * equal spans of steps. A metric that is asked for and that the run does not have is NaN at every step.
   */
  async history(options: string[] | HistoryOptions = {}): Promise<History> {
    const { metrics, exact = true, points = 1_000 } = Array.isArray(options) ? { metrics: options } : options
    if (metrics?.length === 0) return alignSeries(new Map())
    const found = exact ? await this.#allPoints(metrics) : await this.#buckets(metrics, points)
    const history = alignSeries(found)
    const nothing = history.step.map(() => Number.NaN)
    for (const metric of metrics ?? []) history[metric] ??= nothing.slice()
    return history
  }

  /** Every point in step order, of these metrics or of all, as the tracker reads them. */
  async *points(metrics?: string[]): AsyncGenerator<Point> {
    const { body } = await this.#api.open(`${this.#path}/metrics/export`, { metric: metrics, format: 'jsonl' })
    const { uri } = this.#api
    for await (const line of linesOf(body, uri)) {
      const point = asAnswered(uri, () => JSON.parse(line))
      yield { ...point, value: Number(point.value) }
    }
  }

  /** The files that are kept with the run. */
  async *artifacts(): AsyncGenerator<ApiArtifact> {
    for await (const record of this.#api.pages<ArtifactRecord>(`${this.#path}/artifacts`, 'artifacts')) {
      const place = () => `${this.#path}/artifacts/${encodeURIComponent(checkedText(record.name))}`
      yield asAnswered(this.#api.uri, () => new ApiArtifact(this.#api, place(), record))
    }
  }

  /** One of them, which is asked for when it is downloaded. */
  artifact(name: string): { download(path?: string): Promise<string> } {
    return {
      download: async (path) => {
        for await (const artifact of this.artifacts()) if (artifact.name === name) return artifact.download(path)
        throw new ApiError(`run ${this.project}/${this.name} has no artifact ${name}`, 404)
      },
    }
  }

  /** The processes that wrote it: rows, points, checksum, and what they say of themselves. */
  writers(): AsyncGenerator<Record<string, unknown>> {
    return this.#api.pages(`${this.#path}/writers`, 'writers')
  }

  async #allPoints(metrics: string[] | undefined): Promise<Map<string, Series>> {
    const found = new Map<string, Series>()
    for await (const { metric, step, timestamp, value } of this.points(metrics)) {
      const series = found.get(metric) ?? new Series()
      found.set(metric, series)
      series.add(step, timestamp, value)
    }
    return found
  }

  async #buckets(metrics: string[] | undefined, points: number): Promise<Map<string, Series>> {
    const path = `/projects/${encodeURIComponent(this.project)}/series`
    const query = { runs: this.name, metric: metrics, points }
    const [bySteps, byTime] = await Promise.all([
      this.#api.get<ChartAnswer>(path, query),
      this.#api.get<ChartAnswer>(path, { ...query, x: 'time' }),
    ])
    const found = new Map<string, Series>()
    for (const { metric, x, y } of bySteps.series) {
      const series = new Series()
      const times = byTime.series.find((line) => line.metric === metric)?.x ?? []
      for (const [index, step] of x.entries()) {
        series.add(step, times[index] ?? Number.NaN, y[index] === null ? Number.NaN : Number(y[index]))
      }
      found.set(metric, series)
    }
    return found
  }
}

export interface HistoryOptions {
  metrics?: string[]
  exact?: boolean
  points?: number
}

interface ChartAnswer {
  series: { metric: string; x: number[]; y: (number | string | null)[] }[]
}

export interface ArtifactRecord {
  name: string
  file_size: number
  sha256: string
  description: string | null
  category: string | null
  created_at: string
}

/** A file that is kept with a run. */
export class ApiArtifact {
  readonly record: ArtifactRecord
  readonly name: string
  /** Bytes. */
  readonly size: number
  readonly sha256: string
  #api: Api
  #path: string

  constructor(api: Api, path: string, record: ArtifactRecord) {
    this.#api = api
    this.#path = path
    this.record = record
    this.name = record.name
    this.size = record.file_size
    this.sha256 = record.sha256
  }

  /**
   * Writes it to `path`, into it when that is a folder, or into the current folder. What is there already is replaced once
   * all is here and its sha256 is right.
   * @returns where it is
   */
  async download(path = '.'): Promise<string> {
    const isFolder = await stat(path).then(
      (stats) => stats.isDirectory(),
      () => false,
    )
    const target = resolve(isFolder ? this.#below(path) : path)
    await mkdir(dirname(target), { recursive: true })
    const beside = join(dirname(target), `.aspara-${randomBytes(8).toString('hex')}`)
    try {
      const { body } = await this.#api.open(this.#path)
      const hash = createHash('sha256')
      // A file that was not there before: nothing is written through what somebody has put in its place.
      const file = createWriteStream(beside, { flags: 'wx' })
      const closed = once(file, 'close')
      try {
        for await (const piece of body ?? []) {
          hash.update(piece)
          if (!file.write(piece)) await once(file, 'drain')
        }
      } finally {
        file.end()
        await closed
      }
      const sha256 = hash.digest('hex')
      if (sha256 !== this.sha256) {
        throw new ApiError(`artifact ${this.name} came with sha256 ${sha256}, and has ${this.sha256}`)
      }
      await rename(beside, target)
    } finally {
      await rm(beside, { force: true })
    }
    return target
  }

  /** Its place in a folder. @throws ApiError: the tracker says what it is called, and may say anything */
  #below(folder: string): string {
    try {
      return pathBelow(folder, this.name)
    } catch (error) {
      const reason = (error as Error).message
      throw new ApiError(`an artifact was not downloaded: ${reason}. Nothing was written; give a path of your own`)
    }
  }
}

function checkedText(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('not a text')
  return value
}
