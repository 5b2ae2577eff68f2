/** Of a text that a person writes. Reading takes the square of them: 15,000 pairs that never close are half a minute. */
const marksMax = 4_000
/** Levels of quotes and lists, each of which is one of the page. */
const levelsMax = 100

/** Whether a text of Markdown is read in a moment, and does not nest without end. */
export function isReadable(text: string): boolean {
  let marks = 0
  for (const character of text) if ('*_~`[]<>|!'.includes(character) && ++marks > marksMax) return false
  return !text.split('\n').some((line) => levelsOf(line) > levelsMax)
}

function levelsOf(line: string): number {
  const marker = /\s*(?:>|(?:[*+-]|\d{1,9}[.)])(?=\s|$))/y
  let levels = 0
  while (levels <= levelsMax && marker.test(line)) levels++
  return levels
}
