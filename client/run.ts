import { type LiveDocument, liveDocument } from './document.ts'
import { checkOne, flatten, type Metrics, show } from './flatten.ts'
import { Histogram } from './histogram.ts'
import type { Keeper, Shape } from './keeper.ts'
import { type MetricDefinition, MetricSummaries } from './metric-summaries.ts'
import { artifactNameOf } from './names.ts'
import { checkNotes, checkTags, type Mode } from './options.ts'
import type { Sender } from './sender.ts'
import type { SpoolDocument } from './spool-format.ts'

export interface LogOptions {
  /** A whole number; without it one more than the last. */
  step?: number
  /** false: the next call without a step logs to the same one. */
  commit?: boolean
  /** Milliseconds since the epoch, ISO 8601 or a Date; without it now. */
  timestamp?: number | string | Date
}

export interface ArtifactOptions {
  /** What it is called; without it the file's name. */
  name?: string
  description?: string
  category?: 'code' | 'model' | 'config' | 'data' | 'other'
}

export interface FinishOptions {
  exitCode?: number
  /** Nothing is said of what could not be sent. */
  quiet?: boolean
  /** How long what is not sent yet is waited for. */
  flushTimeoutMs?: number
}

export interface Finished {
  /** Whether the tracker has everything. */
  isSent: boolean
  /** Rows that it does not have yet. */
  rowsWaiting: number
  /** Calls of `log` that had to be dropped: no room. */
  lost: number
}

/** What a run stands on: where it keeps what it is told, and who sends it. */
export interface RunParts {
  project: string
  id: string
  name: string
  trackerUri: string
  mode: Mode
  config: Record<string, unknown>
  tags: string[]
  notes: string
  step: number
  /** Neither when the run is disabled. */
  keeper?: Keeper
  sender?: Sender
  onEnd?: () => void
  /** How what is left can be sent, for a person. */
  advice?: string
  warn: (sentence: string) => void
  /** The files of a folder, or the one. @throws TypeError when there is none */
  artifactsOf: (file: string | Blob) => Promise<ArtifactFile[]>
}

/** What an artifact's document says of where it is, and what the file is called. */
export interface ArtifactFile {
  fields: Record<string, unknown>
  name: string | undefined
  /** What the folder is called that it was found in; then its name has the way from there. */
  folder?: string
}

const noShape: Shape = { keys: [], number: 0, segment: -1 }
const stepMax = Number.MAX_SAFE_INTEGER

/**
 * A run that is being logged. Wrong arguments throw at once; after that nothing about disk, network or tracker throws or
 * is waited for, but by `flush` and `finish`, which have their limits.
 */
export class Run {
  readonly project: string
  readonly id: string
  readonly mode: Mode
  /** Changes are logged: `run.config.lr = 0.1`, `run.config.update({ … })`. */
  readonly config: LiveDocument
  readonly summary: LiveDocument
  #parts: RunParts
  #keeper: Keeper | undefined
  #sender: Sender | undefined
  #step: number
  #shape = noShape
  #keys: readonly string[] = noShape.keys
  #shapes = new Map<string, Shape>()
  #values: Float64Array
  #calls = 0
  #times = new Histogram()
  #summaries = new MetricSummaries()
  #isFinished: Promise<Finished> | undefined
  #hasEnded = false
  #beganFinish = 0

