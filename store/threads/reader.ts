import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { EngineAddress } from '../engines/engine.ts'
import type { ExportRequest } from '../series/export.ts'
import { firstAnswer } from './first-answer.ts'
import { unwrap } from './messages.ts'
import type { QuestionName, Questions, ReaderAnswer, ReaderMessage } from './reader-thread.ts'
import { threadFile } from './thread-file.ts'

/**
 * Lines of an export are garbage as soon as they have left. Left to itself V8 lets 100 MiB of it gather before it looks;
 * exports are as fast with this bound (a million points in 1.0 s either way), and slower below 8.
 */
const youngGenerationMiB = 16

/** The reader thread, seen from the one that serves requests. */
export class Reader {
  #worker: Worker
  #asked = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>()
  #questionsSoFar = 0

  private constructor(worker: Worker) {
    this.#worker = worker
  }

  static async open(address: EngineAddress, onDeath: (error: Error) => void): Promise<Reader> {
    const worker = new Worker(threadFile('reader-thread'), {
      workerData: address,
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMiB },
    })
    await firstAnswer(worker)
    const reader = new Reader(worker)
    worker.on('message', (answer: ReaderAnswer) => reader.#hear(answer))
    worker.on('error', (error) => {
      for (const { reject } of reader.#asked.values()) reject(error)
      onDeath(error as Error)
    })
    return reader
  }

  ask<Name extends QuestionName>(
    name: Name,
    argument: Parameters<Questions[Name]>[0],
  ): Promise<Awaited<ReturnType<Questions[Name]>>> {
    const number = this.#questionsSoFar++
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#asked.set(number, { resolve, reject })
    this.#worker.postMessage({ number, name, argument } satisfies ReaderMessage)
    return promise as Promise<Awaited<ReturnType<Questions[Name]>>>
  }

  /** Every point of runs as pieces of a file; the next is made when it is asked for. @throws runNotFound */
  async *exportPoints(request: ExportRequest): AsyncGenerator<Uint8Array> {
    const started = await this.ask('startExport', request)
    try {
      for (;;) {
        const piece = await this.ask('continueExport', started)
        if (piece === null) return
        yield piece
      }
    } finally {
      await this.ask('stopExport', started)
    }
  }

  async close(): Promise<void> {
    const exited = once(this.#worker, 'exit')
    this.#worker.postMessage({ close: true } satisfies ReaderMessage)
    await exited
  }

  #hear(answer: ReaderAnswer): void {
    if (!('number' in answer)) return
    const asked = this.#asked.get(answer.number)
    this.#asked.delete(answer.number)
    try {
      asked?.resolve(unwrap(answer.outcome))
    } catch (error) {
      asked?.reject(error)
    }
  }
}
