const excerptCharsMax = 30

/** What is wrong with a filter or an order of runs, and where. Its message is for whoever wrote the text. */
export class FilterError extends Error {
  override name = 'FilterError'
  /** UTF-16 units before the place; the length of the text for its end. */
  readonly offset: number

  /** `sentence` says what was expected, or what can't be; the place is put after it. */
  constructor(text: string, offset: number, sentence: string) {
    const place = offset >= text.length ? 'at the end' : `at character ${offset + 1}`
    super(`${sentence} ${place}: "${excerpt(text, offset)}"`)
    this.offset = offset
  }
}

/** What stands around a place, with an arrow at it. */
function excerpt(text: string, offset: number): string {
  const [start, end] = [offset - excerptCharsMax, offset + excerptCharsMax]
  const before = (start > 0 ? '…' : '') + text.slice(Math.max(0, start), offset)
  const after = text.slice(offset, end) + (end < text.length ? '…' : '')
  // An emoji may have been cut in two.
  return `${before}→${after}`.toWellFormed()
}
