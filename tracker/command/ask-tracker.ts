import { Api, ApiError } from 'aspara/api.ts'
import { type ClientSettings, SettingError } from '../config.ts'

/** Flags of every command that asks a tracker. */
export const clientFlags = {
  'tracker-uri': { type: 'string' },
  token: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

export const clientFlagsHelp = `  --json             print what the tracker answers, as JSON
  --tracker-uri URI  the tracker to ask (http://127.0.0.1:3142, or ASPARA_TRACKER_URI)
  --token TOKEN      its token, if it has one (or ASPARA_TOKEN)
`

/** A tracker has answered, and refuses. */
export class TrackerRefusal extends SettingError {
  readonly status: number

  constructor(status: number, sentence: string) {
    super(sentence)
    this.status = status
  }
}

/** What a tracker answers. @throws SettingError when there is none, or when it refuses, with its own words */
export const askTracker = <Answer>(settings: ClientSettings, path: string): Promise<Answer> =>
  ask(settings, (api) => api.get<Answer>(path))

/** All pages of a list, one after the other. @throws SettingError */
export const askPages = <Item>(settings: ClientSettings, path: string, name: string): Promise<Item[]> =>
  ask(settings, (api) => Array.fromAsync(api.pages<Item>(path, name)))

async function ask<Answer>(
  { trackerUri, token }: ClientSettings,
  question: (api: Api) => Promise<Answer>,
): Promise<Answer> {
  const api = new Api(trackerUri, { token })
  try {
    return await question(api)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.status !== undefined) throw new TrackerRefusal(error.status, `${trackerUri} says: ${error.message}`)
    if (error.cause === undefined) throw new SettingError(`${error.message}: check --tracker-uri`)
    throw new SettingError(
      `no tracker answers on ${trackerUri}: start one with aspara tracker, or name it with --tracker-uri`,
      { cause: error },
    )
  } finally {
    api.close()
  }
}

/** What is shown of an answer. @throws SettingError when it is not as a tracker's is */
export function shown<Text>({ trackerUri }: ClientSettings, show: () => Text): Text {
  try {
    return show()
  } catch {
    throw new SettingError(`what answers on ${trackerUri} is not a tracker: check --tracker-uri`)
  }
}

/** A moment as minutes, hours or days ago. */
export function ago(moment: string | null, nowMs: number): string {
  if (moment === null) return ''
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(moment)) / 1000))
  if (seconds < 60) return `${seconds}s ago`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}h ago`
  return `${Math.floor(seconds / 86_400)}d ago`
}
