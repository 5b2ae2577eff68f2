import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { must } from '@aspara/tracker/testing/ask.ts'
import type { TrackerProcess } from '@aspara/tracker/testing/tracker-process.ts'

/**
 * Asks for `/health` over and over, and measures how long the thread that serves requests had worked when the answer came:
 * by its processor time, which is the same on a machine that is busy with other tests.
 */
export class StallWatch {
  #tracker: TrackerProcess
  #isEnded = false
  #loop: Promise<void>
  worstMs = 0

  constructor(tracker: TrackerProcess) {
    this.#tracker = tracker
    this.#loop = this.#watch()
  }

  async #watch(): Promise<void> {
    while (!this.#isEnded) {
      const before = this.#workedMs()
      await must('GET', `${this.#tracker.api}/health`)
      this.worstMs = Math.max(this.worstMs, this.#workedMs() - before)
      await delay(2)
    }
  }

  /** What the main thread has had of a processor, from https://docs.kernel.org/scheduler/sched-stats.html */
  #workedMs(): number {
    const { pid } = this.#tracker.child
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6
  }

  /** The longest of all stalls, in milliseconds. */
  async end(): Promise<number> {
    this.#isEnded = true
    await this.#loop
    return this.worstMs
  }
}

/** The most memory that a process has had so far, in MiB. */
export function mostMemoryMiB({ child }: TrackerProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024
}
