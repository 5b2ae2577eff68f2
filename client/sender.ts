import { Backoff } from './backoff.ts'
import { type Batch, batchRowsMax, takeBatch } from './batch.ts'
import { documentRequest } from './document-request.ts'
import type { Source } from './keeper.ts'
import { createRun } from './run-creation.ts'
import type { RunDocument, SpoolDocument } from './spool-format.ts'
import { Stopped, TrackerLine, wait } from './tracker-line.ts'
import { type Answer, type Request, sentenceOf, type Transport } from './transport.ts'

/** Whose rows these are, and what the world is told of them. */
export interface SenderOptions {
  source: Source
  transport: Transport
  /** The UUID under which batches are sent. */
  writer: string
  run: RunDocument & { id: string }
  /** Nothing of this writer has been sent before: there is no need to ask how far it is. */
  isNew?: boolean
  /** The run as it was begun has been acknowledged: it is not sent again, as newer words may have replaced it. */
  isBegun?: boolean
  /** What goes with heartbeats and the last batch. */
  stats?: () => Record<string, unknown>
  /** Something has been acknowledged, or refused; when `isDone`, everything for ever. */
  onProgress?: (isDone: boolean) => void
  /** Sentences for a person; each kind is said once. */
  onWarning?: (sentence: string) => void
  /** About so many characters of JSON a batch: making one holds up the event loop for some 10 ms a million. */
  batchChars?: number
  /** After so long without anything else a sign of life is sent. */
  heartbeatMs?: number
}

/** The tracker is not where we thought it is (it was restored, or the run deleted): begin anew. */
class Astray extends Error {}

/** After the first unsent record it waits so long for more. */
const gatherMs = 250
const urgentRows = 1_000
const unheardMs = 3_000

/**
 * Sends what a source has, exactly once: which rows are stored is for the tracker to say, and it is asked whenever there is
 * a doubt. One request is under way at a time. Nothing here throws; what has no answer is tried again until `stop`.
 */
export class Sender {
  /** What the run is called at the tracker, once that is known. */
  name: string | undefined
  #options: SenderOptions
  #line: TrackerLine
  /** For answers that make no sense together, such as of a tracker that forgets. */
  #astray = new Backoff()
  #sequence = 0
  #rowsMax = batchRowsMax
  #isBegun = false
  #isNew: boolean
  #sendsRun: boolean
  #isLabelSent = false
  #isDone = false
  #working: Promise<void> | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #isUrgent = false
  #heartbeat: ReturnType<typeof setTimeout> | undefined
  #waiters: { target: number; resolve: (isSent: boolean) => void }[] = []

  constructor(options: SenderOptions) {
    this.#options = options
    this.#line = new TrackerLine(options.transport, options.onWarning)
    this.#isNew = options.isNew ?? false
    this.#sendsRun = !options.isBegun
    this.name = options.run.name ?? undefined
  }

  /** What sending has cost so far. */
  get stats(): Readonly<TrackerLine['stats']> {
    return this.#line.stats
  }

  /** Whether a tracker has ever answered. */
  get isHeard(): boolean {
    return this.#line.isHeard
  }

  /** Why what is being sent has to wait; undefined when it does not. */
  get trouble(): string | undefined {
    return this.#line.trouble
  }

  get isDone(): boolean {
    return this.#isDone
  }

  /** Rows of this writer that are acknowledged, or never will be. */
  get rowsSent(): number {
    return this.#options.source.acknowledgedRow
  }

