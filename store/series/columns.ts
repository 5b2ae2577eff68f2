import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib'

/**
 * Columns of doubles as bytes: each in the smallest form that gives every bit back, all of them compressed together.
 * docs/format/series.md draws the bytes. Pure functions; nothing here knows what the columns mean.
 */

/** What a column is and how it may be written. */
export interface ColumnToEncode {
  values: Float64Array
  /** Written as the difference from this earlier column, where that gives every value back exactly. */
  relativeTo?: number
  /** Whole numbers after multiplying with 1,000 are taken for whole: milliseconds with microseconds as a fraction. */
  isTime?: boolean
}

/** A body that is not what was written. */
export class ChunkCorrupt extends Error {
  override name = 'ChunkCorrupt'
}

const version = 1
const headerBytes = 16
const columnHeaderBytes = 24
const noReference = 255
const uncompressed = 0
const zstd = 1
/** Level 1: level 3 was a tenth slower and 2 % smaller on float32 losses. */
const zstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }
/** Below this a frame is larger than what it holds. */
const bytesWorthCompressing = 96

const encodings = { line: 0, delta: 1, offset: 2, float32: 3, float64: 4 } as const

interface Plan {
  encoding: number
  /** Bytes a value in the planes. */
  width: number
  base: number
  increment: number
  /** What the values are multiplied with to become whole. */
  scale: number
}

/** @returns a body of its own, of the given kind */
export function encodeColumns(kind: number, columns: ColumnToEncode[]): Uint8Array {
  const rowCount = columns[0].values.length
  const parts = columns.map(({ values, relativeTo, isTime = false }) => {
    const difference = relativeTo === undefined ? undefined : subtract(values, columns[relativeTo].values)
    const written = difference ?? values
    return {
      values: written,
      reference: difference ? (relativeTo as number) : noReference,
      plan: plan(written, isTime),
    }
  })
  const headersBytes = columns.length * columnHeaderBytes
  const payload = new Uint8Array(headersBytes + parts.reduce((sum, part) => sum + part.plan.width * rowCount, 0))
  const view = new DataView(payload.buffer)
  let at = headersBytes
  parts.forEach(({ values, reference, plan }, index) => {
    const header = index * columnHeaderBytes
    view.setUint8(header, plan.encoding)
    view.setUint8(header + 1, plan.width)
    view.setUint8(header + 2, reference)
    view.setUint32(header + 4, plan.scale, true)
    view.setFloat64(header + 8, plan.base, true)
    view.setFloat64(header + 16, plan.increment, true)
    putPlanes(payload.subarray(at, at + plan.width * rowCount), values, plan)
    at += plan.width * rowCount
  })

  const packed =
    payload.length < bytesWorthCompressing
      ? payload
      : zstdCompressSync(payload, { ...zstdOptions, chunkSize: outputChunk(payload.length) })
  const isSmaller = packed.length < payload.length
  const content = isSmaller ? packed : payload
  const body = new Uint8Array(headerBytes + content.length)
  const header = new DataView(body.buffer)
  header.setUint8(0, version)
  header.setUint8(1, kind)
  header.setUint8(2, isSmaller ? zstd : uncompressed)
  header.setUint8(3, columns.length)
  header.setUint32(8, rowCount, true)
  header.setUint32(12, payload.length, true)
  body.set(content, headerBytes)
  header.setUint32(4, crc32(body.subarray(8)), true)
  return body
}

/** Columns of a body, each decoded when it is first asked for. */
export class Columns {
  readonly length: number
  #payload: Uint8Array
  #view: DataView
  #starts: number[] = []
  #decoded: (Float64Array | undefined)[]

