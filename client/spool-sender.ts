import { join } from 'node:path'
import { documentRequest } from './document-request.ts'
import { isHeld, releaseLock, takeLock } from './file-lock.ts'
import { OlderDocuments } from './older-documents.ts'
import { Sender, type SenderOptions } from './sender.ts'
import { readSent, writeSent } from './spool-folder.ts'
import { damagedReason, lockName, type Refused, type RunDocument, type SpoolDocument } from './spool-format.ts'
import { SpoolReader } from './spool-reader.ts'
import type { Transport } from './transport.ts'

export interface SpoolSenderOptions
  extends Pick<SenderOptions, 'isNew' | 'stats' | 'onWarning' | 'heartbeatMs' | 'batchChars' | 'lastWord'> {
  folder: string
  transport: Transport
  /** The address, for sent.json. */
  server: string
  /** As the spool begins; it is read when it is not given. */
  run?: RunDocument
  /**
   * Who has resumed the run since. The tracker may have heard of the run from that one first: both are one run, and how it
   * ends is for that one to say.
   */
  continuation?: Continuation
}

/** The run and the writer of another process that has resumed a run. */
export interface Continuation {
  id: string
  origin: string
}

/** Progress is written down at most so often: it only spares work. */
const progressMs = 1_000
const watchMs = 100

/** A tracker that has never answered will hardly come while a run finishes: it is waited for so long. */
const unheardMs = 3_000

/** What is spooled is safe, so that there is no use in waiting for nobody. */
class SpooledSender extends Sender {
  #older: OlderDocuments | undefined

  /** `older`: somebody has resumed the run since. */
  constructor(older: OlderDocuments | undefined, options: SenderOptions) {
    super(options)
    this.#older = older
  }

  protected override requestOf = async (document: SpoolDocument, path: string, writer: string) => {
    if (!this.#older) return documentRequest(document, path, writer)
    const { body } = await this.ask({ method: 'GET', path })
    const missing = this.#older.missing(document, body)
    return missing && documentRequest(missing, path, writer)
  }

  override async flush(target: number, limitMs: number, isLast = false): Promise<boolean> {
    if (!isLast || limitMs <= unheardMs) return super.flush(target, limitMs)
    const isSent = await super.flush(target, unheardMs)
    return isSent || !this.isHeard ? isSent : super.flush(target, limitMs - unheardMs)
  }
}

/** Somebody else sends this spool. */
export class SpoolHeld extends Error {
  override name = 'SpoolHeld'
}

/** A sender that reads a writer's folder, holds its lock and keeps its sent.json. */
export class SpoolSender {
  readonly sender: Sender
  readonly reader: SpoolReader
  readonly run: RunDocument & { id: string }
  /** Nothing will ever be added to what is acknowledged. */
  isComplete = false
  #folder: string
  #server: string
  #writtenMs = 0
  #refused = 0
  #damaged = 0
  #isClosed = false

  /** @throws SpoolHeld, SpoolDamaged, or what the file system says */
  constructor({ folder, transport, server, run, continuation, ...options }: SpoolSenderOptions) {
    this.#folder = folder
    this.#server = server
    const lock = join(folder, lockName)
    if (!takeLock(lock)) {
      if (isHeld(lock)) throw new SpoolHeld(`${folder} is being sent by another process`)
      throw new Error(`${lock} cannot be written`)
    }
    let reader: SpoolReader | undefined
    try {
      const sent = readSent(folder)
      // What another tracker has says nothing of this one.
      const isSame = sent.server === null || sent.server === server
      reader = isSame
        ? new SpoolReader(folder, { ...sent, row: sent.rows }, [...sent.refused])
        : new SpoolReader(folder)
      const first = run ?? reader.readRun()
      if (!first?.project) throw new Error(`${folder} does not say whose it is`)
      this.reader = reader
      const older = continuation && new OlderDocuments()
      this.run = { ...first, id: first.id ?? reader.writer, ...(older && { ...continuation, config: undefined }) }
      this.sender = new SpooledSender(older, {
        ...options,
        source: reader,
        transport,
        writer: reader.writer,
        run: this.run,
        name: isSame ? sent.run : undefined,
        id: isSame ? sent.id : undefined,
        isBegun: isSame && (sent.segment > 0 || sent.offset > 64),
        onProgress: (isDone) => this.#keepProgress(isDone),
      })
      this.#refused = reader.refused.length
      this.#damaged = damagedOf(reader.refused)
    } catch (error) {
      reader?.close()
      releaseLock(lock)
      throw error
    }
  }

  /**
   * Sends what there is, and gives up when there was no answer for `patienceMs`. Keeps the process alive meanwhile.
   * @returns whether everything that was there is acknowledged
   */
  async drain(patienceMs: number): Promise<boolean> {
    let troubleMs = 0
    const watch = setInterval(() => {
      troubleMs = this.sender.trouble === undefined ? 0 : troubleMs + watchMs
      if (troubleMs > patienceMs) this.sender.stop()
    }, watchMs)
    await this.sender.drain()
    clearInterval(watch)
    return this.sender.isDone || !this.sender.isStopped
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.sender.stop()
    this.#write(this.isComplete || this.sender.isDone)
    this.reader.close()
    releaseLock(join(this.#folder, lockName))
  }

  #keepProgress(isDone: boolean): void {
    const now = performance.now()
    const { refused } = this.reader
    const damaged = damagedOf(refused)
    const hasRefused = this.#refused !== refused.length || damaged > this.#damaged
    if (damaged > this.#damaged) {
      this.sender.stats.refused += damaged - this.#damaged
      this.sender.warn('damage', `a part of ${this.#folder} was damaged on the disk, and is left out`)
    }
    this.#refused = refused.length
    this.#damaged = damaged
    if (isDone || hasRefused || now - this.#writtenMs >= progressMs) this.#write(isDone)
  }

  #write(done: boolean): void {
    this.#writtenMs = performance.now()
    const { segment, offset, row } = this.reader.acknowledgedPlace
    const before = readSent(this.#folder)
    const { refused, lost } = this.reader
    const { name, id } = this.sender
    const place = { segment, offset, rows: row, refused, lost: Math.max(lost, before.lost), done }
    writeSent(this.#folder, { ...before, ...place, server: this.#server, run: name, ...(id !== this.run.id && { id }) })
  }
}

/** How many rows and documents could not be read. */
const damagedOf = (refused: readonly Refused[]): number =>
  refused.reduce((sum, { count, reason }) => sum + (reason === damagedReason ? count || 1 : 0), 0)
