import { once } from 'node:events'
import { type MessagePort, Worker } from 'node:worker_threads'
import { type EngineAddress, StoreUnavailable } from '../engines/engine.ts'
import type { Append, BatchReceipt } from '../journal/appends.ts'
import { isBatch } from '../journal/appends.ts'
import { type CommitObserver, CommitQueue } from './commit-queue.ts'
import type { Deed, DeedName, Deeds } from './deeds.ts'
import { firstAnswer } from './first-answer.ts'
import { packGroup } from './group-message.ts'
import type { Outcome } from './messages.ts'
import { threadFile } from './thread-file.ts'
import type { WriterAnswer, WriterData, WriterMessage } from './writer-thread.ts'

/** What a deed other than an append takes in memory, about: it's a config at the most, and those are limited. */
const deedBytes = 4_096

/** The writer thread, seen from the one that serves requests. */
export class Writer {
  #worker: Worker
  #queue: CommitQueue<Deed>
  #answer: ((answer: { outcomes: Outcome[]; commitMs: number }) => void) | undefined
  #fail: ((error: Error) => void) | undefined
  /** Called when a group is on disk; what it gives are the projects of the group. */
  onCommit: (projects: () => Set<string>) => void = () => {}

  private constructor(worker: Worker, observer: CommitObserver) {
    this.#worker = worker
    this.#queue = new CommitQueue(async (deeds) => {
      const answer = await this.#commit(deeds)
      this.onCommit(() => projectsOf(deeds))
      return answer
    }, observer)
  }

  /** Starts the thread, which makes this process the owner of the store. @throws StoreUnavailable */
  static async open(
    address: EngineAddress,
    toCompactor: MessagePort,
    observer: CommitObserver,
    onDeath: (error: Error) => void,
  ): Promise<Writer> {
    const worker = new Worker(threadFile('writer-thread'), {
      workerData: { address, port: toCompactor } satisfies WriterData,
      transferList: [toCompactor],
    })
    const answer = await firstAnswer(worker)
    if ('unavailable' in answer) throw new StoreUnavailable(answer.unavailable)
    const writer = new Writer(worker, observer)
    worker.on('message', (message: WriterAnswer) => {
      if ('outcomes' in message) writer.#answer?.(message)
    })
    worker.on('error', (error) => {
      writer.#fail?.(error as Error)
      onDeath(error as Error)
    })
    return writer
  }

  get queuedBytes(): number {
    return this.#queue.queuedBytes
  }

  append(append: Append): Promise<BatchReceipt | undefined> {
    return this.#queue.submit({ name: 'append', argument: append }, sizeOf(append)) as Promise<BatchReceipt | undefined>
  }

  do<Name extends Exclude<DeedName, 'append'>>(
    name: Name,
    argument: Parameters<Deeds[Name]>[1],
  ): Promise<Awaited<ReturnType<Deeds[Name]>>> {
    return this.#queue.submit({ name, argument }, deedBytes) as Promise<Awaited<ReturnType<Deeds[Name]>>>
  }

  /** Commits what waits, then ends the thread and the ownership. */
  async close(): Promise<void> {
    await this.#queue.drained()
    const exited = once(this.#worker, 'exit')
    this.#worker.postMessage({ close: true } satisfies WriterMessage)
    await exited
  }

  #commit(deeds: Deed[]): Promise<{ outcomes: Outcome[]; commitMs: number }> {
    const { promise, resolve, reject } = Promise.withResolvers<{ outcomes: Outcome[]; commitMs: number }>()
    this.#answer = resolve
    this.#fail = reject
    const { group, buffers } = packGroup(deeds)
    this.#worker.postMessage({ group } satisfies WriterMessage, buffers)
    return promise
  }
}

function projectsOf(deeds: Deed[]): Set<string> {
  const projects = new Set<string>()
  for (const { name, argument } of deeds) {
    if (name !== 'listWriters' && 'project' in argument) projects.add(argument.project)
  }
  return projects
}

function sizeOf(append: Append): number {
  if (!isBatch(append)) return 200 + append.metrics.length * 50
  return (
    1_000 +
    (append.client?.length ?? 0) +
    append.steps.length * 16 +
    append.columns.reduce((sum, column) => sum + 100 + column.values.length * 12, 0)
  )
}