  /**
   * @param payload the content, if somebody has expanded it already
   * @throws ChunkCorrupt when the checksum, a count or a length is not what was written
   */
  constructor(body: Uint8Array, kind: number, columnCount: number, payload?: Uint8Array) {
    const header = new DataView(body.buffer, body.byteOffset, body.byteLength)
    if (body.length < headerBytes) throw new ChunkCorrupt(`chunk of ${body.length} bytes`)
    if (header.getUint8(0) !== version) {
      throw new ChunkCorrupt(`chunk version ${header.getUint8(0)}, expected ${version}`)
    }
    const checksum = crc32(body.subarray(8))
    if (header.getUint32(4, true) !== checksum) {
      throw new ChunkCorrupt(`chunk checksum ${header.getUint32(4, true)}, its bytes give ${checksum}`)
    }
    if (header.getUint8(1) !== kind) throw new ChunkCorrupt(`chunk of kind ${header.getUint8(1)}, expected ${kind}`)
    if (header.getUint8(3) !== columnCount) {
      throw new ChunkCorrupt(`chunk of ${header.getUint8(3)} columns, expected ${columnCount}`)
    }
    this.length = header.getUint32(8, true)
    const payloadBytes = header.getUint32(12, true)
    const content = body.subarray(headerBytes)
    this.#payload = payload ?? expand(content, header.getUint8(2), payloadBytes)
    if (this.#payload.length !== payloadBytes) {
      throw new ChunkCorrupt(`chunk payload of ${this.#payload.length} bytes, expected ${payloadBytes}`)
    }
    this.#view = new DataView(this.#payload.buffer, this.#payload.byteOffset, this.#payload.length)
    let at = columnCount * columnHeaderBytes
    for (let index = 0; index < columnCount; index++) {
      this.#starts.push(at)
      at += this.#view.getUint8(index * columnHeaderBytes + 1) * this.length
    }
    if (at !== payloadBytes) throw new ChunkCorrupt(`chunk columns end at byte ${at} of ${payloadBytes}`)
    this.#decoded = new Array(columnCount)
  }

  column(index: number): Float64Array {
    this.#decoded[index] ??= this.#decode(index)
    return this.#decoded[index] as Float64Array
  }

  #decode(index: number): Float64Array {
    const header = index * columnHeaderBytes
    const encoding = this.#view.getUint8(header)
    const width = this.#view.getUint8(header + 1)
    const reference = this.#view.getUint8(header + 2)
    const scale = this.#view.getUint32(header + 4, true)
    const base = this.#view.getFloat64(header + 8, true)
    const increment = this.#view.getFloat64(header + 16, true)
    const planes = this.#payload.subarray(this.#starts[index], this.#starts[index] + width * this.length)
    const values = takePlanes(planes, this.length, { encoding, width, scale, base, increment })
    if (reference !== noReference) {
      const from = this.column(reference)
      for (let row = 0; row < values.length; row++) values[row] += from[row]
    }
    return values
  }
}

/** Bodies expanded in one go: a call takes 20 µs before it does anything, and these are a megabyte or less. */
const bodiesPerExpansion = 32

/** Many bodies of one kind. Frames of zstd that follow each other expand as one. @throws ChunkCorrupt */
export function openAll(bodies: Uint8Array[], kind: number, columnCount: number): Columns[] {
  const opened: Columns[] = []
  for (let from = 0; from < bodies.length; from += bodiesPerExpansion) {
    const group = bodies.slice(from, from + bodiesPerExpansion)
    const payloads = group.length > 1 ? expandAll(group) : undefined
    group.forEach((body, index) => {
      opened.push(new Columns(body, kind, columnCount, payloads?.[index]))
    })
  }
  return opened
}

/** @returns undefined when something about them is wrong: opened one by one they tell what */
function expandAll(bodies: Uint8Array[]): Uint8Array[] | undefined {
  const sizes: number[] = []
  let total = 0
  for (const body of bodies) {
    if (body.length < headerBytes || body[2] !== zstd) return undefined
    sizes.push(new DataView(body.buffer, body.byteOffset).getUint32(12, true))
    total += sizes[sizes.length - 1]
  }
  let expanded: Uint8Array
  try {
    const frames = Buffer.concat(bodies.map((body) => body.subarray(headerBytes)))
    expanded = zstdDecompressSync(frames, { maxOutputLength: total, chunkSize: outputChunk(total) })
  } catch {
    return undefined
  }
  if (expanded.length !== total) return undefined
  let at = 0
  return sizes.map((size) => {
    at += size
    return expanded.subarray(at - size, at)
  })
}

