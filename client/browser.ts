/**
 * `import { init } from 'aspara'` in a browser. A page has no disk to spool on: what is logged waits in memory, bounded,
 * until it is sent, and what was not sent when a tab crashes is lost. A page that is left sends its last rows.
 */
import { expect } from './expect.ts'
import { fetchTransport } from './fetch-transport.ts'
import { MemoryQueue } from './memory-queue.ts'
import { describeRun, type InitOptions } from './options.ts'
import { artifactDocument, Run } from './run.ts'
import { Sender } from './sender.ts'
import { plainUri } from './transport.ts'
import { version } from './version.ts'

export type { LiveDocument } from './document.ts'
export type { Metrics, MetricValue } from './flatten.ts'
export type { Loggable } from './loggable.ts'
export type { MetricDefinition, SummaryKind } from './metric-summaries.ts'
export type { InitOptions, Mode, Settings } from './options.ts'
export type { ArtifactOptions, Finished, FinishOptions, LogOptions, Run } from './run.ts'

/**
 * Begins a run, which is sent to the page's own origin if no `trackerUri` is given: trackers take writes of no other page.
 * @throws TypeError that names the option that is wrong; the promise rejects for nothing else
 */
export async function init(options: InitOptions = {}): Promise<Run> {
  const described = describeRun(options, 'default', ['online', 'disabled'])
  const { mode = 'online', settings, token } = options
  const warn = (sentence: string) => {
    if (!settings?.quiet) console.warn(`aspara: ${sentence}`)
  }
  const writer = uuid()
  const { id = writer } = options
  const client = { language: 'typescript', version, host: navigator.userAgent }
  // Without a name the tracker makes one up that people can say. There is no disk to spool on for a run that is offline.
  const description = { ...described, id, client }
  const trackerUri = plainUri(options.trackerUri ?? location.origin)
  const isOnline = mode === 'online'
  const keeper = new MemoryQueue(isOnline ? () => warn('too much waits: the rest is dropped') : undefined)
  const sender = isOnline
    ? new Sender({
        source: keeper,
        transport: fetchTransport(trackerUri, token),
        writer,
        run: description,
        isNew: true,
        stats: () => run.stats(),
        onWarning: warn,
      })
    : undefined
  const run: Run = new Run({
    description,
    trackerUri,
    mode,
    keeper,
    sender,
    warn,
    async artifactsOf(file, about) {
      expect(typeof file === 'object', 'an artifact', 'a Blob or a File', file)
      return [artifactDocument({ file }, about.name ?? (file as File).name, about)]
    },
  })
  // For good: a run that has ended has nothing left to send.
  addEventListener('pagehide', () => sender?.sendLast())
  sender?.wake()
  return run
}

/** `crypto.randomUUID` is there on secure origins only; the address of a blob ends with one on any. */
function uuid(): string {
  const address = URL.createObjectURL(new Blob())
  URL.revokeObjectURL(address)
  return address.slice(-36)
}
