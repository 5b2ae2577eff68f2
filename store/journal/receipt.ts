import { crc32 } from 'node:zlib'
import { countPoints, type Entry } from './entry.ts'

/**
 * What a writer is told of all that is stored of it: equal to what it counts itself, however its rows were divided into
 * batches. docs/format/spool.md draws the bytes under the checksum.
 */
export interface Receipt {
  rows: number
  points: number
  /** A CRC-32, unsigned. */
  checksum: number
}

export const emptyReceipt: Receipt = { rows: 0, points: 0, checksum: 0 }

/** The receipt after these rows. Every row counts, one without a value too. */
export function receiptAfter(before: Receipt, rows: Entry): Receipt {
  return {
    rows: before.rows + rows.steps.length,
    points: before.points + countPoints(rows),
    checksum: checksumAfter(before.checksum, rows),
  }
}

const rowBytes = 16
const valueBytes = 12
/** Rows are laid out in pieces that stay in the processor's cache; a row of 10,000 values takes 120 kB. */
const pieceBytes = 128 * 1024
const canonicalNaN = 0x7ff80000

let scratch = new DataView(new ArrayBuffer(pieceBytes))

/** Goes on from a checksum over the bytes of these rows. */
function checksumAfter(before: number, { steps, timestamps, columns }: Entry): number {
  const ordered = inOrder(columns)
  const longest = rowBytes + columns.length * valueBytes
  if (longest > scratch.byteLength) scratch = new DataView(new ArrayBuffer(longest))
  const rowsPerPiece = Math.floor(scratch.byteLength / longest)
  const isFull = columns.every((column) => column.rows === undefined)
  /** Of each column, how many values are done. */
  const done = new Uint32Array(columns.length)
  const ends = new Uint32Array(Math.min(rowsPerPiece, steps.length))

  let checksum = before
  for (let first = 0; first < steps.length; first += rowsPerPiece) {
    const count = Math.min(rowsPerPiece, steps.length - first)
    const size = isFull ? layRowsOut(longest) : layRowsOut()
    checksum = crc32(new Uint8Array(scratch.buffer, 0, size), checksum)

    /** Writes the rows of this piece. @returns the bytes of all of them */
    function layRowsOut(bytesPerRow?: number): number {
      ends.fill(rowBytes)
      if (bytesPerRow === undefined) countValues()
      let at = 0
      for (let row = 0; row < count; row++) {
        const bytes = bytesPerRow ?? ends[row]
        scratch.setFloat64(at, steps[first + row], true)
        scratch.setFloat64(at + 8, timestamps[first + row], true)
        ends[row] = at + rowBytes
        at += bytes
      }
      ordered.forEach(({ name, values, rows }, index) => {
        let value = done[index]
        const end = rows ? endOf(rows, value) : value + count
        for (; value < end; value++) {
          const row = rows ? rows[value] - first : value - first
          putValue(ends[row], name, values[value])
          ends[row] += valueBytes
        }
        done[index] = end
      })
      return at
    }

    /** Makes of `ends` what each row takes. */
    function countValues(): void {
      ordered.forEach(({ rows }, index) => {
        const start = done[index]
        const end = rows ? endOf(rows, start) : start + count
        for (let value = start; value < end; value++) ends[rows ? rows[value] - first : value - first] += valueBytes
      })
    }

    /** Where the values of this piece end. */
    function endOf(rows: Uint32Array, start: number): number {
      let end = start
      while (end < rows.length && rows[end] < first + count) end++
      return end
    }
  }
  return checksum
}

function putValue(at: number, name: number, value: number): void {
  scratch.setUint32(at, name, true)
  if (Number.isNaN(value)) {
    // There are many NaNs; which one a number became on its way is nothing that anybody said.
    scratch.setUint32(at + 4, 0, true)
    scratch.setUint32(at + 8, canonicalNaN, true)
  } else scratch.setFloat64(at + 4, value, true)
}

interface OrderedColumn {
  /** The CRC-32 of the metric's name. */
  name: number
  values: Float64Array
  rows: Uint32Array | undefined
}

/** Columns in the order in which their values stand in a row. */
function inOrder(columns: Entry['columns']): OrderedColumn[] {
  const named = columns.map((column) => ({ name: checksumOfName(column.metric), ...column }))
  return named.sort(
    (one, other) => one.name - other.name || Buffer.compare(Buffer.from(one.metric), Buffer.from(other.metric)),
  )
}

const namesMax = 10_000
const namesSoFar = new Map<string, number>()

/** The names of a training are the same in every batch. */
function checksumOfName(metric: string): number {
  let name = namesSoFar.get(metric)
  if (name === undefined) {
    name = crc32(Buffer.from(metric))
    if (namesSoFar.size >= namesMax) namesSoFar.clear()
    namesSoFar.set(metric, name)
  }
  return name
}