/** Room for all of the output at once: with less of it Node goes round again, with much more it spends time on that. */
const outputChunk = (bytes: number) => Math.max(64, bytes + 1)

/** @throws ChunkCorrupt: the header's first bytes, how it is compressed among them, are not in the checksum */
function expand(content: Uint8Array, compression: number, payloadBytes: number): Uint8Array {
  if (compression === uncompressed) return content
  if (compression !== zstd) throw new ChunkCorrupt(`chunk compression ${compression}`)
  try {
    return zstdDecompressSync(content, { maxOutputLength: payloadBytes, chunkSize: outputChunk(payloadBytes) })
  } catch (error) {
    throw new ChunkCorrupt(`chunk of ${content.length} bytes that do not decompress`, { cause: error })
  }
}

/** The differences, if adding them gives every value back. */
function subtract(values: Float64Array, from: Float64Array): Float64Array | undefined {
  const difference = new Float64Array(values.length)
  for (let row = 0; row < values.length; row++) {
    difference[row] = values[row] - from[row]
    if (!Object.is(from[row] + difference[row], values[row])) return undefined
  }
  return difference
}

/** The narrowest way to write a column. */
function plan(values: Float64Array, isTime: boolean): Plan {
  if (isLine(values)) {
    const increment = values.length > 1 ? values[1] - values[0] : 0
    return { encoding: encodings.line, width: 0, base: values[0], increment, scale: 1 }
  }
  const narrow = integerPlan(values, 1) ?? (isTime ? integerPlan(values, 1_000) : undefined)
  if (narrow && narrow.width < 4) return narrow
  const wide = { width: 4, base: 0, increment: 0, scale: 1 }
  if (isFloat32(values)) return { encoding: encodings.float32, ...wide }
  return narrow ?? { ...wide, encoding: encodings.float64, width: 8 }
}

/** `Object.is`, which compares bits where an ordinary comparison nearly always does. */
const isSame = (one: number, other: number) => (one === other && one !== 0 ? true : Object.is(one, other))

function isLine(values: Float64Array): boolean {
  const base = values[0]
  const increment = values.length > 1 ? values[1] - base : 0
  for (let row = 0; row < values.length; row++) if (!isSame(base + row * increment, values[row])) return false
  return true
}

function isFloat32(values: Float64Array): boolean {
  for (let row = 0; row < values.length; row++) if (!isSame(Math.fround(values[row]), values[row])) return false
  return true
}

/** Whole numbers (after scaling) as differences from the one before or from the lowest, whichever is narrower. */
function integerPlan(values: Float64Array, scale: number): Plan | undefined {
  let before = values[0] * scale
  let lowest = Infinity
  let highest = -Infinity
  let leastDelta = Infinity
  let mostDelta = -Infinity
  for (let row = 0; row < values.length; row++) {
    const whole = scale === 1 ? values[row] : Math.round(values[row] * scale)
    // With 0 added -0 is not what it was: as an integer it could not come back.
    if (!Number.isSafeInteger(whole) || !isSame((whole + 0) / scale, values[row])) return undefined
    if (row === 0) before = whole
    else {
      const delta = whole - before
      if (delta < leastDelta) leastDelta = delta
      if (delta > mostDelta) mostDelta = delta
      before = whole
    }
    if (whole < lowest) lowest = whole
    if (whole > highest) highest = whole
  }
  const first = scale === 1 ? values[0] : Math.round(values[0] * scale)
  const offsetWidth = widthOf(highest - lowest)
  const deltaWidth =
    Number.isSafeInteger(leastDelta) && Number.isSafeInteger(mostDelta) ? widthOf(mostDelta - leastDelta) : 8
  if (Math.min(offsetWidth, deltaWidth) > 4) return undefined
  return deltaWidth < offsetWidth
    ? { encoding: encodings.delta, width: deltaWidth, base: first, increment: leastDelta, scale }
    : { encoding: encodings.offset, width: offsetWidth, base: lowest, increment: 0, scale }
}

/** Bytes that hold every whole number from 0 to `range`. */
function widthOf(range: number): number {
  if (range < 0x100) return 1
  if (range < 0x10000) return 2
  if (range < 0x1000000) return 3
  return range < 0x100000000 ? 4 : 8
}

