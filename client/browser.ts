/**
 * `import { init } from 'aspara'` in a browser. A page has no disk to spool on: what is logged waits in memory, bounded,
 * until it is sent, and what was not sent when a tab crashes is lost. A page that is left sends its last rows.
 */
import { expect } from './expect.ts'
import { fetchTransport } from './fetch-transport.ts'
import { MemoryQueue } from './memory-queue.ts'
import { readableName } from './names.ts'
import { checkedToken, checkedUri, describeRun, type InitOptions, resumeOf } from './options.ts'
import { Run } from './run.ts'
import { artifactDocument } from './run-parts.ts'
import { decideResume } from './run-search.ts'
import { Sender } from './sender.ts'
import { version } from './version.ts'

export type { LiveDocument } from './document.ts'
export type { Metrics, MetricValue } from './flatten.ts'
export type { Loggable } from './loggable.ts'
export type { MetricDefinition, SummaryKind } from './metric-summaries.ts'
export type { InitOptions, Mode, Resume, Settings } from './options.ts'
export type { Run } from './run.ts'
export type { ArtifactOptions, Finished, FinishOptions, LogOptions } from './run-parts.ts'

/** A page of another origin is refused whatever is tried again. */
const refusalAdvice =
  'nothing more is sent. Open the page from the tracker itself, or let the server of the page pass /api/v1 on to it ' +
  '(the README of the client has how), and give a token where one is needed'

/**
 * Begins a run, which is sent to the page's own origin if no `trackerUri` is given: trackers take writes of no other page.
 * Only with `resume` is the tracker asked for the run, for at most 2 s; otherwise nothing is waited for.
 * @throws TypeError that names the option that is wrong; the promise rejects for nothing else
 */
export async function init(options: InitOptions = {}): Promise<Run> {
  const described = describeRun(options, ['online', 'disabled'])
  const { mode = 'online', settings } = options
  const token = checkedToken(options.token)
  const resume = resumeOf(options, ['allow', 'must', 'never'])
  const warn = (sentence: string) => {
    if (!settings?.quiet) console.warn(`aspara: ${sentence}`)
  }
  const trackerUri = checkedUri('trackerUri', options.trackerUri ?? location.origin)
  const transport = fetchTransport(trackerUri, token)
  const isOnline = mode === 'online'
  const wanted = { project: described.project, id: described.id ?? undefined, name: described.name ?? undefined }
  const before = resume && isOnline ? await decideResume({ resume, wanted, trackerUri, warn }, transport) : undefined
  const writer = uuid()
  const id = before?.id ?? described.id ?? writer
  const client = { language: 'typescript', version, host: navigator.userAgent }
  const description = {
    ...{ ...described, id, client, started: Date.now() },
    name: before?.name ?? described.name ?? readableName(id),
    resume: before !== undefined || resume === 'allow' || resume === 'must',
  }
  const keeper = new MemoryQueue(
    isOnline ? () => warn('the queue in memory is full: further rows are dropped and counted') : undefined,
  )
  const sender = isOnline
    ? new Sender({
        ...{ writer, transport, refusalAdvice, run: description, source: keeper, isNew: true, onWarning: warn },
        batchChars: 25_000,
        stats: () => run.stats(),
      })
    : undefined
  const run: Run = new Run({
    ...{ description, trackerUri, mode, before, keeper, sender, warn },
    storage: isOnline ? 'memory' : undefined,
    async artifactsOf(file, about) {
      expect(file instanceof Blob, 'an artifact', 'a Blob or a File', file)
      return [artifactDocument({ file }, about.name ?? (file as File).name, about)]
    },
  })
  // A page that is left ends its run; one that the browser has kept, and shows again, goes on with it.
  addEventListener('pagehide', () => sender?.sendLast())
  addEventListener('pageshow', ({ persisted }) => persisted && sender?.goOn())
  sender?.wake()
  return run
}

/** `crypto.randomUUID` is there on secure origins only; the address of a blob ends with one on any. */
function uuid(): string {
  const address = URL.createObjectURL(new Blob())
  URL.revokeObjectURL(address)
  return address.slice(-36)
}
