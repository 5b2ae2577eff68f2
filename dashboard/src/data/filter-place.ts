/** What a filter (docs/api/filter.md) may have at a place in its text, for completion: of what stands before it, right or not. */
export interface FilterPlace {
  /** What is expected here. */
  expects: 'part' | 'operator' | 'list' | 'value' | 'comma' | 'in' | 'tags' | 'joiner'
  /** The field that the operator or the value belongs to. */
  field: string
  /** Before the value: `<`, `in`, `contains` … */
  operator: string
  /** In `in (…)` a value may be one of several. */
  isInList: boolean
  /** Parentheses that are open, those of a list not among them. */
  depth: number
  /** The word that is being written, and where it stands: from `start` to the place. */
  word: string
  start: number
}

/** A field or a word, a text in quotes (closed or not), a number, an operator, or any other sign. */
const token =
  /(?:(?:[\p{L}\p{M}\p{N}_/-]+|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)(?:\.(?:[\p{L}\p{M}\p{N}_/+-]+|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)?)*)|\.\d+|==?|!=?|<=?|>=?|[^\s]/gu

/** Reads the text up to `caret` and tells what may come there. */
export function filterPlace(text: string, caret: number): FilterPlace {
  const before = text.slice(0, caret)
  const tokens = [...before.matchAll(token)]
  const last = tokens.at(-1)
  // A word that ends at the caret is still being written; a sign is not, but for an operator that may go on.
  const isWriting = last !== undefined && last.index + last[0].length === caret && isWord(last[0])
  const place: FilterPlace = {
    expects: 'part',
    field: '',
    operator: '',
    isInList: false,
    depth: 0,
    word: isWriting ? last[0] : '',
    start: isWriting ? last.index : caret,
  }
  for (const [found] of isWriting ? tokens.slice(0, -1) : tokens) step(place, found)
  return place
}

const isWord = (found: string) => /^["'\p{L}\p{M}\p{N}_/.-]/u.test(found) || /^[=!<>]+$/.test(found)

function step(place: FilterPlace, found: string): void {
  switch (place.expects) {
    case 'part':
      if (found === '(') place.depth++
      else if (/^["']/.test(found)) place.expects = 'in'
      else if (found !== 'not') {
        place.field = found
        place.expects = 'operator'
      }
      return
    case 'operator':
      place.operator = found
      place.expects = found === 'in' ? 'list' : 'value'
      return
    case 'list':
      place.isInList = true
      place.expects = 'value'
      return
    case 'value':
      if (found === '-') return
      place.expects = place.isInList ? 'comma' : 'joiner'
      return
    case 'comma':
      if (found === ',') place.expects = 'value'
      else {
        place.isInList = false
        place.expects = 'joiner'
      }
      return
    case 'in':
      place.expects = 'tags'
      return
    case 'tags':
      place.expects = 'joiner'
      return
    case 'joiner':
      if (found === ')') place.depth = Math.max(0, place.depth - 1)
      else if (found === 'and' || found === 'or') place.expects = 'part'
  }
}
