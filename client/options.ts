import { show } from './flatten.ts'
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

const documentBytesMax = 1024 * 1024

/** @throws TypeError that names the option */
export function checkOptions(options: InitOptions, project: string): CheckedOptions {
  if (options === null || typeof options !== 'object') {
    throw new TypeError(`init takes options, such as { project: 'demo' }, not ${show(options)}`)
  }
  const { name, notes, config = {}, tags = [], projectTags = [], mode, id, group, jobType, trackerUri, token } = options
  const text = { project, name, notes, id, group, jobType, trackerUri, token }
  for (const [option, value] of Object.entries(text)) {
    if (value !== undefined && value !== null && typeof value !== 'string') fault(option, 'text', value)
  }
  if (!isName(project)) fault('project', 'made of letters, digits, _ and -, 1 to 255 of them', project)
  if (id !== undefined && !isName(id)) fault('id', 'made of letters, digits, _ and -, 1 to 255 of them', id)
  if (mode !== undefined && !modes.includes(mode)) fault('mode', `one of ${modes.join(', ')}`, mode)
  if (trackerUri !== undefined && !/^https?:$/.test(protocolOf(trackerUri))) {
    fault('trackerUri', 'the address of a tracker, such as http://127.0.0.1:3142', trackerUri)
  }
  if (token && !/^[!-~]+$/.test(token)) throw new TypeError('token: ASCII letters, digits and signs, without spaces')
  for (const [option, value] of Object.entries({ group, jobType })) {
    if (value && value.length > 256) fault(option, 'text of at most 256 characters', value)
  }
  checkTags('tags', tags)
  checkTags('projectTags', projectTags)
  if (notes) checkNotes(notes)
  checkDocument('config', config)
  const isFree = typeof name === 'string' && name !== '' && !isName(name)
  return {
    project,
    name: (isFree ? addressOf(name) : name) || undefined,
    displayName: isFree ? name.slice(0, 512) : undefined,
    config: { ...config },
    tags: [...tags],
    notes: notes ?? undefined,
  }
}

/** @throws TypeError */
export function checkTags(option: string, tags: string[]): void {
  const isGood =
    Array.isArray(tags) && tags.length <= 1_000 && tags.every((tag) => typeof tag === 'string' && tag.length <= 256)
  if (!isGood) fault(option, 'a list of at most 1,000 texts of at most 256 characters', tags)
}

/** @throws TypeError */
export function checkNotes(notes: string): void {
  if (typeof notes !== 'string' || notes.length > 100_000) fault('notes', 'text of at most 100,000 characters', notes)
}

/** @throws TypeError when it is no object, or no JSON can be made of it */
export function checkDocument(option: string, values: object): void {
  if (values === null || typeof values !== 'object' || Array.isArray(values)) fault(option, 'an object', values)
  const text = JSON.stringify(values, (_key, value) => (typeof value === 'bigint' ? Number(value) : value))
  if (text.length > documentBytesMax - 1_024) fault(option, 'at most 1 MiB of JSON', `${text.length} characters`)
}

function fault(option: string, expected: string, value: unknown): never {
  throw new TypeError(`${option} is ${expected}, not ${show(value)}`)
}

function protocolOf(uri: string): string {
  try {
    return new URL(uri).protocol
  } catch {
    return ''
  }
}
