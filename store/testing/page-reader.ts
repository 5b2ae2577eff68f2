import { zstdDecompressSync } from 'node:zlib'

/*
 * A reader of chunks and totals, written from docs/format/series.md and from nothing else: it imports nothing of ours, so
 * that what the page leaves out shows. It is slow and plain on purpose.
 */

export interface ReadColumn {
  encoding: number
  width: number
  scale: number
  reference: number
  values: number[]
}

/** The columns of a chunk, and how each was written. */
export function readChunk(body: Uint8Array): { kind: number; compression: number; columns: ReadColumn[] } {
  const bytes = new DataView(body.buffer, body.byteOffset, body.byteLength)
  if (body.length < 16) throw new Error(`${body.length} bytes`)
  const [version, kind, compression, columnCount] = body
  if (version !== 1) throw new Error(`version ${version}`)
  if (bytes.getUint32(4, true) !== checksumOf(body.subarray(8))) throw new Error('checksum')
  if (kind !== 0 && kind !== 1) throw new Error(`kind ${kind}`)
  if (columnCount !== (kind === 0 ? 3 : 19)) throw new Error(`${columnCount} columns of kind ${kind}`)
  if (compression !== 0 && compression !== 1) throw new Error(`compression ${compression}`)
  const rows = bytes.getUint32(8, true)
  const payloadBytes = bytes.getUint32(12, true)
  if (rows === 0) throw new Error('no rows')
  const stored = body.subarray(16)
  const payload = compression === 1 ? zstdDecompressSync(stored, { maxOutputLength: payloadBytes }) : stored
  if (payload.length !== payloadBytes) throw new Error(`payload of ${payload.length} bytes, not ${payloadBytes}`)

  const headers = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  const columns: ReadColumn[] = []
  let planes = columnCount * 24
  for (let number = 0; number < columnCount; number++) {
    const header = number * 24
    const encoding = headers.getUint8(header)
    const width = headers.getUint8(header + 1)
    const reference = headers.getUint8(header + 2)
    const scale = headers.getUint32(header + 4, true)
    const base = headers.getFloat64(header + 8, true)
    const increment = headers.getFloat64(header + 16, true)
    if (planes + width * rows > payload.length) throw new Error(`column ${number} goes beyond the payload`)
    const cells = Array.from({ length: rows }, (_, row) =>
      Uint8Array.from({ length: width }, (_, plane) => payload[planes + plane * rows + row]),
    )
    planes += width * rows
    const own = valuesOf(cells, { encoding, width, scale, base, increment })
    if (reference !== 255 && reference >= number) throw new Error(`column ${number} refers to column ${reference}`)
    const values = reference === 255 ? own : own.map((value, row) => columns[reference].values[row] + value)
    columns.push({ encoding, width, scale, reference, values })
  }
  if (planes !== payload.length) throw new Error(`planes end at ${planes} of ${payload.length} bytes`)
  return { kind, compression, columns }
}

/** The 19 columns of a total. */
export function readTotal(body: Uint8Array): number[] {
  const bytes = new DataView(body.buffer, body.byteOffset, body.byteLength)
  if (body.length !== 160) throw new Error(`${body.length} bytes`)
  if (bytes.getUint32(0, true) !== 1) throw new Error(`version ${bytes.getUint32(0, true)}`)
  if (bytes.getUint32(4, true) !== checksumOf(body.subarray(8))) throw new Error('checksum')
  return Array.from({ length: 19 }, (_, column) => bytes.getFloat64(8 + column * 8, true))
}

interface ColumnHeader {
  encoding: number
  width: number
  scale: number
  base: number
  increment: number
}

function valuesOf(cells: Uint8Array[], { encoding, width, scale, base, increment }: ColumnHeader): number[] {
  const isOneOf = (least: number, most: number) => {
    if (width < least || width > most) throw new Error(`encoding ${encoding} of width ${width}`)
  }
  switch (encoding) {
    case 0:
      isOneOf(0, 0)
      return cells.map((_, row) => base + row * increment)
    case 1: {
      isOneOf(1, 4)
      let whole = base
      return cells.map((cell, row) => {
        if (row > 0) whole += increment + unsigned(cell)
        return whole / scale
      })
    }
    case 2:
      isOneOf(1, 4)
      return cells.map((cell) => (base + unsigned(cell)) / scale)
    case 3:
      isOneOf(4, 4)
      return cells.map((cell) => new DataView(cell.buffer).getFloat32(0, true))
    case 4:
      isOneOf(8, 8)
      return cells.map((cell) => new DataView(cell.buffer).getFloat64(0, true))
    default:
      throw new Error(`encoding ${encoding}`)
  }
}

const unsigned = (cell: Uint8Array) => cell.reduceRight((sum, byte) => sum * 256 + byte, 0)

function checksumOf(bytes: Uint8Array): number {
  let sum = 0xffffffff
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0)
  }
  return ~sum >>> 0
}
