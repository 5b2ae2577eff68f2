import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from './crc32.ts'
import { documentText } from './document-text.ts'
import type { Keeper, Shape } from './keeper.ts'
import { makeFolder } from './make-folder.ts'
import {
  documentMark,
  frameBytes,
  headerBytes,
  magic,
  type RunDocument,
  recordBytesMax,
  rowBytes,
  rowMark,
  type SpoolDocument,
  segmentBytesMax,
  segmentName,
  version,
} from './spool-format.ts'
import { placeNumber } from './spool-reader.ts'

/** The `next` document at the end of a segment always finds room. */
const nextBytes = frameBytes + 24

export interface SpoolOptions {
  /** The writer's own folder, which is made. */
  folder: string
  /** The writer's UUID. */
  writer: string
  run: RunDocument
  /** How many bytes this writer may take, when it has `own` and wants so many more; asked every 8 MiB. It may make room. */
  allowance?: (wanted: number, own: number) => number
  /** Told once, when something is dropped for the first time. */
  onLoss?: (reason: string) => void
  /** Tests try small ones. */
  segmentBytes?: number
}

/**
 * The writing end of a spool, in the format of docs/format/spool.md. A record is one write(2) at its own place: it is the
 * kernel's as soon as `keepRow` returns, so that whatever happens to the process, the file has it. About 1 µs (a memory map
 * would cost less, but Node has none). A write that failed or was cut short is written over by the next one.
 */
export class SpoolWriter implements Keeper {
  readonly folder: string
  readonly values: Float64Array
  rows = 0
  lost = 0
  /** Bytes of all segments. */
  bytes = 0
  #buffer = new ArrayBuffer(128 * 1024)
  #bytes = new Uint8Array(this.#buffer)
  #words = new Uint32Array(this.#buffer)
  #doubles = new Float64Array(this.#buffer)
  #options: SpoolOptions
  #segmentBytes: number
  #fd = -1
  #segment = -1
  #offset = 0
  #shapes = 0
  #bytesAllowed = Number.POSITIVE_INFINITY
  /** Past this the allowance is asked for again. */
  #bytesMax = 0
  #askedAt = 0
  #lossReason = ''
  #lossTold = 0

