import { closingSentence } from './closing.ts'
import { type LiveDocument, liveDocument } from './document.ts'
import { expectOne, expectOptions } from './expect.ts'
import { flatten, type LeaveOut, type Metrics, sayingOnce } from './flatten.ts'
import type { Keeper, Shape } from './keeper.ts'
import { LastValues } from './last-values.ts'
import { checkedExitCode, checkedStep, checkLogOptions } from './log-options.ts'
import type { Loggable } from './loggable.ts'
import type { MetricDefinition } from './metric-summaries.ts'
import { nameOf } from './names.ts'
import { checkedNotes, checkedTags, type Mode } from './options.ts'
import { partsOfRow } from './row-parts.ts'
import type { ArtifactOptions, Finished, FinishOptions, LogOptions, RunParts } from './run-parts.ts'
import type { Sender } from './sender.ts'
import type { SpoolDocument } from './spool-format.ts'
import { timeOf } from './timestamp.ts'
import { wait } from './tracker-line.ts'
import { pageUri } from './transport.ts'

const noShape: Shape = { keys: [], number: 0, segment: -1 }
/** After so long the end of a program says what it waits for. */
const silentMs = 700

/**
 * A run that is being logged. Wrong arguments throw at once; after that nothing about disk, network or tracker throws or
 * is waited for, but by `flush` and `finish`, which have their limits. A run that has ended takes everything and keeps
 * nothing: it says so once.
 */
export class Run {
  readonly project: string
  readonly mode: Mode
  /** Whether it goes on with a run that existed before. */
  readonly resumed: boolean
  /** Calls of `log` so far. */
  protected calls = 0
  /** Is given each row before it is kept. */
  protected onRow?: (keys: readonly string[], values: Float64Array, step: number) => void
  #parts: RunParts
  #config: LiveDocument
  #summary: LiveDocument
  #keeper: Keeper
  #sender: Sender | undefined
  #step: number
  #shape = noShape
  #shapes = new Map<string, Shape>()
  #values: Float64Array
  /** The step of the row in `#values`, which is not among the last values yet. */
  #rowStep = Number.NEGATIVE_INFINITY
  #last = new LastValues()
  /** What `timestamp` says of the run's clock against this machine's. */
  #clockMs = 0
  #leaveOut: LeaveOut
  #isFinished: Promise<Finished> | undefined
  #hasEnded = false
  #afterFinish = 0
  #hasSaidEnd = false
  #beganFinish: number | undefined
  /** What `finish` waits for, where that is not all that was kept. */
  #endPosition: number | undefined
  /** Rows that were only in memory when the process stopped sending. */
  #dropped = 0

