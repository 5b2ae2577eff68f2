import { expect } from './expect.ts'
import { sha256 } from './sha256.ts'

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

/** Free text as people are shown it: without control characters and halves of pairs, which the tracker refuses. */
const shownText = (text: string): string => text.replace(/[\p{Cc}\p{Cs}]/gu, '')

/** What a project or run was called by a person: its name in addresses, and the given text where that is another. */
export interface Named {
  name?: string
  displayName?: string
}

/** @throws TypeError when it is no text */
export function nameOf(option: string, given: unknown): Named {
  expect(given === undefined || given === null || typeof given === 'string', option, 'text', given)
  // By characters, as the tracker counts them: a pair is one.
  const text = [...shownText((given as string | null | undefined) ?? '')].slice(0, 512).join('')
  if (text.trim() === '') return {}
  return isName(text) ? { name: text } : { name: addressOf(text) || undefined, displayName: text }
}

/** Another text of which nothing can stand in an address makes another name, and the same text the same one. */
export const projectNameOf = (text: string): string => `project-${sha256(text).slice(0, 6)}`

/**
 * A run's id as the tracker takes it; two different texts never become one. wandb refuses the same characters.
 * @throws TypeError
 */
export function idOf(id: string | null | undefined): string | undefined {
  if (id === undefined || id === null) return undefined
  const isGood = typeof id === 'string' && id.length <= 255 && /^[^\p{Cc}\p{Cs}:;,#?/\\%']+$/u.test(id)
  expect(isGood, 'id', "1 to 255 characters without control characters and : ; , # ? / \\ % '", id)
  return isName(id) ? id : `${addressOf(id).slice(0, 240)}-${sha256(id).slice(0, 8)}`.replace(/^-/, '')
}

/** Why a metric can't be called this; undefined when it can. */
export function metricNameFault(name: unknown): string | undefined {
  if (typeof name !== 'string') return "a metric's name must be text"
  if (name === '') return 'a metric needs a name'
  if (/\p{Cc}/u.test(name)) return "a metric's name must not have control characters"
  // A lone half of a pair has no UTF-8.
  if (/\p{Cs}/u.test(name)) return "a metric's name must be well-formed Unicode"
  const isLong = name.length > 170 && new TextEncoder().encode(name).length > 512
  return isLong ? "a metric's name must be at most 512 bytes" : undefined
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
