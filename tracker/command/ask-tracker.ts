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
export async function askTracker<Answer>({ trackerUri, token }: ClientSettings, path: string): Promise<Answer> {
  let response: Response
  try {
    response = await fetch(`${trackerUri}/api/v1${path}`, {
      headers: token ? { authorization: `Bearer ${token}` } : {},
    })
  } catch (cause) {
    throw new SettingError(
      `no tracker answers on ${trackerUri}: start one with aspara tracker, or name it with --tracker-uri`,
      { cause },
    )
  }
  const answer = (await response.json().catch(() => undefined)) as { detail?: unknown } | undefined
  if (response.ok && answer) return answer as Answer
  const detail = answer?.detail
  if (!detail) {
    throw new SettingError(`what answers on ${trackerUri} is not a tracker (${response.status}): check --tracker-uri`)
  }
  const said = typeof detail === 'string' ? detail : JSON.stringify(detail)
  throw new TrackerRefusal(response.status, `${trackerUri} says: ${said}`)
}

/** All pages of a list, one after the other. */
export async function askPages<Item>(settings: ClientSettings, path: string, name: string): Promise<Item[]> {
  const items: Item[] = []
  let cursor: string | null = null
  do {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page: Record<string, unknown> = await askTracker(settings, `${path}?limit=1000${query}`)
    items.push(...(page[name] as Item[]))
    cursor = page.next_cursor as string | null
  } while (cursor !== null)
  return items
}

/** Rows under a heading, in columns as wide as what they hold. */
export function table(heading: string[], rows: string[][]): string {
  const widths = heading.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)))
  return [heading, ...rows]
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
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
