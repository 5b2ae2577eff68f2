import type { BatchAppend } from '../journal/appends.ts'

/** A row as it was logged: what has no value in it is not in it. */
export interface PlainRow {
  step: number
  timestamp: number
  values: [metric: string, value: number][]
}

/** The rows of a batch, at these steps. */
export function rowsOf({ timestamps, columns }: BatchAppend, steps: number[]): PlainRow[] {
  return steps.map((step, row) => ({
    step,
    timestamp: timestamps[row],
    values: columns.flatMap(({ metric, values, rows }): [string, number][] => {
      const at = rows ? rows.indexOf(row) : row
      return at < 0 ? [] : [[metric, values[at]]]
    }),
  }))
}

/** What a writer's receipt must say, read from docs/format/spool.md word by word. */
export function plainReceipt(rows: PlainRow[]): { rows: number; points: number; checksum: string } {
  const bytes = rows.map(({ step, timestamp, values }) => {
    const named = values.map(([metric, value]) => ({ name: Buffer.from(metric), crc: crc(Buffer.from(metric)), value }))
    named.sort((one, other) => one.crc - other.crc || Buffer.compare(one.name, other.name))
    const parts = named.flatMap(({ crc, value }) => [unsigned(crc), double(value)])
    return Buffer.concat([double(step), double(timestamp), ...parts])
  })
  const points = rows.reduce((sum, row) => sum + row.values.length, 0)
  return { rows: rows.length, points, checksum: crc(Buffer.concat(bytes)).toString(16).padStart(8, '0') }
}

function double(value: number): Buffer {
  if (Number.isNaN(value)) return Buffer.from([0, 0, 0, 0, 0, 0, 0xf8, 0x7f])
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return bytes
}

function unsigned(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** Of each byte, what the checksum shifts to. */
const shifted = Array.from({ length: 256 }, (_, byte) => {
  let state = byte
  for (let bit = 0; bit < 8; bit++) state = state & 1 ? (state >>> 1) ^ 0xedb88320 : state >>> 1
  return state
})

function crc(bytes: Buffer): number {
  let state = 0xffffffff
  for (const byte of bytes) state = shifted[(state ^ byte) & 255] ^ (state >>> 8)
  return ~state >>> 0
}
