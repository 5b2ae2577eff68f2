import type { RunWriter } from '../api/queries.ts'
import { formatBytes, formatCount, formatDuration } from '../data/format.ts'

/** What the clients of a run say that logging cost it, in sentences: only what is really known. */
export interface Overhead {
  /** "logging took 1.4 µs a call at the median: 0.002 % of the run's time"; null when no client has said anything. */
  sentence: string | null
  /** What else is worth knowing. */
  facts: string[]
  /** What went wrong, or may still. */
  warnings: string[]
  /** "python 0.2.0". */
  clients: string[]
}

/** `createdMs`: when the run began, ms since the epoch: its writers say when they were heard, not when they began. */
export function overheadOf(writers: readonly RunWriter[], createdMs: number): Overhead {
  const known = writers.filter(({ client }) => client !== null)
  const sum = (key: string) => {
    const values = known.flatMap((writer) => figure(writer, key) ?? [])
    return values.length === 0 ? undefined : values.reduce((one, other) => one + other, 0)
  }
  const some = (amount: number | undefined): amount is number => amount !== undefined && amount > 0

  const facts: string[] = []
  const calls = known.reduce((all, writer) => all + (callsOf(writer) ?? 0), 0)
  if (some(calls)) facts.push(`${formatCount(calls)} ${calls === 1 ? 'call' : 'calls'}`)
  const bytes = sum('bytes_sent')
  const requests = sum('requests')
  if (some(bytes) && some(requests)) {
    facts.push(`${formatBytes(bytes)} sent in ${formatCount(requests)} ${requests === 1 ? 'request' : 'requests'}`)
  }
  const finishing = known.flatMap((writer) => figure(writer, 'finish_s') ?? [])
  if (finishing.length > 0) facts.push(`finishing took ${formatDuration(Math.max(...finishing) * 1000)}`)

  const warnings: string[] = []
  const waiting = known.reduce((rows, writer) => rows + waitingOf(writer), 0)
  if (some(waiting)) warnings.push(`${rowsText(waiting)} waiting to be sent`)
  const retries = sum('retries')
  if (some(retries))
    warnings.push(`${formatCount(retries)} ${retries === 1 ? 'request was' : 'requests were'} tried again`)
  const refused = sum('refused')
  if (some(refused)) warnings.push(`${rowsText(refused)} refused by the tracker`)
  const lost = sum('lost')
  if (some(lost)) warnings.push(`${rowsText(lost)} lost: the disk of the run had no room`)

  return { sentence: sentenceOf(known, createdMs), facts, warnings, clients: clientsOf(known) }
}

function sentenceOf(writers: RunWriter[], createdMs: number): string | null {
  const medians = writers.flatMap((writer) => figure(writer, 'log_p50_us') ?? [])
  if (medians.length === 0) return null
  const median = span(medians)
  const slow = writers.flatMap((writer) => figure(writer, 'log_p99_us') ?? [])
  const p99 = slow.length === 0 ? '' : ` and ${span(slow)} at the 99th percentile`
  // The writer that it cost most: an average over ranks would hide the one that holds all others up.
  const shares = writers.flatMap((writer) => shareOf(writer, createdMs) ?? [])
  const share = shares.length === 0 ? '' : `: ${percent(Math.max(...shares))} of the run's time`
  return `Logging took ${median} a call at the median${p99}${share}.`
}

/** The median times the calls, of the time from the run's beginning to when the writer ended or was last heard. */
function shareOf(writer: RunWriter, createdMs: number): number | undefined {
  const median = figure(writer, 'log_p50_us')
  const calls = callsOf(writer)
  const end = writer.finished_at ?? writer.heard_at
  if (median === undefined || calls === undefined || end === null) return undefined
  const tookMs = Date.parse(end) - createdMs
  // In its first moments a run has done little else.
  return tookMs >= 1_000 ? (median * calls) / 1000 / tookMs : undefined
}

function clientsOf(writers: RunWriter[]): string[] {
  const texts = writers.flatMap(({ client }) => {
    const { language, version } = client as Record<string, unknown>
    if (typeof language !== 'string') return []
    return typeof version === 'string' ? `${language} ${version}` : language
  })
  return [...new Set(texts)].sort()
}

/** Rows that a client had and the tracker has not. What came with the client's words, or after them, waits no longer. */
function waitingOf(writer: RunWriter): number {
  // A writer that has ended has nothing left to wait for.
  if (writer.finished_at !== null) return 0
  const waiting = figure(writer, 'rows_waiting') ?? 0
  const rows = figure(writer, 'rows')
  return rows === undefined || writer.rows === null ? waiting : Math.min(waiting, Math.max(0, rows - writer.rows))
}

/** A client says from time to time how many calls there were; rows, of which a call makes one, are counted as they come. */
function callsOf(writer: RunWriter): number | undefined {
  const calls = figure(writer, 'log_calls')
  return calls === undefined ? undefined : Math.max(calls, writer.rows ?? 0)
}

/** A client is another program: what is no number is nothing that was said. */
function figure({ client }: RunWriter, key: string): number | undefined {
  const value = (client as Record<string, unknown> | null)?.[key]
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

const rowsText = (rows: number) => `${formatCount(rows)} ${rows === 1 ? 'row' : 'rows'}`

/** One time, or from the lowest to the highest when writers differ. */
function span(times: number[]): string {
  const low = microseconds(Math.min(...times))
  const high = microseconds(Math.max(...times))
  return low === high ? low : `${low} to ${high}`
}

function microseconds(us: number): string {
  if (us < 1_000) return `${Number(us.toPrecision(2))} µs`
  if (us < 1_000_000) return `${Number((us / 1_000).toPrecision(2))} ms`
  return `${Number((us / 1_000_000).toPrecision(2))} s`
}

function percent(share: number): string {
  const value = share * 100
  if (value < 0.0001) return 'less than 0.0001 %'
  return `${Number(value.toPrecision(value < 10 ? 1 : 2))} %`
}
