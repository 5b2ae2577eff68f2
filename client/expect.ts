/** @throws TypeError, as one sentence, when something is not what it has to be */
export function expect(isGood: unknown, what: string, expected: string, value: unknown): void {
  if (!isGood) throw new TypeError(`${what} must be ${expected}, got ${show(value)}`)
}

/** @throws TypeError that names all that could be given */
export const expectOne = (what: string, value: unknown, known: readonly string[]): void =>
  expect(known.includes(value as string), what, `one of ${known.join(', ')}`, value)

export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60))
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'function') return 'a function'
  if (value === null || typeof value !== 'object') return String(value)
  if (isPromise(value)) return 'a Promise'
  const name = value.constructor?.name
  return name && name !== 'Object' ? `an object (${name})` : 'an object'
}

export const isPromise = (value: unknown): boolean => typeof (value as { then?: unknown } | null)?.then === 'function'

/** Options by name, and no others: a name that is spelled another way would be left unused in silence. @throws TypeError */
export function expectOptions(of: string, given: unknown, known: readonly string[]): void {
  expect(typeof given === 'object' && given && !Array.isArray(given), `what ${of} takes`, 'an object of options', given)
  for (const name of Object.keys(given as object)) {
    if (known.includes(name)) continue
    const meant = nearest(name, known)
    throw new TypeError(
      `${of} has no option ${show(name)}: ${meant ? `did you mean ${meant}?` : `it takes ${known.join(', ')}`}`,
    )
  }
}

/** The known name that was most likely meant: the same letters, a part of it, or one that differs in a letter or two. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '')
  const wanted = plain(name)
  const near = known
    .map((one) => ({ one, apart: distance(wanted, plain(one)) }))
    .sort((a, b) => a.apart - b.apart)
    .find(({ one, apart }) => apart <= one.length / 3 || isPart(wanted, plain(one)))
  return near?.one
}

/** A part of it, or the same letters in another order. */
const isPart = (text: string, whole: string): boolean =>
  (text.length > 2 && whole.includes(text)) || [...text].sort().join('') === [...whole].sort().join('')

/** How many letters have to be added, taken away or replaced. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let at = 1; at <= from.length; at++) {
    const next = [at]
    for (let to1 = 1; to1 <= to.length; to1++) {
      const replaced = row[to1 - 1] + (from[at - 1] === to[to1 - 1] ? 0 : 1)
      next.push(Math.min(row[to1] + 1, next[to1 - 1] + 1, replaced))
    }
    row = next
  }
  return row[to.length]
}
