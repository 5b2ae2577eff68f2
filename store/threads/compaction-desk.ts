import type { MessagePort } from 'node:worker_threads'
import type { Database, Engine } from '../engines/engine.ts'
import { applyChanges, type SeriesChanges } from '../series/changes.ts'
import type { RunId } from '../tables.ts'
import type { FromCompactor, ToCompactor } from './compactor-thread.ts'

/** A run with so much in the journal is compacted soon: a chart reads the journal's points one by one. */
export const duePoints = 32_768
const dueEntries = 512
/** Past these not even the newest stay, for the streams: 6 MB and 48 MB of journal. */
export const urgentPoints = 262_144
const urgentEntries = 8_192
/** All runs together. What comes then waits for compaction: the journal must not grow without end. */
export const pointsMax = 2_000_000
/** It waits no longer than this for one turn: compaction may have nothing to do of what is counted here. */
const turnMs = 100

export interface Journaled {
  run: RunId
  entries: number
  points: number
}

/** The writer thread's side of compaction: says what is due, and writes what comes of it. */
export class CompactionDesk {
  #port: MessagePort
  /** About what each run has in the journal: nothing is known of what was there when the tracker began. */
  #journaled = new Map<RunId, Journaled>()
  /** The sum over all of them. */
  #points = 0
  /** Runs that the compactor has set aside: what they have in the journal stays there, however long anybody waits. */
  #setAside = new Set<RunId>()
  #writtenAt = 0
  #writeMs = 0
  /** Since the last changes. */
  #hasCommitted = false
  #changes: SeriesChanges | undefined
  #onWord: () => void
  /** The compactor has found nothing to do for a while. */
  isResting = false

  /** `onWord`: there is something to write, or rest. */
  constructor(port: MessagePort, onWord: () => void) {
    this.#port = port
    this.#onWord = onWord
    port.on('message', (message: FromCompactor) => {
      if ('changes' in message) this.#changes = message.changes
      else if ('setAside' in message) {
        this.#setAside.add(message.setAside)
        this.forget(message.setAside)
      } else {
        this.isResting = true
        this.#journaled.clear()
        this.#points = 0
      }
      this.#onWord()
    })
  }

  /** The journal is too long to take more before some of it is compacted. */
  get isSwamped(): boolean {
    return this.#points > pointsMax
  }

  /** How long acknowledgements go first, when there are any: as long as the last changes took. */
  get restMs(): number {
    return this.#hasCommitted && !this.isSwamped ? this.#writtenAt + this.#writeMs - performance.now() : 0
  }

  get hasChanges(): boolean {
    return this.#changes !== undefined
  }

  /** Takes note of what a group has put into the journal, when it is on disk. */
  noteCommit(journaled: Journaled[]): void {
    this.#hasCommitted = true
    const due: { run: RunId; isUrgent: boolean }[] = []
    for (const { run, entries, points } of journaled) {
      if (this.#setAside.has(run)) continue
      const before = this.#journaled.get(run) ?? { run, entries: 0, points: 0 }
      const sum = { run, entries: before.entries + entries, points: before.points + points }
      this.#journaled.set(run, sum)
      this.#points += points
      if (isDue(sum) && (!isDue(before) || (isUrgent(sum) && !isUrgent(before))))
        due.push({ run, isUrgent: isUrgent(sum) })
    }
    if (due.length > 0) this.#tell({ due })
  }

  /** The run is over: what it has in the journal will not become more. */
  noteFinished(run: RunId): void {
    if (this.#journaled.has(run)) this.#tell({ due: [{ run, isUrgent: false }] })
  }

  /** What the run has in the journal is not to be compacted: it has been deleted, or can't be. */
  forget(run: RunId): void {
    this.#points -= this.#journaled.get(run)?.points ?? 0
    this.#journaled.delete(run)
  }

  /** While the journal is too long, resolves when there is something to write. */
  async letCatchUp(): Promise<void> {
    if (!this.isSwamped || this.hasChanges) return
    const onWord = this.#onWord
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, turnMs)
    this.#onWord = resolve
    await promise
    clearTimeout(timer)
    this.#onWord = onWord
  }

  /**
   * Writes the changes that wait, in a transaction of their own.
   * @throws what the engine throws; the journal is as it was, and is compacted some other time
   */
  async write(db: Database, engine: Engine): Promise<void> {
    const changes = this.#changes
    if (!changes) return
    this.#changes = undefined
    const started = performance.now()
    let applied = false
    let fault: string | undefined
    try {
      applied = await db.transaction().execute((trx) => applyChanges(trx, changes))
      if (changes.journal) this.#noteCompacted(changes.run, changes.journal)
    } catch (error) {
      fault = engine.diskFaultOf(error)
      throw error
    } finally {
      this.#writtenAt = performance.now()
      this.#writeMs = this.#writtenAt - started
      this.#hasCommitted = false
      this.#tell({ applied, fault })
    }
  }

  close(): void {
    this.#port.close()
  }

  #noteCompacted(run: RunId, { from, before, points }: { from: number; before: number; points: number }): void {
    const sum = this.#journaled.get(run)
    if (!sum) return
    const left = { run, entries: sum.entries - (before - from), points: sum.points - points }
    if (left.entries <= 0 || left.points <= 0) return this.forget(run)
    this.#journaled.set(run, left)
    this.#points -= points
    if (isDue(left)) this.#tell({ due: [{ run, isUrgent: isUrgent(left) }] })
  }

  #tell(message: ToCompactor): void {
    this.#port.postMessage(message)
  }
}

const isDue = ({ entries, points }: Journaled) => points >= duePoints || entries >= dueEntries
const isUrgent = ({ entries, points }: Journaled) => points >= urgentPoints || entries >= urgentEntries
