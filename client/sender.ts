import { Backoff } from './backoff.ts'
import { type Batch, batchRowsMax, takeBatch } from './batch.ts'
import { documentRequest } from './document-request.ts'
import type { Source } from './keeper.ts'
import { createRun } from './run-creation.ts'
import type { RunDocument, SpoolDocument } from './spool-format.ts'
import { TrackerLine, wait } from './tracker-line.ts'
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
  /** What the process that wrote this would have said last: it is dead, and did not. */
  lastWord?: SpoolDocument
  /** What to do when the tracker lets nobody in; nothing is tried again then. */
  refusalAdvice?: string
  /** What the tracker called the run when it was last asked. */
  name?: string
  /** Its id there, where that is not the run's own. */
  id?: string
}

type MaybePromise<Value> = Value | Promise<Value>

/** The tracker does not have what it had acknowledged (it was restored, or the run deleted): begin anew. */
class OutOfSync extends Error {}

/** After the first unsent record it waits so long for more. */
const gatherMs = 250
const urgentRows = 1_000

/**
 * Sends what a source has, exactly once: which rows are stored is for the tracker to say, and it is asked whenever there is
 * a doubt. One request is under way at a time. Nothing here throws; what has no answer is tried again until `stop`.
 */
export class Sender extends TrackerLine {
  /** What the run is called at the tracker, once that is known. */
  name: string | undefined
  /** Its id there. */
  id: string
  /** What brings a document to the run of a path. */
  protected requestOf: (...document: Parameters<typeof documentRequest>) => MaybePromise<Request | undefined> =
    documentRequest
  /** Everything has arrived, and nothing will follow. */
  isDone = false
  /** Is sent after all that the source has: the end of a run for which there was no room in it. */
  lastWord: SpoolDocument | undefined
  hasSentLastWord = false
  #options: SenderOptions
  /** For answers that make no sense together, such as of a tracker that forgets. */
  #outOfSync = new Backoff()
  #sequence = 0
  #rowsMax = batchRowsMax
  #isBegun = false
  #isBatchUnderWay = false
  /** The page has been left. */
  #isAway = false
  #isNew: boolean | undefined
  #sendsRun: boolean
  /** What the client says of itself goes with the next batch, or with an empty one. */
  #isBeatDue = false
  #isLabelSent = false
  #working: Promise<void> | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #waiters = new Set<() => void>()

  constructor(options: SenderOptions) {
    super(options.transport, options.onWarning, options.refusalAdvice)
    this.#options = options
    this.#isNew = options.isNew
    this.#sendsRun = !options.isBegun
    this.name = options.name ?? options.run.name ?? undefined
    this.id = options.id ?? options.run.id
    this.lastWord = options.lastWord
  }

  get refusedRows(): number {
    return this.#options.source.refusedRows
  }

  get refusedReason(): string {
    return this.#options.source.refusedReason
  }

  /** Rows of this writer that are acknowledged, or never will be. */
  get rowsSent(): number {
    return this.#options.source.acknowledgedRow
  }

