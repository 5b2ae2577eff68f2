import { problem } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import { type Outcome, unwrap } from './messages.ts'

/** What has been committed, for whoever watches. */
export interface CommitObserver {
  committed(group: { deeds: number; bytes: number; commitMs: number }): void
}

interface Waiting<Deed> {
  deed: Deed
  bytes: number
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

/**
 * Group commit: while one group is being committed the next one gathers, so that a disk's one sync serves all that came
 * meanwhile. One group is under way at a time; sending each deed by itself was measured at a third of the requests a
 * second, as every message wakes a thread.
 */
export class CommitQueue<Deed> {
  #send: (deeds: Deed[]) => Promise<{ outcomes: Outcome[]; commitMs: number }>
  #observer: CommitObserver
  #waiting: Waiting<Deed>[] = []
  #bytes = 0
  #isSending = false
  #idle = Promise.withResolvers<void>()

  constructor(send: (deeds: Deed[]) => Promise<{ outcomes: Outcome[]; commitMs: number }>, observer: CommitObserver) {
    this.#send = send
    this.#observer = observer
  }

  /** Bytes that wait or are being committed. */
  get queuedBytes(): number {
    return this.#bytes
  }

  /** Resolves when the deed is on disk. `bytes` is about what it takes in memory. @throws tooBusy, and the deed's problem */
  submit(deed: Deed, bytes: number): Promise<unknown> {
    if (this.#bytes + bytes > limits.queuedBytesMax) return Promise.reject(problem('tooBusy'))
    this.#bytes += bytes
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#waiting.push({ deed, bytes, resolve, reject })
    if (!this.#isSending) {
      this.#isSending = true
      // Not at once: other requests that have arrived in this turn of the event loop join.
      setImmediate(() => this.#run())
    }
    return promise
  }

  /** Resolves when nothing waits. */
  async drained(): Promise<void> {
    if (this.#isSending) await this.#idle.promise
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup()
      const bytes = group.reduce((sum, waiting) => sum + waiting.bytes, 0)
      try {
        const { outcomes, commitMs } = await this.#send(group.map((waiting) => waiting.deed))
        this.#observer.committed({ deeds: group.length, bytes, commitMs })
        group.forEach((waiting, index) => {
          try {
            waiting.resolve(unwrap(outcomes[index]))
          } catch (error) {
            waiting.reject(error)
          }
        })
      } catch (error) {
        for (const waiting of group) waiting.reject(error)
      }
      this.#bytes -= bytes
    }
    this.#isSending = false
    this.#idle.resolve()
    this.#idle = Promise.withResolvers()
  }

  #takeGroup(): Waiting<Deed>[] {
    let bytes = 0
    let count = 0
    while (count < this.#waiting.length && count < limits.commitDeedsMax) {
      bytes += this.#waiting[count].bytes
      if (count > 0 && bytes > limits.commitBytesMax) break
      count++
    }
    return this.#waiting.splice(0, count)
  }
}
