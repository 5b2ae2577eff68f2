import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { invalidField, Problem, problem } from '@aspara/protocol/errors.ts'
import type { RunAddress } from '@aspara/store/catalog/write-catalog.ts'
import type { BatchAppend } from '@aspara/store/journal/appends.ts'
import { releaseBuffers } from '@aspara/store/threads/settle-heap.ts'
import { batchOf, readBatch } from './batch-body.ts'
import type { BodyAnswer, BodyMessage } from './body-thread.ts'
import { expand } from './expand.ts'
import { RawBody } from './json-body.ts'

/** Reading so much takes some 6 ms, less than it costs to hand it to another thread. */
const smallBytesMax = 1024 * 1024
/** A compressed body that is larger hardly ever expands to less than `smallBytesMax`. */
const smallCompressedBytesMax = 256 * 1024
/** Any body of so much is read in a few milliseconds, whatever is in it. */
const anyBytesMax = 64 * 1024
/** Enough for a column of each of 2,000 metrics. */
const slowCharactersMax = 8 * 1024
/** Of so much the buffers are given back at once. */
const releasedBytes = 4 * 1024 * 1024
/** A thread that has nothing to do gives its memory back. */
const idleMs = 30_000
/** Three times what the largest batch takes as text, and what is made of it. */
const heapMiBMax = 256

/**
 * Makes batches of bodies: small and plain ones at once, others one after the other in a thread of its own, which is started for
 * the first. However large they are, whoever else asks something is answered meanwhile.
 */
export class BatchReader {
  #worker: Worker | undefined
  #turn: Promise<unknown> = Promise.resolve()
  #idle: NodeJS.Timeout | undefined

  /** `body` is as addRawBody leaves it. @throws invalidField, bodyTooLarge, malformedEncoding */
  async read(body: unknown, address: RunAddress, nowMs: number): Promise<BatchAppend> {
    // A request without a body.
    if (!(body instanceof RawBody)) return batchOf(body ?? null, address, nowMs)
    const small = await smallOf(body)
    if (small && isQuicklyRead(small)) return readBatch(small, address, nowMs)
    const message = small ? { bytes: small, encoding: undefined } : { bytes: body.bytes, encoding: body.encoding }
    const mine = this.#turn.then(() =>
      this.#ask({ bytes: movable(message.bytes), encoding: message.encoding, address, nowMs }),
    )
    this.#turn = mine.catch(() => {}) // Whoever waits for it hears of it.
    return mine
  }

  async close(): Promise<void> {
    await this.#turn
    clearTimeout(this.#idle)
    await this.#worker?.terminate()
  }

  async #ask(message: BodyMessage): Promise<BatchAppend> {
    clearTimeout(this.#idle)
    this.#worker ??= this.#start()
    const worker = this.#worker
    const { promise, resolve, reject } = Promise.withResolvers<BodyAnswer>()
    const onExit = () => reject(new Error('BUG: the thread that reads batches has ended'))
    // What it came in is of no more use here.
    const isLarge = message.bytes.length > releasedBytes
    worker.on('message', resolve).on('error', reject).on('exit', onExit)
    worker.postMessage(message, [message.bytes.buffer as ArrayBuffer])
    if (isLarge) releaseBuffers()
    try {
      const answer = await promise
      if ('batch' in answer) return answer.batch
      throw Object.assign(new Problem(answer.problem), answer.cause !== undefined && { cause: answer.cause })
    } catch (error) {
      if (error instanceof Problem) throw error
      // The next one gets a new thread.
      this.#worker = undefined
      if ((error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY') {
        throw invalidField(['body'], `reading it takes more than ${heapMiBMax} MiB: send several smaller batches`)
      }
      throw Object.assign(problem('internal'), { cause: error })
    } finally {
      worker.off('message', resolve).off('error', reject).off('exit', onExit)
      this.#idle = setTimeout(() => this.#end(), idleMs).unref()
    }
  }

  #start(): Worker {
    return new Worker(new URL(`./body-thread${extname(import.meta.url)}`, import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: heapMiBMax },
    })
  }

  #end(): void {
    this.#turn = this.#turn.then(async () => {
      const worker = this.#worker
      this.#worker = undefined
      await worker?.terminate()
    })
  }
}

/** The bytes of a body that is small when it is expanded; undefined: it is large. */
async function smallOf({ bytes, encoding }: RawBody): Promise<Uint8Array | undefined> {
  if (encoding === undefined) return bytes.length <= smallBytesMax ? bytes : undefined
  if (bytes.length > smallCompressedBytesMax) return undefined
  try {
    return await expand(encoding, bytes, smallBytesMax)
  } catch (error) {
    if (error instanceof Problem && error.code === 'bodyTooLarge') return undefined
    throw error
  }
}

/**
 * Whether it is mostly numbers, as batches are. A megabyte of brackets or names takes ten times as long to read, and so do
 * words such as NaN.
 */
function isQuicklyRead(bytes: Uint8Array): boolean {
  if (bytes.length <= anyBytesMax) return true
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let left = slowCharactersMax
  for (const character of '[{"NI') {
    // Native code, which searches gigabytes a second.
    for (let at = buffer.indexOf(character); at >= 0; at = buffer.indexOf(character, at + 1)) {
      if (--left < 0) return false
    }
  }
  return true
}

/** The same bytes in a buffer that is theirs alone, and can move to another thread. */
function movable(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : Uint8Array.from(bytes)
}
