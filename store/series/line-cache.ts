/** Characters kept, which take a byte each: a panel of 50 runs with 5 metrics and 500 buckets is 8 million. */
const charactersMax = 24 * 1024 * 1024

/**
 * Lines of charts as text, so that a panel with one live run pays for that one. Keys say all that a line depends on, so
 * nothing in here ever becomes wrong; the least recently asked leave first.
 */
export class LineCache {
  #lines = new Map<string, string>()
  #characters = 0

  get(key: string): string | undefined {
    const line = this.#lines.get(key)
    if (line === undefined) return undefined
    this.#lines.delete(key)
    this.#lines.set(key, line)
    return line
  }

  set(key: string, line: string): void {
    if (this.#lines.has(key)) return
    this.#lines.set(key, line)
    this.#characters += line.length
    for (const [oldest, its] of this.#lines) {
      if (this.#characters <= charactersMax) break
      this.#lines.delete(oldest)
      this.#characters -= its.length
    }
  }
}