/** Writes a column byte by byte: the lowest bytes of all values, then the next ones. Like bytes compress well together. */
function putPlanes(planes: Uint8Array, values: Float64Array, { encoding, width, base, increment, scale }: Plan): void {
  if (width === 0) return
  const rowCount = values.length
  if (encoding === encodings.float64) {
    const bytes = new Uint8Array(values.slice().buffer)
    for (let plane = 0; plane < width; plane++) {
      const start = plane * rowCount
      for (let row = 0; row < rowCount; row++) planes[start + row] = bytes[row * 8 + plane]
    }
    return
  }
  let wholes: Uint32Array
  // Not `Float32Array.from`, which goes through an iterator.
  if (encoding === encodings.float32) wholes = new Uint32Array(new Float32Array(values).buffer)
  else {
    wholes = new Uint32Array(rowCount)
    if (encoding === encodings.offset) {
      for (let row = 0; row < rowCount; row++) wholes[row] = whole(values[row], scale) - base
    } else {
      let before = base
      for (let row = 1; row < rowCount; row++) {
        const current = whole(values[row], scale)
        wholes[row] = current - before - increment
        before = current
      }
    }
  }
  scatter(planes, wholes, width)
}

/** Whole numbers as one to four planes. Row by row: plane by plane it took twice the time. */
function scatter(planes: Uint8Array, wholes: Uint32Array, width: number): void {
  const rowCount = wholes.length
  const third = 2 * rowCount
  const fourth = 3 * rowCount
  for (let row = 0; row < rowCount; row++) {
    const value = wholes[row]
    planes[row] = value
    if (width === 1) continue
    planes[rowCount + row] = value >>> 8
    if (width === 2) continue
    planes[third + row] = value >>> 16
    if (width === 4) planes[fourth + row] = value >>> 24
  }
}

function takePlanes(planes: Uint8Array, rowCount: number, { encoding, width, base, increment, scale }: Plan) {
  const values = new Float64Array(rowCount)
  if (encoding === encodings.line) {
    for (let row = 0; row < rowCount; row++) values[row] = base + row * increment
    return values
  }
  if (encoding === encodings.float64) {
    const bytes = new Uint8Array(values.buffer)
    for (let plane = 0; plane < width; plane++) {
      const start = plane * rowCount
      for (let row = 0; row < rowCount; row++) bytes[row * 8 + plane] = planes[start + row]
    }
    return values
  }
  const gathered = gather(planes, rowCount, width)
  if (encoding === encodings.float32) {
    const floats = new Float32Array(gathered.buffer)
    for (let row = 0; row < rowCount; row++) values[row] = floats[row]
  } else if (encoding === encodings.offset) {
    for (let row = 0; row < rowCount; row++) values[row] = (base + gathered[row]) / scale
  } else if (encoding === encodings.delta) {
    let current = base
    values[0] = base / scale
    for (let row = 1; row < rowCount; row++) {
      current += increment + gathered[row]
      values[row] = current / scale
    }
  } else throw new ChunkCorrupt(`column encoding ${encoding}`)
  return values
}

/** The whole numbers of up to four planes. Row by row: plane by plane it took three times as long. */
function gather(planes: Uint8Array, rowCount: number, width: number): Uint32Array {
  const wholes = new Uint32Array(rowCount)
  if (width === 1) wholes.set(planes.subarray(0, rowCount))
  else if (width === 2) {
    for (let row = 0; row < rowCount; row++) wholes[row] = planes[row] | (planes[rowCount + row] << 8)
  } else {
    const third = 2 * rowCount
    for (let row = 0; row < rowCount; row++) {
      wholes[row] = planes[row] | (planes[rowCount + row] << 8) | (planes[third + row] << 16)
    }
    const fourth = 3 * rowCount
    if (width === 4) for (let row = 0; row < rowCount; row++) wholes[row] |= planes[fourth + row] << 24
  }
  return wholes
}

const whole = (value: number, scale: number) => (scale === 1 ? value : Math.round(value * scale))
