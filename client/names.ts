/** What names may be, and names that are made up: the rules of the tracker, which would refuse others. */

export const isName = (text: string): boolean => /^[\w-]{1,255}$/.test(text)

export const isArtifactName = (text: string): boolean => /^(?!\.\.)(?!\.$)[\w.-]{1,255}$/.test(text)

/** An artifact's name made from a file's: what can't stand in one becomes `_`. */
export const artifactNameOf = (text: string): string =>
  text
    .replace(/[^\w.-]/g, '_')
    .replace(/^\.+/, '')
    .slice(-255) || 'file'

/** A name for addresses made from free text: `lr=0.1, bs 32` becomes `lr-0-1-bs-32`. Empty when nothing is left. */
export const addressOf = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/\W+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 255)

/** @throws TypeError when a metric can't be called this */
export function checkMetric(name: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  const fault = /[\u0000-\u001f\u007f-\u009f]/.test(name)
    ? 'has no control characters'
    : // A lone half of a pair has no UTF-8.
      /\p{Surrogate}/u.test(name)
      ? 'is well-formed Unicode'
      : name === '' || new TextEncoder().encode(name).length > 512
        ? 'has 1 to 512 bytes'
        : ''
  if (fault) throw new TypeError(`a metric's name ${fault}: ${JSON.stringify(name.slice(0, 60))}`)
}

const adjectives =
  'bold brave bright calm clever eager fair gentle happy keen kind lively mild proud quiet swift warm wise'
const nouns = 'badger bear crane dolphin eagle falcon fox hare hawk heron lion lynx otter owl panda raven tiger wolf'

/** A name that people can say, and that another run of the project hardly has: `swift-otter-4f2a91`. */
export function readableName(id: string): string {
  let hash = 0
  for (const character of id) hash = (hash * 31 + character.charCodeAt(0)) >>> 0
  const one = (words: string, number: number) => words.split(' ')[number % 18]
  return `${one(adjectives, hash)}-${one(nouns, Math.floor(hash / 18))}-${id.slice(0, 6)}`
}
