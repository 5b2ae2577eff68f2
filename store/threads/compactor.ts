import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { CompactorData } from './compactor-thread.ts'
import { firstAnswer } from './first-answer.ts'
import { threadFile } from './thread-file.ts'

/** The compactor thread, seen from the one that serves requests: it only starts and ends it. */
export class Compactor {
  #worker: Worker

  private constructor(worker: Worker) {
    this.#worker = worker
  }

  static async open(data: CompactorData, onDeath: (error: Error) => void): Promise<Compactor> {
    const worker = new Worker(threadFile('compactor-thread'), { workerData: data, transferList: [data.port] })
    await firstAnswer(worker)
    worker.on('error', (error) => onDeath(error as Error))
    return new Compactor(worker)
  }

  /** Lets the changes under way be written; the writer has to be there for them. */
  async close(): Promise<void> {
    const exited = once(this.#worker, 'exit')
    this.#worker.postMessage({ close: true })
    await exited
  }
}