  /** There is something to send: soon, or now when `rowsWaiting` is many. Cheap enough for every call of `log`. */
  wake(rowsWaiting = 0): void {
    if (this.#working || this.#line.isStopped) return
    if (rowsWaiting >= urgentRows && !this.#isUrgent) this.#workIn(0)
    else if (this.#timer === undefined) this.#workIn(gatherMs)
  }

  /**
   * Sends without waiting for more. Resolves with true when everything up to the position `target` is acknowledged, with
   * false when that is not so after `limitMs`, which is waited for even if nothing else keeps the process alive. A tracker
   * that has never answered is given up sooner: it will hardly come now.
   */
  flush(target: number, limitMs: number): Promise<boolean> {
    if (this.#options.source.acknowledged >= target || this.#isDone) return Promise.resolve(true)
    if (this.#line.isStopped) return Promise.resolve(false)
    return new Promise((resolve) => {
      const timer = setTimeout(() => waiter.resolve(false), limitMs)
      const early = setTimeout(() => {
        if (!this.isHeard && this.trouble !== undefined) waiter.resolve(false)
      }, unheardMs)
      const waiter = {
        target,
        resolve: (isSent: boolean) => {
          clearTimeout(timer)
          clearTimeout(early)
          this.#waiters = this.#waiters.filter((other) => other !== waiter)
          resolve(isSent)
        },
      }
      this.#waiters.push(waiter)
      this.#line.hurry()
      if (!this.#working) this.#workIn(0)
    })
  }

  /**
   * Sends until nothing is left, for who reads a spool that others have written; gives up when there was no answer for
   * `patienceMs`. Keeps the process alive meanwhile.
   * @returns whether everything that was there is acknowledged
   */
  async drain(patienceMs: number): Promise<boolean> {
    const watch = setInterval(() => {
      if (this.trouble !== undefined && performance.now() - this.#line.troubleSince > patienceMs) this.stop()
    }, 100)
    try {
      if (!this.#working) this.#begin()
      await this.#working
    } finally {
      clearInterval(watch)
      clearTimeout(this.#heartbeat)
    }
    return !this.#line.isStopped
  }

  /** Sends no more, and lets go of the request under way. */
  stop(): void {
    this.#line.stop()
    clearTimeout(this.#timer)
    clearTimeout(this.#heartbeat)
    for (const waiter of this.#waiters) waiter.resolve(false)
  }

  /** The page is being left: one last batch, without waiting for an answer. */
  sendLast(): void {
    const { source, writer } = this.#options
    if (!this.#isBegun || this.#working || this.#line.isStopped) return
    // A browser lets go with 64 KiB.
    const batch = takeBatch(source, 500)
    if (batch) {
      const body = `{"writer":"${writer}","sequence":${this.#sequence},${batch.text}}`
      this.#line.sendLast({ method: 'POST', path: `${this.#path}/metrics/batch`, body })
    }
    // If the page stays after all, the tracker says which of them it has.
    source.rewind()
    this.#isBegun = false
    this.#isNew = false
  }

  #workIn(ms: number): void {
    clearTimeout(this.#timer)
    this.#isUrgent = ms === 0
    this.#timer = wait(ms, () => {
      this.#timer = undefined
      this.#isUrgent = false
      if (!this.#working) this.#begin()
    })
  }

  #begin(work = () => this.#work()): void {
    clearTimeout(this.#heartbeat)
    this.#working = work().then(
      () => {
        this.#working = undefined
        if (this.#line.isStopped || this.#isDone) return
        if (this.#options.source.peek()) this.#workIn(this.#waiters.length > 0 ? 0 : gatherMs)
        else this.#heartbeat = wait(this.#options.heartbeatMs ?? 30_000, () => this.#beat())
      },
      (error) => {
        this.#working = undefined
        if (!(error instanceof Stopped)) this.#line.warn('bug', `BUG: sending has ended: ${(error as Error).stack}`)
        this.stop()
      },
    )
  }

  async #work(): Promise<void> {
    while (!this.#isDone) {
      try {
        if (!this.#isBegun) await this.#beginRun()
        if (!(await this.#sendNext())) return
      } catch (error) {
        if (!(error instanceof Astray)) throw error
        this.#isBegun = false
        await this.#line.pause(this.#astray.next())
      }
    }
  }

  get #path(): string {
    return `/projects/${this.#options.run.project}/runs/${this.name}`
  }

  /** Makes the run known, and asks how far this writer is. */
  async #beginRun(): Promise<void> {
    const { source, writer } = this.#options
    const isNew = this.#isNew
    const hadRun = !this.#sendsRun
    await this.#createRun()
    this.#isNew = false
    if (!isNew) {
      const answer = await this.#line.ask({ method: 'GET', path: `${this.#path}/writers?writer=${writer}` })
      const known = (answer.body?.writers as { next_sequence: number; rows: number }[] | undefined)?.[0]
      this.#sequence = known?.next_sequence ?? 0
      // It was restored from an older copy, or the run was deleted: all that is still here is sent again.
      if (source.seek(known?.rows) && hadRun) {
        this.#sendsRun = true
        await this.#createRun()
      }
    }
    this.#isBegun = true
  }

  async #createRun(): Promise<void> {
    this.name = await createRun(this.#line, this.#options.run, this.name, this.#sendsRun)
    this.#sendsRun = false
  }

  /** @returns false when there is nothing to send now */
  async #sendNext(): Promise<boolean> {
    const item = this.#options.source.peek()
    if (item?.document) await this.#sendDocument(item.document)
    else if (item) await this.#sendRows()
    // Frames that carry nothing to send, or rows that are stored already.
    else this.#acknowledge()
    return item !== undefined
  }

  async #sendRows(): Promise<void> {
    const { source, batchChars } = this.#options
    const batch = takeBatch(source, this.#rowsMax, batchChars) as Batch
    const answer = await this.#sendBatch(batch.text, this.#isLabelSent ? undefined : {})
    if (answer.status < 300) {
      this.#isLabelSent = true
      this.#rowsMax = Math.min(batchRowsMax, this.#rowsMax * 2)
      return this.#acknowledge()
    }
    if (answer.status === 404) throw new Astray()
    // Smaller and smaller ones find the row at fault.
    source.rewind()
    this.#rowsMax = batch.rows >> 1 || 1
    if (batch.rows > 1) return
    const reason = sentenceOf(answer)
    this.#line.warn('row', `the tracker refused a row, which is left out: ${reason}`)
    this.#line.stats.refused++
    source.refuse(reason)
    // Who goes on after us has to know before the next row is stored.
    this.#options.onProgress?.(false)
  }

  /** Sends a batch under the next number. Answers what is no doubt: stored (2xx) or refused. @throws Astray otherwise */
  async #sendBatch(text: string, client: Record<string, unknown> | undefined): Promise<Answer> {
    const { writer, run } = this.#options
    const about = client
      ? `${run.label ? `"label":${JSON.stringify(run.label)},` : ''}"client":${JSON.stringify({ ...run.client, ...client })},`
      : ''
    const body = `{"writer":"${writer}","sequence":${this.#sequence},${about}${text}}`
    const answer = await this.#line.ask({ method: 'POST', path: `${this.#path}/metrics/batch`, body })
    // Somebody else sends the same writer, or ours came twice: the tracker says how far it is.
    if (answer.status === 409 || answer.body?.duplicate) throw new Astray()
    if (answer.status < 300) this.#sequence = Number(answer.body?.next_sequence ?? this.#sequence + 1)
    return answer
  }

  async #sendDocument(document: SpoolDocument): Promise<void> {
    const { source, writer } = this.#options
    source.pass()
    if (document.type === 'finish') {
      const client = { ...(document.client as object), ...this.#options.stats?.(), ...this.stats }
      await this.#sendBatch('"steps":[],"metrics":{}', client)
    }
    let values = document.values as object | undefined
    if (values) {
      // What follows at once is one request with it.
      for (let next = source.peek(); next?.document?.type === document.type; next = source.peek()) {
        values = { ...values, ...(next.document.values as object) }
        source.pass()
      }
    }
    const request = documentRequest({ ...document, ...(values ? { values } : {}) }, this.#path, writer)
    if (request) await this.#post(document.type, request)
    this.#isDone = document.type === 'finish'
    this.#acknowledge()
  }

  /** What is refused for ever is counted and left out. */
  async #post(what: string, request: Request): Promise<void> {
    const answer = await this.#line.ask(request)
    if (answer.status < 300) return
    if (answer.status === 404) throw new Astray()
    this.#line.stats.refused++
    this.#line.warn(what, `the tracker refused ${what}, which is left out: ${sentenceOf(answer)}`)
  }

  #acknowledge(): void {
    const { source, onProgress } = this.#options
    this.#astray.reset()
    source.acknowledge()
    onProgress?.(this.#isDone)
    for (const waiter of this.#waiters) {
      if (source.acknowledged >= waiter.target || this.#isDone) waiter.resolve(true)
    }
  }

  /** A sign of life, with what sending has cost so far. */
  #beat(): void {
    if (this.#working || this.#line.isStopped || this.#isDone) return
    this.#begin(async () => {
      try {
        if (!this.#isBegun) await this.#beginRun()
        await this.#sendBatch('"steps":[],"metrics":{}', { ...this.#options.stats?.(), ...this.stats })
      } catch (error) {
        if (!(error instanceof Astray)) throw error
        this.#isBegun = false
      }
    })
  }
}
