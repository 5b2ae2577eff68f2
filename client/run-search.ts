import type { EarlierMetric } from './metric-summaries.ts'
import type { Resume } from './options.ts'
import type { RunBefore } from './run-parts.ts'
import { sentenceOf, type Transport } from './transport.ts'

/** The only question that a start ever waits for, and only where a run may exist already. */
const waitMs = 2_000

/** Which run is meant. */
export interface Wanted {
  project: string
  id?: string
  /** That a person gave; a run of this name is meant whatever its id is. */
  name?: string
}

export interface FoundRun extends RunBefore {
  name: string
  id: string | null
}

interface Listed {
  name: string
  id: string | null
}

interface Recorded extends Listed {
  config: Record<string, unknown>
  summary: Record<string, unknown>
  metrics: (EarlierMetric & { metric: string; last_step: number; last: number | string })[]
}

/** The run as the tracker has it; undefined when it has none. @throws Error when it does not say so within 2 s */
export async function findRun(transport: Transport, wanted: Wanted): Promise<FoundRun | undefined> {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), waitMs)
  const runs = `/projects/${wanted.project}/runs`
  const get = async <Found>(path: string): Promise<Found | undefined> => {
    const answer = await transport({ method: 'GET', path }, stop.signal)
    if (answer.status === 404 && answer.body) return undefined
    if (answer.status >= 300 || !answer.body) throw new Error(sentenceOf(answer))
    return answer.body as Found
  }
  const { id, name } = wanted
  try {
    const query = new URLSearchParams({ filter: `id = "${id}"`, metrics: '', limit: '1' })
    const listed = id ? await get<{ runs: Listed[] }>(`${runs}?${query}`) : undefined
    const named = listed?.runs[0]?.name ?? name
    const run = named ? await get<Recorded>(`${runs}/${named}`) : undefined
    return run && foundOf(run)
  } catch (error) {
    throw stop.signal.aborted ? new Error('no answer within 2 s') : error
  } finally {
    clearTimeout(timer)
  }
}

const foundOf = ({ name, id, config, summary, metrics }: Recorded): FoundRun => ({
  name,
  id,
  config,
  summary,
  lastStep: Math.max(-1, ...metrics.map((metric) => metric.last_step)),
  last: metrics.map(({ metric, last_step: step, last }) => ({ metric, step, value: Number(last) })),
  metrics: new Map(metrics.map((metric) => [metric.metric, metric])),
})

export interface Resuming {
  resume: Resume
  wanted: Wanted
  trackerUri: string
  warn: (sentence: string) => void
  /** The run as this machine knows it, for when the tracker does not answer. */
  offline?: (wanted: Wanted) => FoundRun | undefined
}

/**
 * Whether there is a run to go on with, asked of the tracker.
 * @returns undefined for a new one
 * @throws TypeError when `must` finds none, or `never` finds one
 */
export async function decideResume(
  { resume, wanted: given, trackerUri, warn, offline }: Resuming,
  transport: Transport | undefined,
): Promise<FoundRun | undefined> {
  const { project, id, name } = given
  // Of a name alone "never" begins another run, which gets a name of its own.
  if (!id && (!name || resume === 'never')) {
    if (resume === 'must') throw new TypeError('resume "must" needs a name or an id')
    return undefined
  }
  const wanted = resume === 'never' ? { project, id } : given
  const which = wanted.name ? `a run ${name}` : `a run with the id ${id}`
  let reason = transport ? '' : 'the run is offline'
  let found: FoundRun | undefined
  try {
    found = transport && (await findRun(transport, wanted))
  } catch (error) {
    reason = (error as Error).message
  }
  if (reason) found = offline?.(wanted)
  if (found && resume === 'never') throw new TypeError(`resume "never": ${which} exists already in project ${project}`)
  if (!found && reason) warn(`whether ${which} exists could not be checked (${reason})`)
  else if (!found && resume === 'must') {
    throw new TypeError(`resume "must": ${which} does not exist in project ${project} at ${trackerUri}`)
  }
  return found
}
