/** How well texts fit what was typed; the palette shows the best first. */

/**
 * Each word that was typed has to be in the text: at its beginning is best, then at the beginning of one of its words, then
 * anywhere, then its letters in order with others between. Shorter texts win among equals.
 * @returns null when it does not fit
 */
export function fit(typed: string, text: string): number | null {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  const whole = text.toLowerCase()
  let sum = 0
  for (const word of words) {
    const score = fitWord(word, whole)
    if (score === 0) return null
    sum += score
  }
  return words.length === 0 ? 0 : sum / words.length - Math.min(whole.length, 500) / 1000
}

function fitWord(word: string, text: string): number {
  if (text.startsWith(word)) return 4
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    if (/[^\p{L}\p{N}]/u.test(text[at - 1]!)) return 3
  }
  if (text.includes(word)) return 2
  // One or two letters are in order in nearly everything.
  if (word.length < 3) return 0
  let at = 0
  for (const letter of text) if (letter === word[at]) at++
  return at === word.length ? 1 : 0
}

/** The items that fit, best first; those that fit alike stay in the order they came in. */
export function rank<Item>(
  typed: string,
  items: readonly Item[],
  textOf: (item: Item) => string,
  most: number,
): Item[] {
  return scored(typed, items, textOf)
    .slice(0, most)
    .map(({ item }) => item)
}

/** How well the best of them fits, for the order of groups; −∞ when none does. */
export const bestFit = <Item>(typed: string, items: readonly Item[], textOf: (item: Item) => string): number =>
  scored(typed, items, textOf)[0]?.score ?? Number.NEGATIVE_INFINITY

function scored<Item>(typed: string, items: readonly Item[], textOf: (item: Item) => string) {
  return items
    .flatMap((item) => {
      const score = fit(typed, textOf(item))
      return score === null ? [] : [{ item, score }]
    })
    .sort((one, other) => other.score - one.score)
}
