import type { ServerResponse } from 'node:http'
import { limits } from '@aspara/protocol/limits.ts'
import type { Stamp } from '@aspara/store/tables.ts'

/** One listener's connection: Server-Sent Events, https://html.spec.whatwg.org/multipage/server-sent-events.html */
export class EventStream {
  /** undefined: all runs of the project. */
  readonly runs: ReadonlySet<string> | undefined
  /** Everything up to this commit has been written to it. */
  cursor: Stamp
  /** It may not have been told which runs fell silent meanwhile: it is new, or was behind. */
  mayMissLost = true
  /** It was passed over because it was behind. */
  isOwed = false
  #response: ServerResponse

  constructor(response: ServerResponse, runs: ReadonlySet<string> | undefined, cursor: Stamp) {
    this.#response = response
    this.runs = runs
    this.cursor = cursor
  }

  /** It has not taken what it was sent before: it is told the rest later, from where it is then. */
  get isBehind(): boolean {
    return this.#response.writableLength > limits.streamUnsentBytesMax
  }

  wants(run: string): boolean {
    return this.runs === undefined || this.runs.has(run)
  }

  /** Calls when what it was sent has left, and something else has to follow. */
  onCaughtUp(act: () => void): void {
    this.#response.on('drain', () => {
      if (this.isOwed) act()
      this.isOwed = false
    })
  }

  /** A whole event. Bytes are not copied: many streams that wait hold the same ones. */
  write(event: Buffer): void {
    this.#response.write(event)
  }

  /** A comment, which tells both ends and what lies between them that the connection lives. */
  beat(): void {
    this.#response.write(': heartbeat\n\n')
  }

  end(): void {
    this.#response.end()
  }
}

/** `id`: what a listener gives as Last-Event-ID when it comes again. The data has no line break. */
export const eventBytes = (event: string, id: Stamp, data: string): Buffer =>
  Buffer.from(`event: ${event}\nid: ${id}\ndata: ${data}\n\n`)
