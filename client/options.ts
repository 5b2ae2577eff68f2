import { documentText } from './document-text.ts'
import { expect, expectOne, isRecord } from './expect.ts'
import { addressOf, isName } from './names.ts'
import type { RunDocument } from './spool-format.ts'

export interface InitOptions {
  /** Letters, digits, `_` and `-`. In Node ASPARA_PROJECT, else `default`. */
  project?: string
  /** What the run is called; free text stays as its display name. Without one it gets a name that people can say. */
  name?: string
  /** An object of anything that JSON can hold. */
  config?: object
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

/** What a run begins with, as the spool and the tracker name it. @throws TypeError that names the option that is wrong */
export function describeRun(options: InitOptions, defaultProject: string, knownModes: readonly Mode[]): RunDescription {
  const { project = defaultProject, name, id, config = {}, tags, notes, projectTags, mode = 'online' } = options
  const { group, jobType, resume, settings } = options
  for (const text of [name, group, jobType]) checkText('a name', text, 512)
  for (const text of [project, id ?? '-']) {
    expect(isName(text), 'a project or id', '1 to 255 letters, digits, _ or -', text)
  }
  expectOne('mode', mode, knownModes)
  checkTags('tags', tags)
  checkTags('projectTags', projectTags)
  checkNotes(notes)
  checkDocument('config', config)
  const isFree = name && !isName(name)
  return {
    type: 'run',
    project,
    name: (isFree ? addressOf(name) : name) || undefined,
    display_name: isFree ? name : undefined,
    config: { ...config },
    tags,
    notes,
    project_tags: projectTags,
    resume,
    group,
    job_type: jobType,
    label: settings?.label,
  }
}

export type RunDescription = RunDocument & { config: Record<string, unknown> }

const checkText = (option: string, text: unknown = '', charsMax: number) =>
  expect(typeof text === 'string' && text.length <= charsMax, option, `text of at most ${charsMax} characters`, text)

/** @throws TypeError */
export function checkTags(option: string, tags: string[] = []): void {
  expect(Array.isArray(tags) && tags.length <= 1_000, option, 'a list of at most 1000 texts', tags)
  for (const tag of tags) checkText(option, tag ?? 0, 256)
}

/** @throws TypeError */
export const checkNotes = (notes: string | undefined): void => checkText('notes', notes, 100_000)

/** @throws TypeError when it is no object, or no JSON can be made of it */
export function checkDocument(option: string, values: object): void {
  const isGood = isRecord(values) && documentText(values).length < documentCharsMax
  expect(isGood, option, 'an object of at most 1 MiB', values)
}

/** A little less than the tracker takes, for what stands around it. */
const documentCharsMax = 1_047_000
