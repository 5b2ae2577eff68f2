import { type LiveDocument, liveDocument } from './document.ts'
import { expect, expectOne } from './expect.ts'
import { flatten, type Metrics } from './flatten.ts'
import type { Keeper, Shape } from './keeper.ts'
import type { Loggable } from './loggable.ts'
import type { MetricDefinition } from './metric-summaries.ts'
import { artifactNameOf } from './names.ts'
import { checkNotes, checkTags, type Mode, type RunDescription } from './options.ts'
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
  description: RunDescription & { id: string }
  trackerUri: string
  mode: Mode
  step?: number
  keeper: Keeper
  /** None when the run is not online. */
  sender?: Sender
  onEnd?: () => void
  /** How what is left can be sent, for a person. */
  advice?: string
  warn: (sentence: string) => void
  /** What the spool keeps of a file, or of each file of a folder. @throws TypeError when there is none */
  artifactsOf: (file: string | Blob, options: ArtifactOptions) => Promise<SpoolDocument[]>
}

const noShape: Shape = { keys: [], number: 0, segment: -1 }

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
  /** Calls of `log` so far. */
  protected calls = 0
  /** Told of each row before it is kept. */
  protected onRow?: (keys: readonly string[], values: Float64Array, step: number) => void
  #parts: RunParts
  #keeper: Keeper
  #sender: Sender | undefined
  #step: number
  #shape = noShape
  #shapes = new Map<string, Shape>()
  #values: Float64Array
  #isFinished: Promise<Finished> | undefined
  #hasEnded = false
  #beganFinish: number | undefined

  constructor(parts: RunParts) {
    this.#parts = parts
    this.project = parts.description.project
    this.id = parts.description.id
    this.mode = parts.mode
    this.#keeper = parts.keeper
    this.#sender = parts.sender
    this.#step = parts.step ?? 0
    this.#values = parts.keeper.values
    const live = (type: 'config' | 'summary', values: Record<string, unknown>) =>
      liveDocument(type, values, (changed) => this.#tell({ type, values: changed }))
    this.config = live('config', parts.description.config)
    this.summary = live('summary', {})
  }

  /** What it is called at the tracker; another one than was asked for when that was taken. */
  get name(): string {
    return this.#sender?.name ?? this.#parts.description.name ?? this.id
  }

  /** The step that the next `log` without one takes. */
  get step(): number {
    return this.#step
  }

  get tags(): readonly string[] {
    return this.#parts.description.tags ?? []
  }

  get notes(): string {
    return this.#parts.description.notes ?? ''
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
  log<T extends object>(data: T & Loggable<T>, options?: LogOptions): void
  log(data: Metrics, options?: LogOptions): void {
    this.#checkEnd()
    this.calls++
    const step = options?.step === undefined ? this.#step : checkStep(options.step)
    const time = options?.timestamp === undefined ? Date.now() : timeOf(options.timestamp)
    // A loop logs the same metrics in the same order: their names need only be compared.
    const { keys } = this.#shape
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
    if (count !== keys.length || count === 0) this.#takeOther(data)
    this.#step = options?.commit === false ? step : step + 1
    if (this.#shape.keys.length === 0) return
    this.onRow?.(this.#shape.keys, values, step)
    this.#keeper.keepRow(this.#shape, step, time)
    this.#sender?.wake(this.#rowsWaiting)
  }

  /** Replaces the run's tags. @throws TypeError */
  setTags(tags: string[]): void {
    checkTags('tags', tags)
    this.#parts.description.tags = tags
    this.#tell({ type: 'tags', tags })
  }

  /** Replaces the run's notes. @throws TypeError */
  setNotes(notes: string): void {
    checkNotes(notes)
    this.#parts.description.notes = notes
    this.#tell({ type: 'notes', notes })
  }

  /**
   * A file to keep with the run; of a folder, each file in it. It is uploaded in its turn, and read then: a file is not to
   * be changed before `flush` or `finish` has resolved. What is in a Blob is kept as it is now.
   * @throws TypeError when it is not there, or can't be called that
   */
  async logArtifact(file: string | Blob, options: ArtifactOptions = {}): Promise<void> {
    this.#checkEnd()
    expectOne('category', options.category ?? 'other', ['code', 'model', 'config', 'data', 'other'])
    for (const document of await this.#parts.artifactsOf(file, options)) this.#tell(document)
  }

  /** Sums up a metric, or says how it is drawn. A browser leaves that to the tracker, which has its extremes and its mean. */
  defineMetric(_name: string, _definition?: MetricDefinition): void {
    this.#parts.warn('defineMetric does nothing here')
  }

  /**
   * Waits until the tracker has all that was logged before, at most `timeoutMs`.
   * @returns whether it has; never when the run is offline
   */
  async flush(timeoutMs = 30_000): Promise<boolean> {
    return (await this.#sender?.flush(this.#keeper.position, timeoutMs)) ?? false
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
    this.#keeper.keepDocument({ type: 'finish', exit_code: exitCode, time: Date.now(), client: this.stats() })
    this.#hasEnded = true
  }

  /** What logging has cost so far. Times of `log` are in microseconds. */
  stats(): Record<string, unknown> {
    const { rows, lost } = this.#keeper
    return {
      log_calls: this.calls,
      rows,
      rows_waiting: this.#rowsWaiting,
      lost,
      ...this.#sender?.stats,
      finish_s: this.#beganFinish && Math.round(performance.now() - this.#beganFinish) / 1_000,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.finish()
  }

  async #finish({ exitCode = 0, quiet = false, flushTimeoutMs = 30_000 }: FinishOptions): Promise<Finished> {
    this.end(exitCode)
    const { keeper, sender, advice = '', warn, onEnd } = this.#parts
    const isSent = sender ? await sender.flush(keeper.position, flushTimeoutMs, true) : this.mode === 'disabled'
    sender?.stop()
    const rowsWaiting = isSent ? 0 : this.#rowsWaiting
    onEnd?.()
    if (!isSent && !quiet) {
      const reason = sender ? ` (${sender.trouble ?? 'no time'})` : ''
      warn(`${rowsWaiting} rows of ${this.project}/${this.name} are not sent yet${reason}${advice}`)
    }
    return { isSent, rowsWaiting, lost: keeper.lost }
  }

  get #rowsWaiting(): number {
    return this.#keeper.rows - (this.#sender?.rowsSent ?? 0)
  }

  /** Metrics that the last call had not, or not in this order. */
  #takeOther(data: Metrics): void {
    const row = flatten(data, new Map())
    const keys = [...row.keys()]
    const name = keys.join('\0')
    let shape = this.#shapes.get(name)
    if (!shape) {
      // Names that never come again must not fill the memory.
      if (this.#shapes.size >= 1_000) this.#shapes.clear()
      shape = this.#keeper.shapeOf(keys)
      this.#shapes.set(name, shape)
    }
    this.#shape = shape
    this.#values.set([...row.values()])
  }

  #checkEnd(): void {
    if (this.#hasEnded) throw new TypeError('the run has finished')
  }

  #tell(document: SpoolDocument): void {
    if (this.#hasEnded) return
    this.#keeper.keepDocument(document)
    this.#sender?.wake()
  }
}

function checkStep(step: number): number {
  expect(Number.isSafeInteger(step), 'step', 'a whole number up to 2^53-1', step)
  return step
}

function timeOf(timestamp: number | string | Date): number {
  // Fractions of a millisecond are kept, where a Date would cut them off.
  const time = typeof timestamp === 'number' ? timestamp : +new Date(timestamp)
  // As far as a Date goes.
  expect(Math.abs(time) <= 8.64e15, 'timestamp', 'ISO 8601, a Date or milliseconds', timestamp)
  return time
}

/** What the spool keeps of one file. @throws TypeError when it has no name */
export function artifactDocument(fields: object, name: string | undefined, options: ArtifactOptions): SpoolDocument {
  expect(name, "an artifact's name", 'needed where it is no file', name)
  return { ...options, ...fields, type: 'artifact', name: artifactNameOf(name as string) }
}
