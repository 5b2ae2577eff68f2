import { invalidField, problem } from '@aspara/protocol/errors.ts'
import { isDeeperThan } from '@aspara/protocol/json.ts'
import { limits } from '@aspara/protocol/limits.ts'
import { isRunName, textFault } from '@aspara/protocol/names.ts'

/*
 * Free text and documents that fit their schema, checked for what no schema can say.
 */

interface Texts {
  display_name?: string | null
  group?: string | null
  job_type?: string | null
  label?: string | null
  reason?: string | null
  project_display_name?: string | null
  tags?: string[]
  notes?: string
}

const plainTexts = ['display_name', 'project_display_name', 'group', 'job_type', 'label', 'reason', 'notes'] as const

/** The texts that are named, and nothing else that a body may hold. @throws invalidField */
export function checkDescription({ display_name, tags, notes }: Texts): Texts {
  checkTexts({ display_name, tags, notes })
  return {
    ...(display_name !== undefined && { display_name }),
    ...(tags !== undefined && { tags }),
    ...(notes !== undefined && { notes }),
  }
}

/** The same texts. @throws invalidField also for a display name that is blank, since nobody could click on it */
export function checkTexts<Some extends Texts>(texts: Some, tagsField = 'tags'): Some {
  const check = (loc: (string | number)[], text: string | null | undefined) => {
    const fault = text ? textFault(text) : undefined
    if (fault) throw invalidField(['body', ...loc], fault)
  }
  for (const name of ['display_name', 'project_display_name'] as const) {
    if (texts[name]?.trim() === '') throw invalidField(['body', name], 'is blank: leave it out, or send null')
  }
  for (const name of plainTexts) check([name], texts[name])
  texts.tags?.forEach((tag, index) => {
    check([tagsField, index], tag)
  })
  return texts
}

/** The same document. @throws invalidField when it nests too deep or holds a number that no double holds */
export function checkDocument(field: string, document: Record<string, unknown>): Record<string, unknown> {
  if (isDeeperThan(document, limits.documentDepthMax)) {
    throw invalidField(['body', field], `nests deeper than ${limits.documentDepthMax} levels`)
  }
  if (hasInfinity(document)) throw invalidField(['body', field], 'holds a number too large for a double')
  return document
}

/** A literal Infinity has become a word by now: a number that is infinite was written as one too large. */
function hasInfinity(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value)
  return value !== null && typeof value === 'object' && Object.values(value).some(hasInfinity)
}

/** The same name. @throws invalidName */
export function checkRunName(name: string | undefined): string | undefined {
  if (name !== undefined && !isRunName(name)) throw problem('invalidName', 'run')
  return name
}
