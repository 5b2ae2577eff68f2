// Quotes and escapes are matched too, to know what is inside a string; a literal before a colon would be a key: not JSON.
// A pattern for whole strings would begin again at each quote of one that never closes: 10 minutes for 1 MiB of them.
const quoteOrLiteral = /\\.|"|(?:-?Infinity|NaN)(?!\s*:)/gs

/**
 * Parses JSON, and the literals `NaN`, `Infinity` and `-Infinity` that Python writes, which become those words as strings.
 * A number too large for a double becomes an infinite number, which no schema takes: told apart from a literal, it can be refused.
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!text.includes('NaN') && !text.includes('Infinity')) throw error
    return JSON.parse(quoteLiterals(text))
  }
}

function quoteLiterals(text: string): string {
  let isInString = false
  return text.replace(quoteOrLiteral, (found) => {
    if (found === '"') isInString = !isInString
    else if (!isInString && found[0] !== '\\') return `"${found}"`
    return found
  })
}

/** A number as JSON can hold it: non-finite ones as the words `NaN`, `Infinity`, `-Infinity`. */
export function jsonNumber(value: number): number | NonFinite {
  return Number.isFinite(value) ? value : (String(value) as NonFinite)
}

export type NonFinite = 'NaN' | 'Infinity' | '-Infinity'

/** Whether a parsed value nests deeper than `depthMax` (a number is 0 deep, `{}` is 1). Never recurses further than that. */
export function isDeeperThan(value: unknown, depthMax: number): boolean {
  if (value === null || typeof value !== 'object') return false
  if (depthMax === 0) return true
  for (const inner of Object.values(value)) if (isDeeperThan(inner, depthMax - 1)) return true
  return false
}
