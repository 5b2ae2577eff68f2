import { Backoff } from './backoff.ts'
import { type Answer, type Request, sentenceOf, type Transport } from './transport.ts'

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
  #transport: Transport
  #onWarning: ((sentence: string) => void) | undefined
  #backoff = new Backoff()
  #abort = new AbortController()
  #hurry: (() => void) | undefined
  #said = new Set<string>()
  #refusalAdvice: string | undefined

  /** `refusalAdvice`: what to do when the tracker lets nobody in; nothing is tried again then. */
  constructor(transport: Transport, onWarning?: (sentence: string) => void, refusalAdvice?: string) {
    this.#transport = transport
    this.#onWarning = onWarning
    this.#refusalAdvice = refusalAdvice
  }

  get isStopped(): boolean {
    return this.#abort.signal.aborted
  }

  /** What the tracker is asked for as long as this is not answered. @throws when it was stopped */
  async ask(request: Request): Promise<Answer> {
    for (;;) {
      this.#abort.signal.throwIfAborted()
      let asked: Answer['retryAfter']
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
        asked = answer.retryAfter
        if (isRefusal(answer)) this.#tellRefusal(answer)
        else this.tell(sentenceOf(answer))
      } catch (error) {
        this.#abort.signal.throwIfAborted()
        this.tell((error as Error).message)
      }
      this.stats.retries++
      await this.pause(this.#backoff.next(asked))
    }
  }

  /** Sends without waiting for an answer: the page is being left. */
  leave(request: Request): void {
    this.#transport({ ...request, isLast: true }, new AbortController().signal).catch(() => {})
  }

  /** Nobody is let in. @throws when that is for good */
  #tellRefusal(answer: Answer): void {
    this.trouble = sentenceOf(answer)
    const advice = this.#refusalAdvice
    this.warn(
      'refusal',
      `the tracker refuses: ${this.trouble}${advice ? `; ${advice}` : '. What is logged is kept, and sent once it does not'}`,
    )
    if (!advice) return
    this.stop()
    this.#abort.signal.throwIfAborted()
  }

  /** There is trouble, and what is logged waits. */
  tell(reason: string): void {
    this.trouble = reason
    this.warn('trouble', `the tracker can't be reached (${reason}): rows are sent later`)
  }

  /** Waits, unless somebody is in a hurry. @throws when it was stopped */
  async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      wait(ms, resolve)
      this.#hurry = resolve
    })
    this.#abort.signal.throwIfAborted()
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

  /** What is refused for ever is counted and left out. */
  tellRefused(what: string, answer: Answer): void {
    this.stats.refused++
    this.warn(what, `refused, and left out: ${what}: ${sentenceOf(answer)}`)
  }

  /** Says a sentence to a person, each kind once. */
  warn(kind: string, sentence: string): void {
    if (this.#said.has(kind)) return
    this.#said.add(kind)
    this.#onWarning?.(sentence)
  }
}

const isRefusal = ({ status, body }: Answer) => (status === 401 || status === 403) && body !== undefined

/** What passes by itself, and what a person may set right meanwhile. */
const transient = [401, 403, 407, 408, 425, 429]

/** Whether a tracker has said it, and will not say anything else: not a proxy, a portal, or another server. */
const isFinal = ({ status, body }: Answer): boolean =>
  status < 300
    ? body instanceof Object && !Array.isArray(body)
    : status > 399 && status < 500 && !transient.includes(status) && (status === 413 || body?.detail !== undefined)
