/** Waits of full jitter: any time up to 0.2 s, doubling up to 30 s, so that a thousand clients do not come back at once. */
export class Backoff {
  #attempt = 0
  #random: () => number

  constructor(random: () => number = Math.random) {
    this.#random = random
  }

  /** Milliseconds to wait; what the tracker asks for, in seconds, is the least. */
  next(asked?: string | null): number {
    const most = Math.min(200 * 2 ** this.#attempt++, 30_000)
    return Math.max(Number(asked) * 1_000 || 0, this.#random() * most)
  }

  reset(): void {
    this.#attempt = 0
  }
}
