/**
 * What was typed, or stands in a link or a saved view, as a regular expression; or why it is none, or could take for ever:
 * a browser tries `(a+)+$` in two to the power of a name's length ways, and the page stands still meanwhile.
 */
export function readPattern(text: string): { pattern: RegExp | null; problem: string | null } {
  if (text === '') return { pattern: null, problem: null }
  let pattern: RegExp
  try {
    pattern = new RegExp(text, 'i')
  } catch (error) {
    const reason = (error as Error).message.replace(/^Invalid regular expression: /, '')
    return { pattern: null, problem: `Not a regular expression: ${reason}` }
  }
  const problem = slowness(text)
  return problem === null ? { pattern, problem } : { pattern: null, problem: `Not searched for: ${problem}` }
}

/** A name of 512 characters is tried in about 512 to this power ways at the most: a tenth of a second. */
const powerMax = 3
/** Repeated up to so often, it is as good as repeated at will. */
const fewTimes = 4

/** Why a pattern could take for ever; null when it can't. */
function slowness(text: string): string | null {
  // What stands for anything at the ends changes nothing of whether a name fits.
  const pattern = text.replace(/^(\.\*)+/, '').replace(/(\.\*)+$/, '')
  const isAnchored = pattern.startsWith('^') && !pattern.includes('|')
  let power = isAnchored ? 0 : 1
  /** For each group that is open, and the whole: whether it holds what can match in several ways. */
  const groups = [false]
  let last = false
  for (let at = 0; at < pattern.length; at++) {
    const sign = pattern[at]!
    if (sign === '\\') {
      if (/[1-9k]/.test(pattern[at + 1] ?? '')) return 'it refers back to what it has found, which can take for ever'
      at++
      last = false
    } else if (sign === '[') {
      for (at++; at < pattern.length && pattern[at] !== ']'; at++) if (pattern[at] === '\\') at++
      last = false
    } else if (sign === '(') {
      groups.push(false)
      last = false
    } else if (sign === ')') {
      last = groups.pop() ?? false
      if (last) groups[groups.length - 1] = true
    } else if (sign === '|') {
      groups[groups.length - 1] = true
      last = false
    } else {
      const times = /^(?:[*+]|\{\d+(?:,\d*)?\}|\?)/.exec(pattern.slice(at))?.[0]
      if (times === undefined) {
        last = false
        continue
      }
      const [, least = '', more, most] = /^\{(\d+)(,?)(\d*)\}/.exec(times) ?? []
      const isOften =
        times === '*' || times === '+' || (more === ',' && most === '') || Number(most || least) > fewTimes
      if (last && times !== '?') return 'it repeats what repeats or has a choice, which can take for ever'
      if (isOften) power++
      if (power > powerMax) return 'it repeats in too many places, which can take for ever'
      groups[groups.length - 1] = true
      at += times.length - 1
      if (pattern[at + 1] === '?') at++
      last = true
    }
  }
  return null
}
