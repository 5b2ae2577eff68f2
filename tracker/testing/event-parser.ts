/** An event as it was sent. */
export interface ServerSentEvent {
  event: string
  data: string
  /** The last id that was sent, with this event or before. */
  lastId: string
}

/**
 * Reads a stream of events as browsers do, whatever pieces it comes in:
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class EventParser {
  /** What the next connection has to give as Last-Event-ID. */
  lastId: string
  retryMs: number | undefined
  readonly comments: string[] = []
  #decoder = new TextDecoder()
  #rest = ''
  #event = ''
  #data: string[] = []
  /** Of an event that is not dispatched yet. */
  #id: string

  constructor(lastId = '') {
    this.lastId = lastId
    this.#id = lastId
  }

  /** Some of an event has come, and not all of it. */
  get isWithinEvent(): boolean {
    return this.#rest !== '' || this.#event !== '' || this.#data.length > 0
  }

  /** @returns the events that end in this piece */
  take(piece: Uint8Array): ServerSentEvent[] {
    const text = this.#rest + this.#decoder.decode(piece, { stream: true })
    // A carriage return at the end may be the first half of a line break.
    const lines = text.split(/\r\n|\n|\r(?!$)/)
    this.#rest = lines.pop() as string
    return lines.flatMap((line) => this.#takeLine(line) ?? [])
  }

  #takeLine(line: string): ServerSentEvent | undefined {
    if (line === '') return this.#dispatch()
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === '') this.comments.push(value)
    else if (field === 'event') this.#event = value
    else if (field === 'data') this.#data.push(value)
    else if (field === 'id' && !value.includes('\0')) this.#id = value
    else if (field === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value)
    return undefined
  }

  #dispatch(): ServerSentEvent | undefined {
    const [event, data] = [this.#event || 'message', this.#data]
    this.lastId = this.#id
    this.#event = ''
    this.#data = []
    return data.length === 0 ? undefined : { event, data: data.join('\n'), lastId: this.lastId }
  }
}