  constructor(parts: RunParts) {
    this.#parts = parts
    this.project = parts.project
    this.id = parts.id
    this.mode = parts.mode
    this.#keeper = parts.keeper
    this.#sender = parts.sender
    this.#step = parts.step
    this.#values = parts.keeper?.values ?? new Float64Array(0)
    this.config = liveDocument('config', parts.config, (values) => this.#tell({ type: 'config', values }))
    this.summary = liveDocument('summary', {}, (values) => this.#tell({ type: 'summary', values }))
  }

  /** What it is called at the tracker; another one than was asked for when that was taken. */
  get name(): string {
    return this.#sender?.name ?? this.#parts.name
  }

  /** The step that the next `log` without one takes. */
  get step(): number {
    return this.#step
  }

  get tags(): readonly string[] {
    return this.#parts.tags
  }

  get notes(): string {
    return this.#parts.notes
  }

  /** Where the tracker has it. */
  get url(): string {
    return `${this.#parts.trackerUri}/api/v1/projects/${this.project}/runs/${this.name}`
  }

  /**
   * Logs one step: numbers by name, nested ones joined by `/`, NaN and infinities among them. When it returns they are
   * kept: in Node in a file, so that even a killed process loses none of them.
   * @throws TypeError for what is no metric or no step, and after `finish`
   */
  log(data: Metrics, options?: LogOptions): void {
    // Every 16th call is timed: looking at the clock twice would cost a tenth of what it measures.
    if ((this.#calls++ & 15) !== 0) return this.#log(data, options)
    const began = performance.now()
    this.#log(data, options)
    this.#times.add(performance.now() - began)
  }

  #log(data: Metrics, options: LogOptions | undefined): void {
    const keeper = this.#keeper
    if (this.#hasEnded || !keeper) return this.#logNowhere(data, options)
    let step = this.#step
    let time: number
    if (options === undefined) {
      time = Date.now()
    } else {
      if (options.step !== undefined && options.step !== null) step = checkStep(options.step)
      time = options.timestamp === undefined || options.timestamp === null ? Date.now() : timeOf(options.timestamp)
    }
    // A loop logs the same metrics in the same order: their names need only be compared.
    const keys = this.#keys
    const values = this.#values
    let count = 0
    for (const key in data) {
      const value = data[key]
      if (typeof value !== 'number' || key !== keys[count]) {
        count = -1
        break
      }
      values[count++] = value
    }
    if (count !== keys.length || count === 0) {
      if (!this.#takeOther(data)) return this.#advance(step, options)
    }
    if (this.#summaries.isWanted) this.#summaries.add(this.#keys, this.#values, step)
    keeper.keepRow(this.#shape, step, time)
    this.#advance(step, options)
    this.#sender?.wake(keeper.rows - this.#sentRows)
  }

  /** Replaces the run's tags. @throws TypeError */
  setTags(tags: string[]): void {
    checkTags('tags', tags)
    this.#parts.tags = [...tags]
    this.#tell({ type: 'tags', tags: [...tags] })
  }

  /** Replaces the run's notes. @throws TypeError */
  setNotes(notes: string): void {
    checkNotes(notes)
    this.#parts.notes = notes
    this.#tell({ type: 'notes', notes })
  }

  /**
   * A file to keep with the run; of a folder, each file in it. It is uploaded in its turn, and read then: a file is not to
   * be changed before `flush` or `finish` has resolved. What is in a Blob is kept as it is now.
   * @throws TypeError when it is not there, or can't be called that
   */
  async logArtifact(file: string | Blob, options: ArtifactOptions = {}): Promise<void> {
    this.#checkEnd()
    const { description = null, category = null } = options
    checkOne('category', category ?? 'other', ['code', 'model', 'config', 'data', 'other'])
    for (const { fields, name, folder } of await this.#parts.artifactsOf(file)) {
      const given = folder === undefined ? (options.name ?? name) : `${options.name ?? folder}-${name}`
      if (!given) throw new TypeError('an artifact that is no file needs a name')
      this.#tell({ type: 'artifact', ...fields, name: artifactNameOf(given), description, category })
    }
  }

  /**
   * How a metric is summed up when the run finishes (`{"loss": {"min": 0.1}}` in its summary), and along which other one it
   * is drawn. `*` in the name stands for anything. @throws TypeError
   */
  defineMetric(name: string, definition: MetricDefinition = {}): void {
    this.#summaries.define(name, definition)
  }

  /**
   * Waits until the tracker has all that was logged before, at most `timeoutMs`.
   * @returns whether it has; never when the run is offline
   */
  async flush(timeoutMs = 30_000): Promise<boolean> {
    const { keeper, sender } = this.#parts
    if (!keeper || !sender) return false
    return sender.flush(keeper.position, timeoutMs)
  }

  /** Ends the run, and waits until the tracker has everything, at most `flushTimeoutMs`. Never throws. */
  finish(options: FinishOptions = {}): Promise<Finished> {
    this.#isFinished ??= this.#finish(options)
    return this.#isFinished
  }

  /** The last record, at once: for a process that ends now. What is not sent then is sent by the next who can. */
  end(exitCode: number): void {
    if (this.#hasEnded) return
    this.#beganFinish = performance.now()
    const summary = this.#summaries.results()
    if (Object.keys(summary).length > 0) this.summary.update(summary)
    this.#hasEnded = true
    this.#parts.keeper?.keepDocument({
      type: 'finish',
      exit_code: exitCode,
      time: Date.now(),
      client: this.stats(),
    })
  }

  /** What logging has cost so far. Times of `log` are in microseconds. */
  stats(): Record<string, unknown> {
    const { keeper } = this.#parts
    return {
      log_calls: this.#calls,
      log_p50_us: this.#times.percentile(0.5),
      log_p99_us: this.#times.percentile(0.99),
      rows: keeper?.rows ?? 0,
      rows_waiting: (keeper?.rows ?? 0) - this.#sentRows,
      lost: keeper?.lost ?? 0,
      ...this.#sender?.stats,
      ...this.#summaries.axes(),
      ...(this.#beganFinish > 0 && { finish_s: Number(((performance.now() - this.#beganFinish) / 1_000).toFixed(3)) }),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.finish()
  }

  async #finish({ exitCode = 0, quiet = false, flushTimeoutMs = 30_000 }: FinishOptions): Promise<Finished> {
    this.end(exitCode)
    const { keeper, sender, advice, warn, onEnd } = this.#parts
    const isSent = !sender ? this.mode === 'disabled' : await sender.flush(keeper?.position ?? 0, flushTimeoutMs)
    sender?.stop()
    const rowsWaiting = isSent ? 0 : (keeper?.rows ?? 0) - this.#sentRows
    onEnd?.()
    if (!isSent && !quiet) {
      const reason = sender ? ` (${sender.trouble ?? `not sent within ${flushTimeoutMs / 1_000} s`})` : ''
      warn(`${rowsWaiting} rows of ${this.project}/${this.name} are not at the tracker yet${reason}${advice ?? ''}`)
    }
    return { isSent, rowsWaiting, lost: keeper?.lost ?? 0 }
  }

  get #sentRows(): number {
    return this.#sender?.rowsSent ?? 0
  }

  #advance(step: number, options: LogOptions | undefined): void {
    this.#step = options?.commit === false ? step : step + 1
  }

  /** Metrics that the last call had not, or not in this order. @returns false when there are none */
  #takeOther(data: Metrics): boolean {
    const row = flatten(data, new Map())
    if (row.size === 0) return false
    const keys = [...row.keys()]
    const name = keys.join('\0')
    let shape = this.#shapes.get(name)
    if (!shape) {
      // Names that never come again must not fill the memory.
      if (this.#shapes.size >= 1_000) this.#shapes.clear()
      shape = this.#keeper!.shapeOf(keys)
      this.#shapes.set(name, shape)
    }
    this.#shape = shape
    this.#keys = shape.keys
    let index = 0
    for (const value of row.values()) this.#values[index++] = value
    return true
  }

  /** A run that is disabled takes what the others take, and one that has ended nothing. */
  #logNowhere(data: Metrics, options: LogOptions | undefined): void {
    this.#checkEnd()
    flatten(data, new Map())
    this.#advance(options?.step === undefined ? this.#step : checkStep(options.step), options)
  }

  #checkEnd(): void {
    if (this.#hasEnded) throw new TypeError('the run has finished: init another one')
  }

  #tell(document: SpoolDocument): void {
    if (this.#hasEnded) return
    this.#keeper?.keepDocument(document)
    this.#sender?.wake()
  }
}

function checkStep(step: number): number {
  if (Number.isInteger(step) && Math.abs(step) <= stepMax) return step
  throw new TypeError(`step is a whole number from -(2^53-1) to 2^53-1, not ${show(step)}`)
}

function timeOf(timestamp: number | string | Date): number {
  const time = typeof timestamp === 'number' ? timestamp : new Date(timestamp).getTime()
  // As far as a Date goes.
  if (Math.abs(time) <= 8.64e15) return time
  throw new TypeError(`timestamp is ISO 8601, a Date or milliseconds since the epoch, not ${show(timestamp)}`)
}
