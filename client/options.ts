import { documentText } from './document-text.ts'
import { checkOne, show } from './flatten.ts'
import { addressOf, isName } from './names.ts'

export interface InitOptions {
  /** Letters, digits, `_` and `-`. In Node ASPARA_PROJECT, else `default`. */
  project?: string
  /** What the run is called; free text stays as its display name. Without one it gets a name that people can say. */
  name?: string
  config?: Record<string, unknown>
  tags?: string[]
  notes?: string
  /** Tags of the project, which are added to those it has. */
  projectTags?: string[]
  /** `http://127.0.0.1:3142`, or in Node ASPARA_TRACKER_URI; in a browser the page's own origin. */
  trackerUri?: string
  /** In Node ASPARA_TOKEN. */
  token?: string
  /** Goes on with the run of this name, if there is one. */
  resume?: boolean
  /** Where the spool is kept; Node only. */
  dir?: string
  /** `online`; `offline` only spools, for `aspara sync`; `disabled` does nothing. In Node ASPARA_MODE. */
  mode?: Mode
  group?: string
  jobType?: string
  /** The run's own id, 1 to 255 letters, digits, `_` and `-`: whoever gives the same one writes to the same run. */
  id?: string
  settings?: Settings
}

export const modes = ['online', 'offline', 'disabled'] as const
export type Mode = (typeof modes)[number]

export interface Settings {
  /** Nothing is said on stderr. */
  quiet?: boolean
  /** Said of this process beside the run, such as `rank 3 · gpu7`. */
  label?: string
  /** All spools of the folder together: 10 GB, or ASPARA_SPOOL_MAX_BYTES. */
  spoolBytesMax?: number
  /** Signals and errors of the process finish the run; Node only, true by default. */
  exitHandlers?: boolean
}

/** What is checked, with the names that the tracker knows. */
export interface CheckedOptions {
  project: string
  name: string | undefined
  displayName: string | undefined
  config: Record<string, unknown>
  tags: string[]
  notes: string | undefined
}

/** A little less than the tracker takes, for what stands around it. */
const documentCharsMax = 1_047_000

/** @throws TypeError that names the option */
export function checkOptions(options: InitOptions, project: string): CheckedOptions {
  if (options === null || typeof options !== 'object')
    fault('init', "given options, such as { project: 'demo' }", options)
  const { name, notes, config = {}, tags = [], projectTags = [], mode = 'online', id, trackerUri, token } = options
  for (const option of ['name', 'group', 'jobType', 'token', 'notes'] as const) {
    checkText(option, options[option], option === 'notes' ? notesCharsMax : 512)
  }
  for (const [option, value = 'good'] of Object.entries({ project, id })) {
    if (typeof value !== 'string' || !isName(value)) fault(option, '1 to 255 letters, digits, _ and -', value)
  }
  checkOne('mode', mode, modes)
  if (trackerUri !== undefined && !/^https?:\/\/[^/@]+/.test(trackerUri)) {
    fault('trackerUri', 'the address of a tracker, such as http://127.0.0.1:3142', trackerUri)
  }
  // It travels in a header, which carries nothing else whole. What it is stays out of the sentence.
  if (token && !/^[!-~]+$/.test(token)) fault('token', 'ASCII without spaces', '…')
  checkTags('tags', tags)
  checkTags('projectTags', projectTags)
  checkDocument('config', config)
  const isFree = name && !isName(name)
  return {
    project,
    name: (isFree ? addressOf(name) : name) || undefined,
    displayName: isFree ? name : undefined,
    config: { ...config },
    tags: [...tags],
    notes: notes ?? undefined,
  }
}

const notesCharsMax = 100_000

function checkText(option: string, text: unknown, charsMax: number): void {
  if (text === undefined || text === null) return
  if (typeof text !== 'string' || text.length > charsMax) fault(option, `text of at most ${charsMax} characters`, text)
}

/** @throws TypeError */
export function checkTags(option: string, tags: string[]): void {
  if (!Array.isArray(tags) || tags.length > 1_000) fault(option, 'a list of at most 1000 texts', tags)
  for (const tag of tags) checkText(option, tag ?? 0, 256)
}

/** @throws TypeError */
export function checkNotes(notes: string): void {
  checkText('notes', notes ?? 0, notesCharsMax)
}

/** @throws TypeError when it is no object, or no JSON can be made of it */
export function checkDocument(option: string, values: object): void {
  const isObject = values !== null && typeof values === 'object' && !Array.isArray(values)
  if (!isObject || documentText(values).length > documentCharsMax) fault(option, 'an object of at most 1 MiB', values)
}

function fault(option: string, expected: string, value: unknown): never {
  throw new TypeError(`${option} is ${expected}, not ${show(value)}`)
}
