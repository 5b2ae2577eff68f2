import { type Filter, parseFilter } from '@aspara/protocol/filter.ts'
import { FilterError } from '@aspara/protocol/filter-error.ts'

/** What is wrong with a filter, and at which character of it; null for what the whole of it is to blame for. */
export interface FilterProblem {
  sentence: string
  offset: number | null
}

/** What our own parser says, without asking the tracker; null for a filter that can be read, and for none. */
export function problemOf(text: string): FilterProblem | null {
  if (text.trim() === '') return null
  try {
    parseFilter(text)
    return null
  } catch (error) {
    if (!(error instanceof FilterError)) throw error
    return { sentence: sentenceOf(error.message), offset: Math.min(error.offset, text.length) }
  }
}

/** The same of the tracker's answer, which says the place in words. */
export function problemOfAnswer(message: string, text: string): FilterProblem {
  const place = / at (?:character (\d+)|the end): "/.exec(message)
  if (!place) return { sentence: message, offset: null }
  return { sentence: sentenceOf(message), offset: place[1] === undefined ? text.length : Number(place[1]) - 1 }
}

const sentenceOf = (message: string) => message.replace(/,? at (?:the end|character \d+): ".*"$/s, '')

/** The parts that all have to be true, as they are written; a filter that is no `and` is its own only part. */
export function filterParts(text: string): string[] {
  const filter = parseFilter(text)
  if (filter.kind !== 'and') return [text.trim()]
  return filter.parts.map((part) => partText(text, part))
}

/** An `or` among them needs its parentheses, which its span leaves out. */
const partText = (text: string, part: Filter) => {
  const written = text.slice(part.start, part.end)
  return part.kind === 'or' ? `(${written})` : written
}

/** A part of a filter that fits no run, and what the filter is without it. */
export interface Blame {
  part: string
  without: string
}

export interface Emptiness {
  /** Parts that fit no run at all. */
  none: Blame[]
  /** When each part fits some run: those without which the rest fits some. */
  together: Blame[]
}

/**
 * Which parts of a filter leave nothing.
 * @param fitsSome whether any run fits a filter: a question to the tracker
 */
export async function blameParts(text: string, fitsSome: (filter: string) => Promise<boolean>): Promise<Emptiness> {
  const parts = filterParts(text)
  const blame = (at: number): Blame => ({
    part: parts[at]!,
    without: parts.filter((_, other) => other !== at).join(' and '),
  })
  const fits = await Promise.all(parts.map(fitsSome))
  const none = parts.flatMap((_, at) => (fits[at] ? [] : [blame(at)]))
  if (none.length > 0 || parts.length < 2) return { none, together: [] }
  const rests = await Promise.all(parts.map((_, at) => (parts.length === 2 ? true : fitsSome(blame(at).without))))
  return { none, together: parts.flatMap((_, at) => (rests[at] ? [blame(at)] : [])) }
}