  /** Makes the folder, and the first segment with the run's record. @throws what the file system says */
  constructor(options: SpoolOptions) {
    this.#options = options
    this.folder = options.folder
    this.#segmentBytes = options.segmentBytes ?? segmentBytesMax
    // Values stand behind size, shape, step and time.
    this.values = this.#doubles.subarray(3)
    makeFolder(options.folder, 0o700)
    this.#openSegment(0)
    const { config, notes, ...rest } = options.run
    // Where the whole is too much for one record, each of them has room in one of its own.
    const run = [options.run, { type: 'config', values: config }, { type: 'notes', notes }] as SpoolDocument[]
    const isKept = this.#fits(run[0])
      ? this.#append(run[0])
      : this.#append(rest as unknown as SpoolDocument) &&
        (!config || this.#append(run[1])) &&
        (!notes || this.#append(run[2]))
    if (!isKept) {
      this.close()
      throw new Error(this.#lossReason)
    }
  }

  get position(): number {
    return placeNumber({ segment: this.#segment, offset: this.#offset })
  }

  get lossReason(): string {
    return this.lost > 0 ? this.#lossReason : ''
  }

  shapeOf(keys: readonly string[]): Shape {
    return { keys, number: 0, segment: -1 }
  }

  keepRow(shape: Shape, step: number, time: number): boolean {
    const count = shape.keys.length
    const size = rowBytes + 8 * count
    if (shape.segment !== this.#segment && !this.#writeShape(shape)) return this.#lose()
    if (this.#isFull(size)) {
      if (!this.#makeRoom(size)) return this.#lose()
      // In a new segment the shape has another number.
      if (shape.segment !== this.#segment && !this.#writeShape(shape)) return this.#lose()
    }
    const doubles = this.#doubles
    const words = this.#words
    words[0] = size
    words[1] = shape.number
    doubles[1] = step
    doubles[2] = time
    words[6 + 2 * count] = rowMark + this.#offset
    words[7 + 2 * count] = crc32(this.#bytes, 0, 0, size - 4)
    if (!this.#write(this.#bytes, size)) return this.#lose()
    this.rows++
    if (this.lost !== this.#lossTold) this.#tellLoss()
    return true
  }

  keepDocument(document: SpoolDocument): boolean {
    // Whoever ends the run tells the tracker of it directly: it is no call that was lost.
    if (!this.#append(document)) return document.type !== 'finish' && this.#lose()
    if (this.lost !== this.#lossTold && document.type !== 'finish') this.#tellLoss()
    return true
  }

  close(): void {
    if (this.#fd < 0) return
    closeSync(this.#fd)
    this.#fd = -1
  }

  #fits(document: SpoolDocument): boolean {
    return Buffer.byteLength(documentText(document)) <= recordBytesMax - frameBytes - 8
  }

  #append(document: SpoolDocument): boolean {
    const bytes = this.#encode(0, document)
    if (bytes.length > recordBytesMax) {
      this.#lossReason = `a ${document.type} of ${bytes.length} bytes is more than a record holds`
      return false
    }
    if (this.#isFull(bytes.length) && !this.#makeRoom(bytes.length)) return false
    this.#mark(bytes)
    if (!this.#write(bytes, bytes.length)) return false
    return true
  }

  #encode(shape: number, document: SpoolDocument): Buffer {
    const text = documentText(document)
    const length = Buffer.byteLength(text)
    const size = frameBytes + Math.ceil(length / 8) * 8
    const bytes = Buffer.alloc(size, 0x20)
    bytes.writeUInt32LE(size, 0)
    bytes.writeUInt32LE(shape, 4)
    bytes.write(text, 8)
    return bytes
  }

  #mark(bytes: Buffer): void {
    bytes.writeUInt32LE(documentMark + this.#offset, bytes.length - 8)
    bytes.writeUInt32LE(crc32(bytes, 0, 0, bytes.length - 4), bytes.length - 4)
  }

  /** Shapes are numbered anew in each segment. */
  #writeShape(shape: Shape): boolean {
    let bytes = this.#encode(0, { type: 'shape', number: this.#shapes + 1, keys: shape.keys as string[] })
    const size = rowBytes + 8 * shape.keys.length
    if (bytes.length > recordBytesMax) {
      this.#lossReason = 'the names of its metrics are more than a record holds'
      return false
    }
    if (this.#isFull(bytes.length + size)) {
      if (!this.#makeRoom(bytes.length + size)) return false
      bytes = this.#encode(0, { type: 'shape', number: this.#shapes + 1, keys: shape.keys as string[] })
    }
    this.#mark(bytes)
    if (!this.#write(bytes, bytes.length)) return false
    shape.number = ++this.#shapes
    shape.segment = this.#segment
    return true
  }

  #write(bytes: Uint8Array, size: number): boolean {
    if (this.#fd < 0) return false
    try {
      const written = writeSync(this.#fd, bytes, 0, size, this.#offset)
      if (written < size) throw new Error(`only ${written} of ${size} bytes could be written`)
    } catch (error) {
      this.#lossReason = (error as Error).message
      return false
    }
    this.#offset += size
    this.bytes += size
    return true
  }

  #isFull(size: number): boolean {
    return this.#offset + size + nextBytes > this.#segmentBytes || this.bytes + size > this.#bytesMax
  }

  /** A segment that has room, within what is allowed. */
  #makeRoom(size: number): boolean {
    if (this.bytes + size > this.#bytesMax && !this.#askAllowance(size)) return false
    if (this.#offset + size + nextBytes <= this.#segmentBytes) return true
    const before = { fd: this.#fd, segment: this.#segment, offset: this.#offset, shapes: this.#shapes }
    const next = this.#encode(0, { type: 'next' })
    this.#mark(next)
    try {
      // The new one first: a reader that comes to `next` finds it.
      this.#openSegment(this.#segment + 1)
      if (writeSync(before.fd, next, 0, next.length, before.offset) < next.length) throw new Error(noSpace)
    } catch (error) {
      if (this.#fd !== before.fd) this.#dropSegment()
      this.#fd = before.fd
      this.#segment = before.segment
      this.#offset = before.offset
      this.#shapes = before.shapes
      this.#lossReason = (error as Error).message
      return false
    }
    this.bytes += next.length
    closeSync(before.fd)
    return true
  }

  /** @throws what the file system says */
  #openSegment(segment: number): void {
    const header = Buffer.alloc(headerBytes)
    header.write(magic, 0, 'latin1')
    header.writeUInt32LE(version, 8)
    header.writeUInt32LE(segment, 12)
    header.write(this.#options.writer.replaceAll('-', ''), 16, 'hex')
    header.writeBigUInt64LE(BigInt(this.rows), 32)
    const path = join(this.folder, segmentName(segment))
    const fd = openSync(path, 'wx', 0o600)
    try {
      if (writeSync(fd, header, 0, headerBytes, 0) < headerBytes) throw new Error(noSpace)
    } catch (error) {
      closeSync(fd)
      unlinkSync(path)
      throw error
    }
    this.#fd = fd
    this.#segment = segment
    this.#offset = headerBytes
    this.bytes += headerBytes
    this.#shapes = 0
  }

  #dropSegment(): void {
    closeSync(this.#fd)
    this.bytes -= headerBytes
    unlinkSync(join(this.folder, segmentName(this.#segment)))
  }

  /** At most once a second when there is none: whoever is asked looks at every file of the spool folder. */
  #askAllowance(size: number): boolean {
    const now = performance.now()
    this.#lossReason = 'the spool is as large as it may become (ASPARA_SPOOL_MAX_BYTES)'
    if (this.bytes + size > this.#bytesAllowed && now - this.#askedAt < 1_000) return false
    this.#askedAt = now
    this.#bytesAllowed = this.#options.allowance?.(size + askBytes, this.bytes) ?? Number.POSITIVE_INFINITY
    this.#bytesMax = Math.min(this.#bytesAllowed, this.bytes + size + askBytes)
    return this.bytes + size <= this.#bytesAllowed
  }

  #lose(): false {
    this.lost++
    if (this.lost === 1) this.#options.onLoss?.(this.#lossReason)
    return false
  }

  /** Once there is room again, how many were lost stands in the spool, too. */
  #tellLoss(): void {
    const told = this.#lossTold
    this.#lossTold = this.lost
    if (!this.#append({ type: 'lost', count: this.lost, reason: this.#lossReason })) this.#lossTold = told
  }
}

/** How much is written before the allowance is asked for again: it takes a look at every file of the spool folder. */
const askBytes = 8 * 1024 * 1024
const noSpace = 'no space left on the device'
