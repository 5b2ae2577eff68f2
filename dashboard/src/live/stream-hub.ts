import { EventParser } from './sse.ts'

/** What whoever listens to a project is told. Texts of events are as the tracker sent them (docs/api/stream.md). */
export type StreamMessage =
  | { kind: 'open'; cursor: string }
  | { kind: 'event'; type: string; id: string; data: string }
  /** The tracker does not answer; it is tried again. */
  | { kind: 'away' }
  /** It answered, and not with a stream: 401 without a token, 404 when the project is gone. */
  | { kind: 'refused'; status: number }

export interface Listener {
  /** How far it has been told, as an event's id; null: from now on. */
  cursor: string | null
  tell: (message: StreamMessage) => void
}

const silenceMs = 35_000
const retryMs = { first: 500, most: 5_000 }

/**
 * One stream for all who listen to a project: a browser gives a site six connections, and ten tabs would take them all.
 * Whoever comes with an older cursor than the stream's has it begin again there; the others leave out what they know.
 */
export class StreamHub {
  readonly #address: string
  readonly #headers: Record<string, string>
  readonly #listeners = new Set<Listener>()
  #connection: AbortController | null = null
  /** The id of the last event that came; null before the first. */
  #cursor: string | null = null
  #isOpen = false
  #failures = 0
  /** What was told last of why there is no stream, for those who come now. */
  #trouble: StreamMessage | null = null

  constructor(address: string, headers: Record<string, string>) {
    this.#address = address
    this.#headers = headers
  }

  get isIdle(): boolean {
    return this.#listeners.size === 0
  }

  add(listener: Listener): void {
    this.#listeners.add(listener)
    const isBehind = listener.cursor !== null && this.#cursor !== null && +listener.cursor < +this.#cursor
    if (this.#connection === null || isBehind) {
      if (isBehind || this.#cursor === null) this.#cursor = listener.cursor
      this.#connect()
    } else if (this.#isOpen) {
      listener.tell({ kind: 'open', cursor: this.#cursor! })
    } else if (this.#trouble) {
      listener.tell(this.#trouble)
    }
  }

  remove(listener: Listener): void {
    this.#listeners.delete(listener)
    if (this.#listeners.size > 0) return
    this.#connection?.abort()
    this.#connection = null
    this.#cursor = null
    this.#isOpen = false
  }

  #tell(message: StreamMessage): void {
    for (const listener of [...this.#listeners]) listener.tell(message)
  }

  #connect(): void {
    this.#connection?.abort()
    const connection = new AbortController()
    this.#connection = connection
    this.#isOpen = false
    this.#failures = 0
    this.#trouble = null
    void this.#listen(connection.signal)
  }

  async #listen(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let refusal: number | undefined
      try {
        refusal = await this.#read(signal)
      } catch {
        // Whatever broke the connection: it is tried again below, and whoever listens is told.
      }
      if (signal.aborted) return
      this.#isOpen = false
      // A stream that ends well is a tracker that restarts: that is no news unless it stays away.
      this.#failures++
      if (refusal !== undefined) this.#trouble = { kind: 'refused', status: refusal }
      else if (this.#failures > 1) this.#trouble = { kind: 'away' }
      if (this.#trouble) this.#tell(this.#trouble)
      const most = Math.min(retryMs.first * 2 ** (this.#failures - 1), retryMs.most)
      await new Promise((resolve) => setTimeout(resolve, most * (0.5 + Math.random() / 2)))
    }
  }

  /** Reads until the stream ends, or answers the status with which the tracker refused. */
  async #read(signal: AbortSignal): Promise<number | undefined> {
    const silence = new AbortController()
    let timer = setTimeout(() => silence.abort(), silenceMs)
    try {
      const last: Record<string, string> = this.#cursor === null ? {} : { 'last-event-id': this.#cursor }
      const answer = await fetch(this.#address, {
        headers: { ...this.#headers, ...last },
        signal: AbortSignal.any([signal, silence.signal]),
        cache: 'no-store',
      })
      if (!answer.ok || !answer.body) {
        const isPassing = answer.status >= 500 || answer.status === 408 || answer.status === 429
        return isPassing ? undefined : answer.status
      }
      const parser = new EventParser()
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return undefined
        clearTimeout(timer)
        timer = setTimeout(() => silence.abort(), silenceMs)
        for (const event of parser.push(value)) {
          if (signal.aborted) return undefined
          this.#take(event)
        }
      }
    } finally {
      clearTimeout(timer)
    }
  }

  #take({ type, id, data }: { type: string; id: string; data: string }): void {
    this.#failures = 0
    this.#trouble = null
    if (type === 'open') {
      this.#isOpen = true
      // Cut off and back again, the next event goes on after the last one that came.
      this.#cursor ??= JSON.parse(data).cursor as string
      this.#tell({ kind: 'open', cursor: this.#cursor })
    } else if (type !== '') {
      if (id !== '') this.#cursor = id
      this.#tell({ kind: 'event', type, id, data })
    }
  }
}
