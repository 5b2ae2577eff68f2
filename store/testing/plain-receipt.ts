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

/** What a writer's receipt must say, as docs/format/spool.md says it: byte by byte, and with a checksum bit by bit. */
export function plainReceipt(rows: PlainRow[]): { rows: number; points: number; checksum: string } {
  const bytes = rows.flatMap(({ step, timestamp, values }) => {
    const named = values.map(([metric, value]) => ({ name: Buffer.from(metric), crc: crc(Buffer.from(metric)), value }))
    named.sort((one, other) => one.crc - other.crc || Buffer.compare(one.name, other.name))
    return [
      ...doubleBytes(step),
      ...doubleBytes(timestamp),
      ...named.flatMap(({ crc, value }) => [
        crc & 255,
        (crc >>> 8) & 255,
        (crc >>> 16) & 255,
        crc >>> 24,
        ...doubleBytes(value),
      ]),
    ]
  })
  const points = rows.reduce((sum, row) => sum + row.values.length, 0)
  return { rows: rows.length, points, checksum: crc(bytes).toString(16).padStart(8, '0') }
}

function doubleBytes(value: number): number[] {
  if (Number.isNaN(value)) return [0, 0, 0, 0, 0, 0, 0xf8, 0x7f]
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return [...bytes]
}

function crc(bytes: Iterable<number>): number {
  let state = 0xffffffff
  for (const byte of bytes) {
    state ^= byte
    for (let bit = 0; bit < 8; bit++) state = state & 1 ? (state >>> 1) ^ 0xedb88320 : state >>> 1
  }
  return ~state >>> 0
}
