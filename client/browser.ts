/**
 * `import { init } from 'aspara'` in a browser. A page has no disk to spool on: what is logged waits in memory, bounded,
 * until it is sent, and what was not sent when a tab crashes is lost. A page that is left sends its last rows.
 */
import { fetchTransport } from './fetch-transport.ts'
import { MemoryQueue } from './memory-queue.ts'
import { checkOptions, type InitOptions } from './options.ts'
import { Run } from './run.ts'
import { Sender } from './sender.ts'
import type { RunDocument } from './spool-format.ts'
import { plainUri } from './transport.ts'
import { version } from './version.ts'

export type { LiveDocument } from './document.ts'
export type { Metrics, MetricValue } from './flatten.ts'
export type { MetricDefinition, SummaryKind } from './metric-summaries.ts'
export type { InitOptions, Mode, Settings } from './options.ts'
export type { ArtifactOptions, Finished, FinishOptions, LogOptions, Run } from './run.ts'

/**
 * Begins a run, which is sent to the page's own origin if no `trackerUri` is given: trackers take writes of no other page.
 * @throws TypeError that names the option that is wrong; the promise rejects for nothing else
 */
export async function init(options: InitOptions = {}): Promise<Run> {
  const { mode = 'online', settings = {} } = options
  const { displayName, ...checked } = checkOptions(options, options.project ?? 'default')
  const warn = (sentence: string) => {
    if (!settings.quiet) console.warn(`aspara: ${sentence}`)
  }
  const writer = uuid()
  const id = options.id ?? writer
  const trackerUri = plainUri(options.trackerUri ?? location.origin)
  const parts = {
    ...checked,
    id,
    // The tracker makes one up that people can say.
    name: checked.name ?? id,
    trackerUri,
    mode: mode === 'online' ? mode : 'disabled',
    notes: checked.notes ?? '',
    step: 0,
    warn,
    async artifactsOf(file: string | Blob) {
      if (typeof file === 'string') throw new TypeError('in a browser an artifact is a Blob or a File')
      return [{ fields: { file }, name: file instanceof File ? file.name : undefined }]
    },
  } as const
  if (mode !== 'online') {
    if (mode === 'offline') warn('a browser has no disk to spool on: this run is not kept')
    return new Run(parts)
  }
  const document: RunDocument & { id: string } = {
    type: 'run',
    project: parts.project,
    name: checked.name,
    id,
    config: checked.config,
    tags: options.tags,
    notes: checked.notes,
    project_tags: options.projectTags,
    resume: options.resume,
    label: settings.label,
    display_name: displayName,
    group: options.group,
    job_type: options.jobType,
    client: { language: 'typescript', version, host: navigator.userAgent.slice(0, 200) },
  }
  const keeper = new MemoryQueue((reason) => warn(`what is logged is dropped, and counted: ${reason}`))
  const sender: Sender = new Sender({
    source: keeper,
    transport: fetchTransport(trackerUri, options.token),
    writer,
    run: document,
    isNew: true,
    stats: () => run.stats(),
    onWarning: warn,
  })
  const onLeave = () => sender.sendLast()
  const run: Run = new Run({ ...parts, keeper, sender, onEnd: () => removeEventListener('pagehide', onLeave) })
  addEventListener('pagehide', onLeave)
  sender.wake()
  return run
}

/** `crypto.randomUUID` is there on secure origins only. */
function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6] & 0x0f) | 0x40
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
