import { once } from 'node:events'
import { type MessagePort, Worker } from 'node:worker_threads'
import type { EngineAddress } from '../engines/engine.ts'
import type { CompactorData } from './compactor-thread.ts'
import { threadFile } from './thread-file.ts'

/** The compactor thread, seen from the one that serves requests: it only starts and ends it. */
export class Compactor {
  #worker: Worker

  private constructor(worker: Worker) {
    this.#worker = worker
  }

  /** `port`: to the writer thread. */
  static async open(address: EngineAddress, port: MessagePort, onDeath: (error: Error) => void): Promise<Compactor> {
    const workerData: CompactorData = { address, port }
    const worker = new Worker(threadFile('compactor-thread'), { workerData, transferList: [port] })
    await once(worker, 'message')
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
