import { limits } from './limits.ts'

/** Every name that stands on the wire or on disk beside a user's data, and the rules for the names that users choose. */

export const projectNamePattern = `^[A-Za-z0-9_-]{1,${limits.nameCharsMax}}$`
export const runNamePattern = projectNamePattern
/** A run's id that its client makes up, so that making the run can be tried again. */
export const givenIdPattern = projectNamePattern
/** Not starting with `..`: an artifact's name becomes a file's name on somebody's disk. */
export const artifactNamePattern = `^(?!\\.\\.)(?!\\.$)[A-Za-z0-9_.-]{1,${limits.artifactNameCharsMax}}$`
/** A writer is one process that sends numbered batches; it makes its id up once. */
export const writerPattern = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'

/** The API answers under both: clients are given the bare address or the one with /tracker. */
export const apiBase = '/tracker/api/v1'
export const bareApiBase = '/api/v1'
export const docsPath = '/tracker/docs/tracker'
export const redocPath = '/tracker/docs/tracker/redoc'

const projectName = new RegExp(projectNamePattern)
const artifactName = new RegExp(artifactNamePattern)
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const controlCharacter = /[\u0000-\u001f\u007f-\u009f]/

export const isProjectName = (name: string): boolean => projectName.test(name)
export const isRunName = isProjectName
/** A view's name is text that stands in an address, where `.` and `..` are not names but ways. */
export const isViewName = (name: string): boolean =>
  name !== '' &&
  [...name].length <= limits.viewNameCharsMax &&
  !controlCharacter.test(name) &&
  name.isWellFormed() &&
  name !== '.' &&
  name !== '..'
export const isArtifactName = (name: string): boolean => artifactName.test(name)

/** What is wrong with a metric's key, as the end of a sentence; undefined when nothing is. */
export function metricKeyFault(key: string): string | undefined {
  if (key === '') return 'a metric needs a name'
  if (controlCharacter.test(key)) return 'a metric name has no control characters'
  // A character takes at most 3 bytes a UTF-16 unit: most keys need no count.
  if (key.length * 3 > limits.metricKeyBytesMax && new TextEncoder().encode(key).length > limits.metricKeyBytesMax) {
    return `a metric name has at most ${limits.metricKeyBytesMax} bytes`
  }
  if (!key.isWellFormed()) return 'a metric name is well-formed Unicode'
  return undefined
}

/** Free text (notes, tags, display names) that every engine can keep: well-formed Unicode, no NUL. */
export function textFault(text: string): string | undefined {
  if (text.includes('\0')) return 'text has no NUL character'
  if (!text.isWellFormed()) return 'text is well-formed Unicode'
  return undefined
}
