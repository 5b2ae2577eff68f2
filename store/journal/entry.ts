import { crc32 } from 'node:zlib'

/**
 * An entry of the journal: what one commit took from one run, in columns. docs/format/journal.md draws the bytes.
 * Pure functions over bytes; nothing here knows where they are kept.
 */
export interface Entry {
  /** Integers. As it is submitted, NaN asks for the run's next step. */
  steps: Float64Array
  /** Milliseconds since the epoch, with fractions. */
  timestamps: Float64Array
  columns: Column[]
}

/** The values of one metric. */
export interface Column {
  metric: string
  values: Float64Array
  /** In which row each value stands, rising; undefined when every row has one. */
  rows: Uint32Array | undefined
}

/** A body that is not what was written. */
export class EntryCorrupt extends Error {
  override name = 'EntryCorrupt'
}

const version = 1
const headerBytes = 16
const columnHeaderBytes = 16
const checksumAt = 4
const align8 = (bytes: number) => Math.ceil(bytes / 8) * 8

/** Number of values in an entry. */
export const countPoints = (entry: Entry): number =>
  entry.columns.reduce((sum, column) => sum + column.values.length, 0)

/** What is wrong with a column in an entry of so many rows; undefined when nothing is. Asked on writing and on reading. */
function columnFault({ values, rows }: Column, rowCount: number): string | undefined {
  if (!rows) return values.length === rowCount ? undefined : `${values.length} values in ${rowCount} rows`
  if (rows.length !== values.length) return `${values.length} values in ${rows.length} of ${rowCount} rows`
  let before = -1
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index]
    if (row <= before || row >= rowCount) return `row ${row} after row ${before} of ${rowCount} rows`
    before = row
  }
  return undefined
}

/** What is encoded can be decoded: an entry that could not is refused before anybody is told that it is stored. */
export function encodeEntry(entry: Entry): Uint8Array {
  if (entry.timestamps.length !== entry.steps.length) {
    throw new Error(`BUG: an entry has ${entry.steps.length} steps and ${entry.timestamps.length} timestamps`)
  }
  for (const column of entry.columns) {
    const fault = columnFault(column, entry.steps.length)
    if (fault) throw new Error(`BUG: column ${column.metric} has ${fault}`)
  }
  const names = entry.columns.map((column) => Buffer.from(column.metric))
  const rowCount = entry.steps.length
  let size = headerBytes + rowCount * 16
  entry.columns.forEach((column, index) => {
    const rowBytes = column.rows ? align8(column.rows.length * 4) : 0
    size += columnHeaderBytes + rowBytes + column.values.length * 8 + align8(names[index].length)
  })

  const buffer = new ArrayBuffer(size)
  const bytes = new Uint8Array(buffer)
  const words = new Uint32Array(buffer)
  words[0] = version
  words[2] = rowCount
  words[3] = entry.columns.length
  let at = headerBytes
  const putDoubles = (values: Float64Array) => {
    new Float64Array(buffer, at, values.length).set(values)
    at += values.length * 8
  }
  putDoubles(entry.steps)
  putDoubles(entry.timestamps)
  entry.columns.forEach((column, index) => {
    words[at / 4] = names[index].length
    words[at / 4 + 1] = column.values.length
    words[at / 4 + 2] = column.rows ? 1 : 0
    at += columnHeaderBytes
    if (column.rows) {
      words.set(column.rows, at / 4)
      at += align8(column.rows.length * 4)
    }
    putDoubles(column.values)
    bytes.set(names[index], at)
    at += align8(names[index].length)
  })
  words[checksumAt / 4] = crc32(bytes.subarray(checksumAt + 4))
  return bytes
}

/**
 * Reads a body back. The columns are views into it, not copies.
 * @throws EntryCorrupt when a checksum, a count or an order is not what was written
 */
export function decodeEntry(body: Uint8Array): Entry {
  // Typed arrays start at multiples of 8; what an engine returns may not.
  const bytes = body.byteOffset % 8 === 0 ? body : new Uint8Array(body)
  const { buffer, byteOffset, byteLength } = bytes
  if (byteLength < headerBytes || byteLength % 8 !== 0) throw new EntryCorrupt(`entry of ${byteLength} bytes`)
  const words = new Uint32Array(buffer, byteOffset, byteLength / 4)
  if (words[0] !== version) throw new EntryCorrupt(`entry version ${words[0]}, expected ${version}`)
  const checksum = crc32(bytes.subarray(checksumAt + 4))
  if (words[checksumAt / 4] !== checksum) {
    throw new EntryCorrupt(`entry checksum ${words[checksumAt / 4]}, its bytes give ${checksum}`)
  }
  const rowCount = words[2]
  const columnCount = words[3]
  let at = headerBytes
  const take = (length: number) => {
    const start = at
    at += align8(length)
    if (at > byteLength) throw new EntryCorrupt(`entry ends at byte ${byteLength}, a column at ${at}`)
    return start
  }
  const doubles = (count: number) => new Float64Array(buffer, byteOffset + take(count * 8), count)
  const steps = doubles(rowCount)
  const timestamps = doubles(rowCount)
  const columns: Column[] = []
  for (let index = 0; index < columnCount; index++) {
    const header = take(columnHeaderBytes) / 4
    const nameBytes = words[header]
    const valueCount = words[header + 1]
    const kind = words[header + 2]
    if (kind > 1) throw new EntryCorrupt(`entry has a column of kind ${kind}, expected 0 or 1`)
    const isSparse = kind === 1
    const rows = isSparse ? new Uint32Array(buffer, byteOffset + take(valueCount * 4), valueCount) : undefined
    const values = doubles(valueCount)
    const nameAt = take(nameBytes)
    const metric = Buffer.from(buffer, byteOffset + nameAt, nameBytes).toString()
    const column = { metric, values, rows }
    const fault = columnFault(column, rowCount)
    if (fault) throw new EntryCorrupt(`column ${metric} has ${fault}`)
    columns.push(column)
  }
  if (at !== byteLength) throw new EntryCorrupt(`entry of ${byteLength} bytes, its columns end at ${at}`)
  return { steps, timestamps, columns }
}
