import { limits } from '@aspara/protocol/limits.ts'
import type { RunWriter } from '@aspara/protocol/writers.ts'
import { ago } from './ask-tracker.ts'
import { table } from './print.ts'

/** The writers of a run, and what logging cost those that say so; nothing when there are none. */
export function writerTables(writers: RunWriter[], nowMs: number): string {
  if (writers.length === 0) return ''
  const rows = writers.map((writer) => [
    nameOf(writer),
    stateOf(writer, nowMs),
    count(writer.rows),
    count(writer.points),
    writer.checksum ?? '',
    ago(writer.heard_at, nowMs),
  ])
  const only =
    writers.length < limits.runWritersMax ? '' : `Only the ${limits.runWritersMax} that were heard of last.\n`
  return `\n${table(['WRITER', 'STATE', 'ROWS', 'POINTS', 'CHECKSUM', 'HEARD'], rows)}${only}${overheadTable(writers)}`
}

/** What its client says under these keys; a client of somebody else may say anything. */
const overheads: [heading: string, key: string, show: (value: number) => string][] = [
  ['LOG P50', 'log_p50_us', microseconds],
  ['LOG P99', 'log_p99_us', microseconds],
  ['REQUESTS', 'requests', String],
  ['RETRIES', 'retries', String],
  ['REFUSED', 'refused', String],
  ['LOST', 'lost', String],
  ['FINISH', 'finish_s', (seconds) => `${Number(seconds.toPrecision(3))} s`],
]

function overheadTable(writers: RunWriter[]): string {
  const rows = writers.flatMap((writer) => {
    const cells = overheads.map(([, key, show]) => {
      const value = writer.client?.[key]
      return typeof value === 'number' ? show(value) : ''
    })
    return cells.some((cell) => cell !== '') ? [[nameOf(writer), ...cells]] : []
  })
  return rows.length === 0 ? '' : `\n${table(['LOGGING', ...overheads.map(([heading]) => heading)], rows)}`
}

/** Enough of a UUID to tell writers of one run apart. */
const nameOf = ({ label, writer }: RunWriter) => label || writer.slice(0, 8)

function stateOf({ heard_at, finished_at, exit_code }: RunWriter, nowMs: number): string {
  if (finished_at !== null) return exit_code ? `✕ exit code ${exit_code}` : '✓ finished'
  const isSilent = heard_at === null || Date.parse(heard_at) < nowMs - limits.lostMs
  return isSilent ? '○ silent' : '● running'
}

/** Writers that are older than receipts have none. */
const count = (value: number | null) => (value === null ? '' : String(value))

function microseconds(value: number): string {
  const [shown, unit] = value < 1_000 ? [value, 'µs'] : [value / 1_000, 'ms']
  return `${Number(shown.toPrecision(3))} ${unit}`
}
