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

const literal = /(?:-?Infinity|NaN)(?!\s*:)/y
const [quote, backslash, capitalI, capitalN, minus] = ['"', '\\', 'I', 'N', '-'].map((sign) => sign.charCodeAt(0))

/**
 * Puts the literals in quotes. A literal before a colon would be a key: not JSON. One pass and one piece a literal: a pattern for
 * strings would take minutes for a text of nothing but quotes, and one for escapes a piece for each of them.
 */
function quoteLiterals(text: string): string {
  const pieces: string[] = []
  let from = 0
  for (let at = 0; at < text.length; at++) {
    const sign = text.charCodeAt(at)
    if (sign === quote) at = endOfString(text, at)
    else if (sign === capitalN || sign === capitalI || sign === minus) {
      literal.lastIndex = at
      const found = literal.exec(text)?.[0]
      if (!found) continue
      pieces.push(text.slice(from, at), '"', found, '"')
      from = at + found.length
      at = from - 1
    }
  }
  pieces.push(text.slice(from))
  return pieces.join('')
}

/** Where the quote is that closes a string. */
function endOfString(text: string, from: number): number {
  let at = from + 1
  for (; at < text.length; at++) {
    const sign = text.charCodeAt(at)
    if (sign === quote) break
    if (sign === backslash) at++
  }
  return at
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
