/** One event of a stream of Server-Sent Events; a comment (a heartbeat) is one without a type. */
export interface StreamEvent {
  type: string
  id: string
  data: string
}

/**
 * Takes a stream apart as it comes (HTML Standard, 9.2.6). Written here because `EventSource` can send no token, and says
 * nothing of heartbeats. Line ends may be split between two pieces.
 */
export class EventParser {
  #rest = ''
  #type = ''
  #id = ''
  #data: string[] = []

  /** The events that end in this piece. */
  push(piece: string): StreamEvent[] {
    const events: StreamEvent[] = []
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/)
    this.#rest = lines.pop()!
    for (const line of lines) {
      if (line === '') {
        if (this.#data.length > 0) {
          events.push({ type: this.#type || 'message', id: this.#id, data: this.#data.join('\n') })
        }
        this.#type = ''
        this.#data = []
      } else if (line.startsWith(':')) {
        events.push({ type: '', id: this.#id, data: '' })
      } else {
        this.#takeField(line)
      }
    }
    return events
  }

  #takeField(line: string): void {
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1))
    if (field === 'event') this.#type = value
    else if (field === 'data') this.#data.push(value)
    else if (field === 'id') this.#id = value
  }
}