  constructor(parts: RunParts) {
    const { before, description } = parts
    this.#parts = parts
    this.project = description.project
    this.mode = parts.mode
    this.resumed = before !== undefined
    this.#keeper = parts.keeper
    this.#sender = parts.sender
    this.#step = (before?.lastStep ?? -1) + 1
    this.#values = parts.keeper.values
    this.#leaveOut = sayingOnce(parts.warn)
    for (const { metric, step, value } of before?.last ?? []) this.#last.set(metric, value, step)
    this.#config = liveDocument('config', { ...before?.config, ...description.config }, (values) =>
      this.#keep({ type: 'config', values }),
    )
    this.#summary = liveDocument(
      'summary',
      { ...before?.summary },
      (values) => this.#keep({ type: 'summary', values }),
      () => this.lastValues(),
    )
  }

  /** The run's id; another one than was given when that belongs to a run that is not to be continued. */
  get id(): string {
    return this.#sender?.id ?? this.#parts.description.id
  }

  /** What it is called at the tracker; another one than was asked for when that was taken. */
  get name(): string {
    return this.#sender?.name ?? this.#parts.description.name ?? this.id
  }

  /** Sets what people are shown; in addresses it keeps its name. */
  set name(text: string) {
    const { name, displayName = name } = nameOf('name', text)
    if (displayName) this.#keep({ type: 'display_name', display_name: displayName })
  }

  /** Changes are recorded: `run.config.lr = 0.1`, `run.config.update({ … })`. */
  get config(): LiveDocument {
    return this.#config
  }

  /** Adds to what is there, as `update` does. */
  set config(values: object) {
    this.#config.update(values)
  }

  /** What the run came to: the last value of each metric, until another one is set. */
  get summary(): LiveDocument {
    return this.#summary
  }

  set summary(values: object) {
    this.#summary.update(values)
  }

  /** The step that the next `log` without one takes. */
  get step(): number {
    return this.#step
  }

  get tags(): readonly string[] {
    return this.#parts.description.tags ?? []
  }

  set tags(tags: readonly string[]) {
    this.setTags(tags as string[])
  }

  get notes(): string {
    return this.#parts.description.notes ?? ''
  }

  set notes(notes: string) {
    this.setNotes(notes)
  }

  /** Its page on the dashboard. */
  get url(): string {
    return pageUri(this.#parts.trackerUri, this.project, this.name)
  }

  /**
   * Logs one step: numbers by name, nested ones joined by `/`, NaN and infinities among them. When it returns they are
   * kept: in Node in a file, so that even a killed process loses none of them. What is no number is left out, and said
   * once.
   * @throws TypeError when the data is no object, or an option is wrong; for a value never
   */
  log<T extends object>(data: T & Loggable<T>, options?: LogOptions): void
  log(data: Metrics, options?: LogOptions): void {
    if (this.#hasEnded) return this.#sayEnded(1)
    let step = this.#step
    let time: number | undefined
    if (options !== undefined && options !== null) {
      checkLogOptions(options)
      if (options.step !== undefined && options.step !== null) step = checkedStep(options.step)
      if (options.timestamp !== undefined && options.timestamp !== null) {
        time = timeOf(options.timestamp)
        this.#clockMs = time - Date.now()
      }
    }
    time ??= Date.now()
    this.calls++
    if (step < this.#rowStep) this.#keepLast()
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
    if (count !== keys.length || count === 0) this.#takeOther(data, step, time)
    const next = options?.commit === false ? step : step + 1
    if (next > this.#step && next <= Number.MAX_SAFE_INTEGER) this.#step = next
    if (this.#shape.keys.length > 0) this.#keepRow(this.#shape, step, time)
  }

  /** Replaces the run's tags. @throws TypeError */
  setTags(tags: string[]): void {
    const checked = checkedTags('tags', tags) ?? []
    this.#parts.description.tags = checked
    this.#keep({ type: 'tags', tags: checked })
  }

  /** Replaces the run's notes. @throws TypeError */
  setNotes(notes: string): void {
    const checked = checkedNotes(notes) ?? ''
    this.#parts.description.notes = checked
    this.#keep({ type: 'notes', notes: checked })
  }

  /**
   * A file to keep with the run; of a folder, each file in it. It is uploaded in its turn, and read then: a file is not to
   * be changed before `flush` or `finish` has resolved. What is in a Blob is kept as it is now.
   * @throws TypeError when it is not there, or can't be called that
   */
  async logArtifact(file: string | Blob, options: ArtifactOptions = {}): Promise<void> {
    if (this.#hasEnded) return this.#sayEnded()
    expectOptions('logArtifact', options, ['name', 'description', 'category'])
    expectOne('category', options.category ?? 'other', ['code', 'model', 'config', 'data', 'other'])
    for (const document of await this.#parts.artifactsOf(file, options)) this.#keep(document)
  }

  /** Sums up a metric, or says how it is drawn. A browser leaves that to the tracker, which has its extremes and its mean. */
  defineMetric(_name: string, _definition?: MetricDefinition): void {
    if (this.#hasEnded) this.#sayEnded()
    else this.#parts.warn('defineMetric has no effect in a browser')
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
    this.#isFinished ??= this.#finish(options ?? {})
    return this.#isFinished
  }

  /** Whether `finish` is under way, or done. */
  get isFinishing(): boolean {
    return this.#isFinished !== undefined
  }

  /** Somebody else ends the program: that it logs meanwhile is no mistake. */
  allowLogging(): void {
    this.#hasSaidEnd = true
  }

  /** Lets go of what `finish` waits for: somebody is in a hurry. */
  skipWait(): void {
    this.#sender?.stop()
  }

  /** The last record, at once: for a process that ends now. What is not sent then is sent by the next who can. */
  end(exitCode: number, reason?: string): void {
    if (this.#hasEnded) return
    this.#beganFinish = performance.now()
    const time = Date.now() + this.#clockMs
    const word = { type: 'finish', exit_code: exitCode, time, reason: reason?.slice(0, 1_000), client: this.stats() }
    this.#hasEnded = true
    if (this.#keeper.keepDocument(word)) return
    // The disk is full: the tracker hears of the end all the same.
    if (this.#sender) this.#sender.lastWord = word
    this.#endPosition = Number.POSITIVE_INFINITY
  }

  /** Ends it when there is no time to send anything, and says what is left. */
  endNow(exitCode: number, reason?: string): void {
    this.end(exitCode, reason)
    if (this.#parts.storage === 'memory') this.#dropped = this.#rowsWaiting
    this.#sayClosing(false)
    this.#parts.onEnd?.(exitCode)
  }

  /** What logging has cost so far. Times of `log` are in microseconds. */
  stats(): Record<string, unknown> {
    const { rows, lost } = this.#keeper
    return {
      log_calls: this.calls,
      rows: rows - this.#dropped,
      rows_waiting: this.#rowsWaiting,
      lost: lost + this.#dropped,
      refused: 0,
      after_finish: this.#afterFinish,
      spool: this.#parts.storage,
      ...this.#sender?.stats,
      finish_s: this.#beganFinish && Math.round(performance.now() - this.#beganFinish) / 1_000,
    }
  }

  /** The last sentence about the run, when the tracker does not have all of it. */
  #sayClosing(isSent: boolean): void {
    const { keeper, sender, advice = '', storage, warn } = this.#parts
    if (this.mode === 'disabled') return
    const closing = closingSentence({
      run: `${this.project}/${this.name}`,
      url: this.url,
      rows: keeper.rows - this.#dropped,
      waiting: isSent ? 0 : this.#rowsWaiting,
      refused: sender?.refusedRows ?? 0,
      refusedReason: sender?.refusedReason ?? '',
      lost: keeper.lost + this.#dropped,
      lostReason: this.#dropped > 0 ? 'kept in memory only' : keeper.lossReason,
      isSent,
      trouble: sender ? (sender.trouble ?? (sender.isHeard ? 'there was no time' : 'no answer yet')) : '',
      advice: storage === 'memory' ? '' : advice,
    })
    if (closing) warn(closing)
  }

  protected get hasEnded(): boolean {
    return this.#hasEnded
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.finish()
  }

  /** Derived values of the summary: those that nobody has set. */
  protected lastValues(): Record<string, unknown> {
    this.#keepLast()
    return this.#last.values()
  }

  async #finish(options: FinishOptions): Promise<Finished> {
    const { keeper, sender, storage, skipHint, trackerUri, warn, onEnd } = this.#parts
    try {
      expectOptions('finish', options, ['exitCode', 'reason', 'quiet', 'flushTimeoutMs'])
    } catch (error) {
      warn((error as Error).message)
    }
    const { quiet = false, flushTimeoutMs = 30_000, reason } = options
    const exitCode = checkedExitCode(options.exitCode, warn)
    this.end(exitCode, reason)
    const what = () => `${this.#rowsWaiting} rows of ${this.project}/${this.name}`
    const tell = () => warn(`sending ${what()} to ${trackerUri}. ${skipHint}`)
    const telling = sender && skipHint && !quiet ? wait(silentMs, tell) : undefined
    const end = this.#endPosition ?? keeper.position
    const isSent = sender ? await sender.flush(end, flushTimeoutMs, true) : this.mode === 'disabled'
    clearTimeout(telling)
    sender?.stop()
    const rowsWaiting = isSent ? 0 : this.#rowsWaiting
    if (storage === 'memory') this.#dropped = rowsWaiting
    onEnd?.(exitCode)
    if (!quiet) this.#sayClosing(isSent)
    return { isSent, rowsWaiting: rowsWaiting - this.#dropped, lost: keeper.lost + this.#dropped }
  }

  get #rowsWaiting(): number {
    return this.#keeper.rows - this.#dropped - (this.#sender?.rowsSent ?? 0)
  }

  #keepRow(shape: Shape, step: number, time: number): void {
    this.#rowStep = step
    this.onRow?.(shape.keys, this.#values, step)
    this.#keeper.keepRow(shape, step, time)
    this.#sender?.wake(this.#rowsWaiting)
  }

  /** The row in `#values` is about to be replaced by one of other metrics, or of an earlier step. */
  #keepLast(): void {
    if (this.#rowStep === Number.NEGATIVE_INFINITY) return
    this.#last.add(this.#shape.keys, this.#values, this.#rowStep)
    this.#rowStep = Number.NEGATIVE_INFINITY
  }

  /** Metrics that the last call had not, or not in this order. What is too much for one row is kept as several. */
  #takeOther(data: Metrics, step: number, time: number): void {
    this.#keepLast()
    const row = flatten(data, this.#leaveOut)
    const keys = [...row.keys()]
    for (const part of partsOfRow(keys)) {
      this.#shape = this.#shapeOf(part)
      this.#values.set(part.map((key) => row.get(key) as number))
      if (part.length === keys.length) return
      this.#keepRow(this.#shape, step, time)
      this.#keepLast()
    }
    this.#shape = noShape
  }

  #shapeOf(keys: string[]): Shape {
    const name = keys.join('\0')
    let shape = this.#shapes.get(name)
    if (!shape) {
      // Names that never come again must not fill the memory.
      if (this.#shapes.size >= 1_000) this.#shapes.clear()
      shape = this.#keeper.shapeOf(keys)
      this.#shapes.set(name, shape)
    }
    return shape
  }

  #sayEnded(calls = 0): void {
    this.#afterFinish += calls
    if (this.#hasSaidEnd || this.mode === 'disabled') return
    this.#hasSaidEnd = true
    this.#parts.warn(`the run ${this.project}/${this.name} has finished: nothing more is recorded in it`)
  }

  #keep(document: SpoolDocument): void {
    if (this.#hasEnded) return this.#sayEnded()
    this.#keeper.keepDocument(document)
    this.#sender?.wake()
  }
}
