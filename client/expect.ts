/** @throws TypeError, as one sentence, when something is not what it has to be */
export function expect(isGood: unknown, what: string, expected: string, value: unknown): void {
  if (!isGood) throw new TypeError(`${what} is ${expected}, not ${show(value)}`)
}

/** @throws TypeError that names all that could be given */
export const expectOne = (what: string, value: unknown, known: readonly string[]): void =>
  expect(known.includes(value as string), what, `one of ${known.join(', ')}`, value)

export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60))
  return Array.isArray(value) ? 'a list' : value && typeof value === 'object' ? 'an object' : String(value)
}

/** Whether something has entries by name. */
export const isRecord = (value: unknown): boolean => show(value) === 'an object'
