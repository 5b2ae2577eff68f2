type Range = [number, number] | null

/**
 * The part of x that the panels of a section look at together. While a hand moves it changes with every frame, past React
 * and the view; when the hand lets go the view has it.
 */
export class RangeLink {
  #range: Range = null
  readonly #listeners = new Set<(range: Range, source: object | null) => void>()

  get range(): Range {
    return this.#range
  }

  set(range: Range, source: object | null): void {
    if (range?.[0] === this.#range?.[0] && range?.[1] === this.#range?.[1]) return
    this.#range = range
    for (const listener of this.#listeners) listener(range, source)
  }

  listen(listener: (range: Range, source: object | null) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
