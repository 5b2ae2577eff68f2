import { expect } from './expect.ts'

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
  text.normalize('NFKD').replace(/\p{M}/gu, '').replace(/\W+/g, '-').replace(/^-|-$/g, '').slice(0, 255)

/** @throws TypeError when a metric can't be called this: a lone half of a pair has no UTF-8 */
export function checkMetric(name: string): void {
  const isGood = /^[^\p{Cc}\p{Cs}]+$/u.test(name) && new TextEncoder().encode(name).length <= 512
  expect(isGood, "a metric's name", '1 to 512 bytes without control characters', name)
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