  /** There is something to send: soon, or now when `rowsWaiting` is many. Cheap enough for every call of `log`. */
  wake(rowsWaiting = 0): void {
    if (this.#working) return
    // They come one by one, so that this is the case once.
    if (rowsWaiting === urgentRows) this.#workIn(0)
    else if (this.#timer === undefined || this.#isBeatDue) this.#workIn(gatherMs)
  }

  /**
   * Sends without waiting for more. Resolves with true when everything up to the position `target` is acknowledged, with
   * false when that is not so after `limitMs`, which is waited for even if nothing else keeps the process alive.
   */
  flush(target: number, limitMs: number, _isLast?: boolean): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isSent: boolean) => {
        clearTimeout(limit)
        this.#waiters.delete(waiter)
        resolve(isSent)
      }
      const limit = setTimeout(end, limitMs, false)
      const waiter = () => {
        const isSent = this.isDone || this.#options.source.acknowledged >= target
        if (isSent || this.isStopped) end(isSent)
      }
      this.#waiters.add(waiter)
      waiter()
      this.hurry()
      this.#workIn(0)
    })
  }

  /** Sends until nothing is left, or `stop`: for who reads a spool that others have written. */
  async drain(): Promise<void> {
    this.#begin()
    await this.#working
    clearTimeout(this.#timer)
  }

  /** Sends no more, and lets go of the request under way. */
  override stop(): void {
    super.stop()
    clearTimeout(this.#timer)
    for (const waiter of this.#waiters) waiter()
  }

  /**
   * The page is being left: what one request carries of the rows, the documents and the run's end, without waiting for an
   * answer. A request that is under way is not cut short: rows that follow it have the next number.
   */
  sendLast(): void {
    const { source, writer } = this.#options
    if (!this.#isBegun || this.isDone) return
    const sequence = this.#sequence + (this.#isBatchUnderWay ? 1 : 0)
    const documents: SpoolDocument[] = []
    const rows: Pick<Source, 'peek' | 'pass'> = {
      peek() {
        for (let item = source.peek(); item?.document; item = source.peek()) {
          documents.push(item.document)
          source.pass()
        }
        return source.peek()
      },
      pass: () => source.pass(),
    }
    // A browser lets go with 64 KiB, of all requests together.
    const batch = takeBatch(rows, batchRowsMax, 30_000)
    if (batch) this.leave(this.#batchRequest(batch.text, undefined, sequence))
    if (!documents.some(({ type }) => type === 'finish')) {
      documents.push({ type: 'finish', exit_code: 0, time: Date.now(), reason: 'the page was left' })
    }
    for (const document of documents) {
      const request = document.type !== 'artifact' && documentRequest(document, this.#path, writer)
      if (request) this.leave(request)
    }
    source.rewind()
    // If the page comes back, the tracker says which of them it has; until then nothing is sent that would begin it anew.
    this.#isBegun = this.#isNew = false
    this.#isAway = true
    clearTimeout(this.#timer)
  }

  /** The page has come back: the run that was ended for it goes on. */
  goOn(): void {
    if (this.isDone || this.isStopped) return
    this.#options.run.resume = true
    this.#isAway = false
    this.#workIn(0)
  }

  #workIn(ms: number): void {
    if (this.#working || this.isStopped || this.#isAway) return
    clearTimeout(this.#timer)
    this.#isBeatDue = false
    this.#timer = wait(ms, () => this.#begin())
  }

  #begin(): void {
    if (this.#working) return
    clearTimeout(this.#timer)
    this.#working = this.#work()
      .catch((error) => {
        if (!this.isStopped) this.warn('bug', `BUG: ${error.stack}`)
        this.stop()
      })
      .then(() => {
        this.#timer = this.#working = undefined
        if (this.isStopped || this.isDone || this.#isAway) return
        if (this.#options.source.peek()) return this.#workIn(this.#waiters.size > 0 ? 0 : gatherMs)
        this.#isBeatDue = true
        this.#timer = wait(this.#options.heartbeatMs ?? 30_000, () => this.#begin())
      })
  }

  async #work(): Promise<void> {
    while (!this.isDone && !this.#isAway) {
      try {
        if (!this.#isBegun && (await this.#isOver())) return this.#acknowledge()
        if (!this.#isBegun) await this.#beginRun()
        if (this.#isBeatDue) await this.#sendClient()
        if (await this.#sendNext()) continue
        if (!this.lastWord) return
        await this.#sendDocument(this.lastWord)
        this.hasSentLastWord = true
      } catch (error) {
        if (!(error instanceof OutOfSync)) throw error
        this.#isBegun = this.#isNew = false
        await this.pause(this.#outOfSync.next())
      }
    }
  }

  get #path(): string {
    return `/projects/${this.#options.run.project}/runs/${this.name}`
  }

  /**
   * Whether only the last word of a dead process is left, and nobody needs it: its run was deleted, or has ended without.
   * A run that people have deleted must not come back for it.
   */
  async #isOver(): Promise<boolean> {
    const { source, writer } = this.#options
    if (!this.lastWord || this.#sendsRun || source.peek()) return false
    const { status, body } = await this.ask({ method: 'GET', path: `${this.#path}/writers?writer=${writer}` })
    const [known] = (body?.writers ?? []) as { finished_at: string | null }[]
    this.isDone = status === 404 || known === undefined || known.finished_at !== null
    return this.isDone
  }

  /** Makes the run known, and asks how far this writer is. */
  async #beginRun(): Promise<void> {
    const { source, writer } = this.#options
    const hadRun = !this.#sendsRun
    await this.#createRun()
    if (!this.#isNew) {
      const { body } = await this.ask({ method: 'GET', path: `${this.#path}/writers?writer=${writer}` })
      const known = (body?.writers as { next_sequence: number; rows: number }[] | undefined)?.[0]
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
    const { run, writer } = this.#options
    const made = await createRun(this, { ...run, id: this.id }, writer, this.name, this.#sendsRun)
    this.name = made.name
    this.id = made.id
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
    const { source, batchChars, onProgress } = this.#options
    const { text, rows } = takeBatch(source, this.#rowsMax, batchChars) as Batch
    const answer = await this.#sendBatch(text, this.#isLabelSent ? undefined : {})
    if (answer.status < 300) {
      this.#isLabelSent = true
      this.#rowsMax = Math.min(batchRowsMax, this.#rowsMax * 2)
      return this.#acknowledge()
    }
    // Smaller and smaller ones find the row at fault.
    source.rewind()
    this.#rowsMax = rows >> 1 || 1
    if (rows > 1) return
    this.tellRefused('row', answer)
    source.refuse(sentenceOf(answer))
    // Who goes on after us has to know before the next row is stored.
    onProgress?.(false)
  }

  #batchRequest(text: string, client?: object, sequence = this.#sequence): Request {
    const { writer, run } = this.#options
    const about = client && { label: run.label ?? undefined, client: { ...run.client, ...client } }
    const head = JSON.stringify({ writer, sequence, ...about })
    return { method: 'POST', path: `${this.#path}/metrics/batch`, body: `${head.slice(0, -1)},${text}}` }
  }

  /** Sends a batch under the next number. Answers what is no doubt: stored (2xx) or refused. @throws OutOfSync otherwise */
  async #sendBatch(text: string, client?: object, isEmpty?: boolean): Promise<Answer> {
    this.#isBatchUnderWay = true
    const answer = await this.#askRun(this.#batchRequest(text, client)).finally(() => {
      this.#isBatchUnderWay = false
    })
    // There were no rows in one that came twice.
    if (answer.body?.duplicate && !isEmpty) throw new OutOfSync()
    if (answer.status < 300) this.#sequence = answer.body?.next_sequence as number
    return answer
  }

  async #sendClient(client?: object): Promise<void> {
    await this.#sendBatch('"steps":[],"metrics":{}', { ...client, ...this.#options.stats?.(), ...this.stats }, true)
    this.#isBeatDue = false
  }

  async #sendDocument(document: SpoolDocument): Promise<void> {
    const { source, writer } = this.#options
    const { type } = document
    if (source.peek()?.document === document) source.pass()
    if (type === 'finish' && document.client) await this.#sendClient(document.client as object)
    let values = document.values as object | undefined
    // What follows at once is one request with it.
    for (let next = source.peek(); values && next?.document?.type === type; next = source.peek()) {
      values = { ...values, ...(next.document.values as object) }
      source.pass()
    }
    const request = await this.requestOf({ ...document, values }, this.#path, writer)
    const answer = request && (await this.#askRun(request))
    if (answer && answer.status >= 300) this.tellRefused(type, answer)
    this.isDone = type === 'finish'
    this.#acknowledge()
  }

  /** Asks something of the run as it is thought to be. @throws OutOfSync when it is not */
  async #askRun(request: Request): Promise<Answer> {
    const answer = await this.ask(request)
    // It was deleted, or somebody else sends the same writer.
    if (answer.status === 404 || answer.status === 409) throw new OutOfSync()
    return answer
  }

  #acknowledge(): void {
    const { source, onProgress } = this.#options
    this.#outOfSync.reset()
    source.acknowledge()
    onProgress?.(this.isDone)
    for (const waiter of this.#waiters) waiter()
  }
}
