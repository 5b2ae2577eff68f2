import type { MessagePort } from 'node:worker_threads'
import type { Database } from '../engines/engine.ts'
import { applyChanges, type SeriesChanges } from '../series/changes.ts'
import type { RunId } from '../tables.ts'
import type { FromCompactor, ToCompactor } from './compactor-thread.ts'

/** A run with so much in the journal is compacted at once: a chart reads the journal's points one by one. */
const duePoints = 32_768
const dueEntries = 512

/** The writer thread's side of compaction: says what is due, and writes what comes of it. */
export class CompactionDesk {
  #port: MessagePort
  #journaled = new Map<RunId, { entries: number; points: number }>()
  #changes: SeriesChanges | undefined
  /** The compactor has found nothing to do for a while. */
  isResting = false

  /** `onWord`: there is something to write, or rest. */
  constructor(port: MessagePort, onWord: () => void) {
    this.#port = port
    port.on('message', (message: FromCompactor) => {
      if ('changes' in message) this.#changes = message.changes
      else this.isResting = true
      onWord()
    })
  }

  get hasChanges(): boolean {
    return this.#changes !== undefined
  }

  /** Takes note of what a group put into the journal. */
  note(journaled: { run: RunId; entries: number; points: number }[]): void {
    const due: RunId[] = []
    for (const { run, entries, points } of journaled) {
      const sum = this.#journaled.get(run) ?? { entries: 0, points: 0 }
      sum.entries += entries
      sum.points += points
      if (sum.points >= duePoints || sum.entries >= dueEntries) {
        due.push(run)
        this.#journaled.delete(run)
      } else this.#journaled.set(run, sum)
    }
    if (due.length > 0) this.#tell({ due })
  }

  /** The run is over: what it has in the journal will not become more. */
  noteFinished(run: RunId): void {
    if (this.#journaled.delete(run)) this.#tell({ due: [run] })
  }

  /**
   * Writes the changes that wait, in a transaction of their own.
   * @throws what the engine throws; the journal is as it was, and is compacted some other time
   */
  async write(db: Database): Promise<void> {
    const changes = this.#changes
    if (!changes) return
    this.#changes = undefined
    let applied = false
    try {
      applied = await db.transaction().execute((trx) => applyChanges(trx, changes))
      if (changes.journal) this.#journaled.delete(changes.run)
    } finally {
      this.#tell({ applied })
    }
  }

  close(): void {
    this.#port.close()
  }

  #tell(message: ToCompactor): void {
    this.#port.postMessage(message)
  }
}
