import type { ServerResponse } from 'node:http'
import { limits } from '@aspara/protocol/limits.ts'
import type { Stamp } from '@aspara/store/tables.ts'

/** One listener's connection: Server-Sent Events, https://html.spec.whatwg.org/multipage/server-sent-events.html */
export class EventStream {
  /** undefined: all runs of the project. */
  readonly runs: ReadonlySet<string> | undefined
  /** Everything up to this commit has been written to it. */
  cursor: Stamp
  /** Nothing has been told yet. */
  isNew = true
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

  /** Calls when what it was sent has left. */
  onDrained(act: () => void): void {
    this.#response.on('drain', act)
  }

  /** `id`: what it gives as Last-Event-ID when it comes again. */
  send(event: string, id: Stamp, data: string): void {
    this.#response.write(`event: ${event}\nid: ${id}\ndata: ${data}\n\n`)
  }

  /** A comment, which tells both ends and what lies between them that the connection lives. */
  beat(): void {
    this.#response.write(': heartbeat\n\n')
  }

  end(): void {
    this.#response.end()
  }
}
