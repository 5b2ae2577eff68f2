import { Backoff } from './backoff.ts'
import { type Answer, type Request, sentenceOf, type Transport } from './transport.ts'

/** `stop` was called: no error, an end. */
export class Stopped extends Error {}

/** Waits that keep no process alive. */
export const wait = (ms: number, then: () => void): ReturnType<typeof setTimeout> => {
  const timer = setTimeout(then, ms)
  ;(timer as { unref?: () => void }).unref?.()
  return timer
}

/** One request after the other to a tracker, each as often as it takes until there is an answer that is for it. */
export class TrackerLine {
  readonly stats = { bytes_sent: 0, requests: 0, retries: 0, refused: 0 }
  /** Whether a tracker has ever answered. */
  isHeard = false
  /** Why the request under way has to wait; undefined when it does not. */
  trouble: string | undefined
  /** Since when, by `performance.now()`. */
  troubleSince = 0
  #transport: Transport
  #onWarning: ((sentence: string) => void) | undefined
  #backoff = new Backoff()
  #abort = new AbortController()
  #hurry: (() => void) | undefined
  #said = new Set<string>()

  constructor(transport: Transport, onWarning?: (sentence: string) => void) {
    this.#transport = transport
    this.#onWarning = onWarning
  }

  get isStopped(): boolean {
    return this.#abort.signal.aborted
  }

  /** What the tracker is asked for as long as this is not answered. @throws Stopped */
  async ask(request: Request): Promise<Answer> {
    for (;;) {
      if (this.isStopped) throw new Stopped()
      let askedMs = 0
      try {
        this.stats.requests++
        const answer = await this.#transport(request, this.#abort.signal)
        this.stats.bytes_sent += answer.bytesSent
        if (isFinal(answer)) {
          this.#backoff.reset()
          this.trouble = undefined
          this.isHeard = true
          return answer
        }
        askedMs = answer.retryAfterMs
        this.tell(sentenceOf(answer))
      } catch (error) {
        if (this.isStopped) throw new Stopped()
        if ((error as { isMissing?: boolean }).isMissing) {
          return { status: 400, body: { detail: (error as Error).message }, retryAfterMs: 0, bytesSent: 0 }
        }
        this.tell((error as Error).message)
      }
      this.stats.retries++
      await this.pause(this.#backoff.next(askedMs))
    }
  }

  /** Sends without waiting for an answer: the page is being left. */
  sendLast(request: Request): void {
    this.#transport({ ...request, isLast: true }).catch(() => {})
  }

  /** There is trouble, and what is logged waits. */
  tell(reason: string): void {
    if (this.trouble === undefined) this.troubleSince = performance.now()
    this.trouble = reason
    this.warn('trouble', `the tracker can't be reached (${reason}); what is logged is kept, and sent when it can`)
  }

  /** Waits, unless somebody is in a hurry. @throws Stopped */
  async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = wait(ms, resolve)
      this.#hurry = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#hurry = undefined
    if (this.isStopped) throw new Stopped()
  }

  /** Ends a pause. */
  hurry(): void {
    this.#hurry?.()
  }

  /** Asks no more, and lets go of the request under way. */
  stop(): void {
    this.#abort.abort()
    this.hurry()
  }

  /** Says a sentence to a person, each kind once. */
  warn(kind: string, sentence: string): void {
    if (this.#said.has(kind)) return
    this.#said.add(kind)
    this.#onWarning?.(sentence)
  }
}

/** Not what passes by itself (5xx, too many, no token yet), nor the page of something that is no tracker. */
const isFinal = ({ status, body }: Answer) =>
  status < 500 && ![401, 403, 408, 429].includes(status) && (body !== undefined || status === 413)
