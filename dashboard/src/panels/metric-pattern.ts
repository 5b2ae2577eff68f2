import { type LinearPattern, linearPattern } from './linear-pattern.ts'

/**
 * What was typed, or stands in a link or a saved view, as a regular expression that ignores case; or why it is none. A
 * browser's own would try `(a+)+$` in two to the power of a name's length ways, and the page would stand still meanwhile.
 */
export function readPattern(text: string): { pattern: LinearPattern | null; problem: string | null } {
  if (text === '') return { pattern: null, problem: null }
  try {
    new RegExp(text, 'i')
  } catch (error) {
    const reason = (error as Error).message.replace(/^Invalid regular expression: /, '')
    return { pattern: null, problem: `Not a regular expression: ${reason}` }
  }
  try {
    return { pattern: linearPattern(text), problem: null }
  } catch (error) {
    return { pattern: null, problem: `Not searched for: ${(error as Error).message}` }
  }
}
