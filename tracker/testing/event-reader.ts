import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { Json } from './ask.ts'
import { EventParser } from './event-parser.ts'

/** An event of a stream, its data parsed. */
export interface StreamEvent {
  event: 'open' | 'changes' | 'resync'
  id: string
  data: Json
  /** Bytes of its data. */
  size: number
}

export interface ReaderOptions {
  /** Where an earlier one was. */
  lastId?: string
  headers?: Record<string, string>
}

/** One connection to a stream. It reads as fast as events come, until it is told to pause. */
export class EventReader {
  readonly response: IncomingMessage
  /** Every event so far. */
  readonly events: StreamEvent[] = []
  #parser: EventParser
  #next = 0
  #hasEnded = false
  #word = Promise.withResolvers<void>()
  /** Bytes that it still hears. */
  #bytesLeft = Infinity

  private constructor(response: IncomingMessage, lastId: string | undefined) {
    this.response = response
    this.#parser = new EventParser(lastId)
    response.on('data', (piece: Buffer) => {
      const heard = piece.subarray(0, this.#bytesLeft)
      this.#bytesLeft -= heard.length
      for (const { event, data, lastId } of this.#parser.take(heard)) {
        this.events.push({
          event: event as StreamEvent['event'],
          id: lastId,
          data: JSON.parse(data),
          size: data.length,
        })
      }
      if (this.#bytesLeft === 0) this.drop()
      this.#tell()
    })
    response.on('error', () => {}) // A connection that is cut has ended; that is all that matters here.
    response.once('close', () => {
      this.#hasEnded = true
      this.#tell()
    })
  }

  /** @throws with the answer when it is no stream */
  static async open(url: string, { lastId, headers }: ReaderOptions = {}): Promise<EventReader> {
    const sent = { ...headers, ...(lastId !== undefined && { 'last-event-id': lastId }) }
    const request = get(url, { agent: false, headers: sent })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    if (response.statusCode === 200) return new EventReader(response, lastId)
    const pieces = await response.toArray()
    throw new Error(`${response.statusCode} ${Buffer.concat(pieces)}`)
  }

  get lastId(): string {
    return this.#parser.lastId
  }

  get retryMs(): number | undefined {
    return this.#parser.retryMs
  }

  get comments(): readonly string[] {
    return this.#parser.comments
  }

  /** Some of an event has come, and not all of it. */
  get isWithinEvent(): boolean {
    return this.#parser.isWithinEvent
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** The next event; undefined when the stream has ended. */
  async next(): Promise<StreamEvent | undefined> {
    await this.heard(() => this.#next < this.events.length || this.#hasEnded)
    return this.events[this.#next++]
  }

  /** The next event that fits, past others. @throws when the stream ends before it */
  async find(fits: (event: StreamEvent) => unknown): Promise<StreamEvent> {
    for await (const event of this) if (fits(event)) return event
    throw new Error(`The stream has ended: ${JSON.stringify(this.events.slice(-3))}`)
  }

  /** Resolves when something holds, which is looked at whenever anything comes. */
  async heard(holds: () => unknown): Promise<void> {
    while (!holds()) {
      if (this.#hasEnded) throw new Error('The stream has ended')
      await this.#word.promise
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StreamEvent> {
    for (;;) {
      const event = await this.next()
      if (!event) return
      yield event
    }
  }

  /** Resolves when the other side has ended the stream. */
  ended(): Promise<void> {
    return this.heard(() => this.#hasEnded)
  }

  /** Reads no more, as a program that is stuck: what comes stays where it is. */
  pause(): void {
    this.response.pause()
  }

  resume(): void {
    this.response.resume()
  }

  /** Cuts the connection. */
  drop(): void {
    this.response.socket.resetAndDestroy()
  }

  /** Cuts the connection after so many more bytes, wherever that is. */
  dropAfter(bytes: number): void {
    this.#bytesLeft = bytes
  }

  #tell(): void {
    this.#word.resolve()
    this.#word = Promise.withResolvers()
  }
}
