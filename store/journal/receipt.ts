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
/** Rows are laid out in pieces that stay in the processor's cache. */
const pieceBytes = 32 * 1024
const canonicalNaN = 0x7ff80000

let scratch = new DataView(new ArrayBuffer(pieceBytes))

/** Goes on from a checksum over the bytes of these rows. */
function checksumAfter(before: number, { steps, timestamps, columns }: Entry): number {
  const ordered = inOrder(columns)
  const rowBytesMax = rowBytes + columns.length * valueBytes
  if (rowBytesMax > scratch.byteLength) scratch = new DataView(new ArrayBuffer(rowBytesMax))
  const rowsMax = Math.floor(scratch.byteLength / rowBytesMax)
  const isFull = columns.every((column) => column.rows === undefined)
  const gaps = isFull ? undefined : { ends: new Uint32Array(rowsMax), done: new Uint32Array(columns.length) }
  let checksum = before
  for (let first = 0; first < steps.length; first += rowsMax) {
    const piece = { steps, timestamps, columns: ordered, first, count: Math.min(rowsMax, steps.length - first) }
    const size = gaps ? layOutWithGaps(scratch, piece, gaps) : layOut(scratch, piece)
    checksum = crc32(new Uint8Array(scratch.buffer, 0, size), checksum)
  }
  return checksum
}

/** So many rows of a batch from one on. */
interface Piece {
  steps: Float64Array
  timestamps: Float64Array
  columns: Column[]
  first: number
  count: number
}

/** Writes rows that have every value. @returns their bytes */
function layOut(view: DataView, { steps, timestamps, columns, first, count }: Piece): number {
  const stride = rowBytes + columns.length * valueBytes
  putNumbers(view, 0, stride, steps, first, count)
  putNumbers(view, 8, stride, timestamps, first, count)
  for (let index = 0; index < columns.length; index++) {
    const { name, values } = columns[index]
    putColumn(view, rowBytes + index * valueBytes, stride, name, values, first, count)
  }
  return count * stride
}

/** Functions of their own, which are compiled well: as parts of another they took twice as long. */
function putNumbers(
  view: DataView,
  start: number,
  stride: number,
  numbers: Float64Array,
  first: number,
  count: number,
): void {
  for (let row = first, at = start; row < first + count; row++, at += stride) view.setFloat64(at, numbers[row], true)
}

function putColumn(
  view: DataView,
  start: number,
  stride: number,
  name: number,
  values: Float64Array,
  first: number,
  count: number,
): void {
  for (let row = first, at = start; row < first + count; row++, at += stride) putValue(view, at, name, values[row])
}

interface Gaps {
  /** While a piece is written, where each of its rows goes on. */
  ends: Uint32Array
  /** Of each column that has not all rows, how many values are done. */
  done: Uint32Array
}

/** Writes rows of which some have not every value. @returns their bytes */
function layOutWithGaps(view: DataView, piece: Piece, { ends, done }: Gaps): number {
  const { steps, timestamps, columns, first, count } = piece
  const full = columns.filter((column) => column.rows === undefined).length
  ends.fill(rowBytes + full * valueBytes)
  columns.forEach(({ rows }, index) => {
    if (rows) addSizes(ends, rows, done[index], first, first + count)
  })
  let size = 0
  for (let row = 0; row < count; row++) {
    view.setFloat64(size, steps[first + row], true)
    view.setFloat64(size + 8, timestamps[first + row], true)
    const start = size + rowBytes
    size += ends[row]
    ends[row] = start
  }
  columns.forEach(({ name, values, rows }, index) => {
    if (rows) done[index] = putSome(view, ends, name, values, rows, done[index], first, first + count)
    else putAll(view, ends, name, values, first, count)
  })
  return size
}

function addSizes(sizes: Uint32Array, rows: Uint32Array, done: number, first: number, end: number): void {
  for (let index = done; index < rows.length && rows[index] < end; index++) sizes[rows[index] - first] += valueBytes
}

/** @returns how many values of the column are done now */
function putSome(
  view: DataView,
  ends: Uint32Array,
  name: number,
  values: Float64Array,
  rows: Uint32Array,
  done: number,
  first: number,
  end: number,
): number {
  let index = done
  for (; index < rows.length && rows[index] < end; index++) {
    const row = rows[index] - first
    putValue(view, ends[row], name, values[index])
    ends[row] += valueBytes
  }
  return index
}

function putAll(
  view: DataView,
  ends: Uint32Array,
  name: number,
  values: Float64Array,
  first: number,
  count: number,
): void {
  for (let row = 0; row < count; row++) {
    putValue(view, ends[row], name, values[first + row])
    ends[row] += valueBytes
  }
}

function putValue(view: DataView, at: number, name: number, value: number): void {
  view.setUint32(at, name, true)
  if (Number.isNaN(value)) {
    // There are many NaNs; which one a number became on its way is nothing that anybody said.
    view.setUint32(at + 4, 0, true)
    view.setUint32(at + 8, canonicalNaN, true)
  } else view.setFloat64(at + 4, value, true)
}

interface Column {
  /** The CRC-32 of the metric's name. */
  name: number
  values: Float64Array
  rows: Uint32Array | undefined
}

/** Columns in the order in which their values stand in a row. */
function inOrder(columns: Entry['columns']): Column[] {
  const names = columns.map((column) => checksumOfName(column.metric))
  // As numbers of which the place is the last part: sorting objects takes longer than all the rest where a row is long.
  const keys = Float64Array.from(names, (name, place) => name * placesMax + place).sort()
  const places = Array.from(keys, (key) => key % placesMax)
  if (new Set(names).size < names.length) {
    const bytesOf = (place: number) => Buffer.from(columns[place].metric)
    places.sort((one, other) => names[one] - names[other] || Buffer.compare(bytesOf(one), bytesOf(other)))
  }
  return places.map((place) => ({ name: names[place], values: columns[place].values, rows: columns[place].rows }))
}

/** More than a batch has columns, and so that a name's 32 bits and a place fit a double. */
const placesMax = 2 ** 20

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
