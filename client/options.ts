import { expect, expectOne, expectOptions } from './expect.ts'
import { idOf, nameOf, projectNameOf } from './names.ts'
import { plainObject } from './plain-value.ts'
import type { RunDocument } from './spool-format.ts'
import { plainUri } from './transport.ts'

export interface InitOptions {
  /** Any text. In Node ASPARA_PROJECT, else `default`. */
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
  /**
   * What is done when the run exists: without it this is a new one. `allow`, or true, goes on with it; `must` rejects when
   * there is none; `never` rejects when there is one; `auto`, in Node, goes on with the last run of the project on this
   * machine that was begun with it and did not end well.
   */
  resume?: boolean | Resume
  /** Where the spool is kept; Node only. */
  dir?: string
  /** `online`; `offline` only spools, for `aspara sync`; `disabled` does nothing. In Node ASPARA_MODE. */
  mode?: Mode
  group?: string
  jobType?: string
  /** The run's own id; text that is no address becomes one. */
  id?: string
  settings?: Settings
}

export const modes = ['online', 'offline', 'disabled'] as const
export type Mode = (typeof modes)[number]

export const resumes = ['allow', 'must', 'never', 'auto'] as const
export type Resume = (typeof resumes)[number]

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

const known = 'project name config tags notes projectTags trackerUri token resume dir mode group jobType id settings'
const knownSettings = 'quiet label spoolBytesMax exitHandlers'

/** What a run begins with, as the spool and the tracker name it. @throws TypeError that names the option that is wrong */
export function describeRun(options: InitOptions, knownModes: readonly Mode[]): RunDescription {
  expectOptions('init', options, known.split(' '))
  const { tags, notes, projectTags, config, mode, id, settings } = options
  if (settings) expectOptions('settings', settings, knownSettings.split(' '))
  const project = nameOf('project', options.project)
  const { name, displayName } = nameOf('name', options.name)
  expectOne('mode', mode ?? 'online', knownModes)
  return {
    type: 'run',
    project: project.name ?? (project.displayName ? projectNameOf(project.displayName) : 'default'),
    project_display_name: project.displayName,
    id: idOf(id),
    name,
    display_name: displayName,
    config: config ? plainObject('config', config) : {},
    tags: checkedTags('tags', tags),
    notes: checkedNotes(notes),
    project_tags: checkedTags('projectTags', projectTags),
    group: checkedText('group', options.group, 256),
    job_type: checkedText('jobType', options.jobType, 256),
    label: checkedText('settings.label', settings?.label, 256),
  }
}

/** How `resume` was meant; undefined for a new run. @throws TypeError */
export function resumeOf({ resume }: InitOptions, known: readonly Resume[] = resumes): Resume | undefined {
  if (resume === true) return 'allow'
  if (resume === undefined || resume === null || resume === false) return undefined
  expect(known.includes(resume), 'resume', `true, false or one of ${known.join(', ')}`, resume)
  return resume
}

/** The tracker's address, without a path of its own. @throws TypeError */
export function checkedUri(option: string, uri: unknown): string {
  const { protocol, username } = (typeof uri === 'string' && URL.canParse(uri) && new URL(uri)) || {}
  const isGood = (protocol === 'http:' || protocol === 'https:') && username === ''
  expect(isGood, option, 'an address such as http://127.0.0.1:3142', uri)
  return plainUri(uri as string)
}

/** @throws TypeError; what the token is stays out of the sentence */
export function checkedToken(token: unknown): string | undefined {
  // It travels in a header, which carries nothing else whole.
  const isGood = !token || (typeof token === 'string' && /^[!-~]+$/.test(token))
  expect(isGood, 'token', 'ASCII letters, digits and signs without spaces', '…')
  return (token as string | undefined) || undefined
}

export type RunDescription = RunDocument & { config: Record<string, unknown> }

/** @throws TypeError */
function checkedText(option: string, text: unknown, charsMax: number): string | undefined {
  if (text === undefined || text === null || text === '') return undefined
  expect(typeof text === 'string' && text.length <= charsMax, option, `text of at most ${charsMax} characters`, text)
  return storableText(text as string) || undefined
}

/** The tracker keeps neither NUL nor half of a pair, and would refuse all that comes with one. */
const storableText = (text: string): string => text.replace(/[\0\p{Cs}]/gu, '')

/** One text is one tag. @throws TypeError */
export function checkedTags(option: string, tags: unknown): string[] | undefined {
  if (tags === undefined || tags === null) return undefined
  const list = typeof tags === 'string' ? [tags] : tags instanceof Set ? [...tags] : tags
  expect(Array.isArray(list) && list.length <= 1_000, option, 'a list of at most 1000 texts', tags)
  for (const tag of list as unknown[]) {
    expect(typeof tag === 'string' && tag.length <= 256, option, 'texts of at most 256 characters', tag)
  }
  return (list as string[]).map(storableText)
}

/** @throws TypeError */
export const checkedNotes = (notes: unknown): string | undefined => checkedText('notes', notes, 100_000)
