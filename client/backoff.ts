/** Waits of full jitter: any time up to 0.2 s, doubling up to 30 s, so that a thousand clients do not come back at once. */
export class Backoff {
  #attempt = 0
  #random: () => number

  constructor(random: () => number = Math.random) {
    this.#random = random
  }

  /** Milliseconds to wait; what the tracker asks for is the least. */
  next(askedMs = 0): number {
    const most = Math.min(200 * 2 ** this.#attempt++, 30_000)
    return Math.max(askedMs, this.#random() * most)
  }

  reset(): void {
    this.#attempt = 0
  }
}
