import { closeSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from './crc32.ts'
import type { Item, Row, Source } from './keeper.ts'
import { openOwn } from './own-file.ts'
import { hasRecord, listSegments } from './segment-files.ts'
import { parseDocument } from './spool-document.ts'
import {
  damagedReason,
  documentMark,
  frameBytes,
  headerBytes,
  magic,
  markEndOfVersion1,
  type Refused,
  type RunDocument,
  recordBytesMax,
  rowBytes,
  rowMark,
  type SpoolDocument,
  segmentName,
  version,
} from './spool-format.ts'

/** A spool that can't be read at all, with the reason. */
export class SpoolDamaged extends Error {
  override name = 'SpoolDamaged'
}

/** A place between two records. */
export interface Place {
  segment: number
  offset: number
  /** Rows before it, counted over all segments. */
  row: number
}

/** Places of one spool as numbers that rise with them. */
export const placeNumber = ({ segment, offset }: { segment: number; offset: number }) => segment * 2 ** 32 + offset

const windowBytes = 256 * 1024

/**
 * Reads a spool in order, also while it is being written: what is not whole yet is not there yet, and is looked at again.
 * Memory is one window of the file.
 */
export class SpoolReader implements Source {
  readonly folder: string
  writer = ''
  #fd = -1
  #segment = -1
  /** Of the format, as the segment says. */
  #version = version
  #buffer = new ArrayBuffer(windowBytes)
  #bytes = new Uint8Array(this.#buffer)
  #view = new DataView(this.#buffer)
  #doubles = new Float64Array(this.#buffer)
  /** What of the file lies in the window. */
  #start = 0
  #end = 0
  #offset = 0
  /** Bytes of the record that `peek` found; 0: it has not looked. */
  #size = 0
  #item: Item | undefined
  /** What the frame that was read last says. */
  #isRow = false
  /** Only the frame of it can be believed. */
  #isDamaged = false
  #row: Row = { keys: [], step: 0, time: 0, values: this.#doubles, at: 0 }
  #rowCount = 0
  #shapes = new Map<number, string[]>()
  /** Rows before this one are stored. */
  #storedRow = 0
  /** Rows that the tracker will never take, by their places. */
  readonly refused: Refused[]
  /** How many calls of `log` the writer had to drop, as its last word about it says. */
  lost = 0
  #acknowledged: Place

  /** @throws SpoolDamaged when there is no segment to begin with, or it is of a newer version */
  constructor(folder: string, from?: Place, refused: Refused[] = []) {
    this.folder = folder
    this.refused = refused
    const segments = listSegments(folder)
    if (segments.length === 0) throw new SpoolDamaged(`${folder} has no segment`)
    this.#acknowledged = this.#open(segments[0])
    if (!from || !segments.includes(from.segment) || from.offset < headerBytes) return
    const first = this.#acknowledged
    try {
      this.#acknowledged = from
      this.rewind()
    } catch (error) {
      // What sent.json says is none of this spool's: it begins where the spool does, and the tracker says the rest.
      if (!(error instanceof SpoolDamaged)) throw error
      this.#acknowledged = this.#open(first.segment)
    }
  }

  get row(): number {
    return this.#rowCount
  }

  get acknowledgedRow(): number {
    return this.#acknowledged.row
  }

  get refusedRows(): number {
    return this.refused.reduce((sum, { count }) => sum + count, 0)
  }

  get refusedReason(): string {
    return this.refused.at(-1)?.reason ?? ''
  }

  get acknowledged(): number {
    return placeNumber(this.#acknowledged)
  }

  /** Where the next record to be acknowledged begins. */
  get acknowledgedPlace(): Place {
    return this.#acknowledged
  }

  /** The first document, which says whose spool this is; it stays where it is. */
  readRun(): RunDocument | undefined {
    const reader = new SpoolReader(this.folder)
    try {
      const document = reader.peek()?.document
      return document?.type === 'run' ? (document as unknown as RunDocument) : undefined
    } finally {
      reader.close()
    }
  }

  peek(): Item | undefined {
    while (this.#size === 0) {
      const size = this.#readFrame()
      if (size === 0) {
        if (!this.#leaveSegment()) return undefined
        continue
      }
      const at = this.#offset - this.#start
      if (this.#isRow) {
        if (this.#rowCount < this.#storedRow || this.#isRefused(this.#rowCount)) {
          this.#rowCount++
          this.#offset += size
          continue
        }
        const keys = this.#shapes.get(this.#view.getUint32(at + 4, true))
        if (this.#isDamaged || !keys || rowBytes + 8 * keys.length !== size) {
          // A writer names its shapes first: what does so was damaged, or this is none of its records.
          if (this.#version === 1) return undefined
          this.#passDamaged(1)
          this.#offset += size
          continue
        }
        const row = this.#row
        const first = at / 8
        row.keys = keys
        row.step = this.#doubles[first + 1]
        row.time = this.#doubles[first + 2]
        row.values = this.#doubles
        row.at = first + 3
        this.#item = row
        this.#size = size
        return row
      }
      const document = this.#isDamaged ? undefined : this.#readDocument(at, size)
      if (document?.type === 'next') {
        if (!this.#openNext()) return undefined
      } else if (document?.type === 'shape') {
        this.#shapes.set(document.number as number, document.keys as string[])
        this.#offset += size
      } else {
        this.#item = { document: document ?? { type: 'damaged' } }
        this.#size = size
      }
    }
    return this.#item
  }

  pass(): void {
    if (this.#size === 0) return
    const document = this.#item?.document
    if (!document) this.#rowCount++
    else if (document.type === 'lost') this.lost = Number(document.count)
    else if (document.type === 'damaged') this.#noteDamage(this.#rowCount, 0)
    this.#offset += this.#size
    this.#size = 0
  }

  acknowledge(): void {
    this.#acknowledged = { segment: this.#segment, offset: this.#offset, row: this.#rowCount }
  }

  refuse(reason: string): void {
    this.peek()
    const last = this.refused.at(-1)
    if (last && last.row + last.count === this.#rowCount && last.reason === reason) last.count++
    else this.refused.push({ row: this.#rowCount, count: 1, reason })
    this.pass()
  }

  seek(storedRows?: number): boolean {
    this.#storedRow = this.#placeOf(storedRows ?? 0)
    const isAnew =
      this.#storedRow < this.#acknowledged.row || (storedRows === undefined && this.#acknowledged.offset > headerBytes)
    if (!isAnew) {
      this.rewind()
      return false
    }
    this.#acknowledged = this.#open(listSegments(this.folder)[0] ?? this.#segment)
    const missing = this.#rowCount - this.#storedRow
    if (missing > 0) {
      // Segments that were acknowledged and deleted. They count as rows of the spool for ever, and as none of the tracker's.
      this.refused.push({ row: this.#storedRow, count: missing, reason: 'no longer in the spool' })
      this.#storedRow = this.#rowCount
    }
    return true
  }

  /** The place of the row that follows so many stored ones: refused ones stand between them. */
  #placeOf(storedRows: number): number {
    let place = storedRows
    for (const { row, count } of [...this.refused].sort((one, other) => one.row - other.row)) {
      if (row <= place) place += count
    }
    return place
  }

  /** Goes past rows that can't be read. Those that are stored were whole when they were sent. */
  #passDamaged(count: number): void {
    const first = Math.max(this.#rowCount, this.#storedRow)
    this.#rowCount += count
    if (first < this.#rowCount && !this.#isRefused(first)) this.#noteDamage(first, this.#rowCount - first)
  }

  /** `count` is 0 for a document that stood before the row. */
  #noteDamage(row: number, count: number): void {
    const last = this.refused.at(-1)
    if (count > 0 && last?.reason === damagedReason && last.count > 0 && last.row + last.count === row) {
      last.count += count
    } else if (!this.refused.some((one) => one.row === row && one.count === count && one.reason === damagedReason)) {
      this.refused.push({ row, count, reason: damagedReason })
    }
  }

  #isRefused(row: number): boolean {
    return this.refused.some((refused) => row >= refused.row && row < refused.row + refused.count)
  }

  rewind(): void {
    const { segment, offset, row: rowCount } = this.#acknowledged
    // Shapes that stand further on in the segment do no harm.
    if (segment !== this.#segment || this.#offset < offset) {
      this.#open(segment)
      this.#readShapesUntil(offset)
    }
    this.#offset = offset
    this.#size = 0
    this.#rowCount = rowCount
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd)
    this.#fd = -1
  }

  /** The shapes of rows behind it stand before them in the segment. @throws SpoolDamaged when no record begins there */
  #readShapesUntil(offset: number): void {
    while (this.#offset < offset) {
      const size = this.#readFrame()
      if (size === 0) break
      if (!this.#isRow && !this.#isDamaged) {
        const document = this.#readDocument(this.#offset - this.#start, size)
        if (document?.type === 'shape') this.#shapes.set(document.number as number, document.keys as string[])
      }
      this.#offset += size
    }
    if (this.#offset !== offset) throw new SpoolDamaged(`${this.folder}: no record begins at ${offset}`)
  }

  /** Bytes of the record at the offset, which then lies in the window; 0 when there is none, or none that is whole. */
  #readFrame(isFresh = false): number {
    if (!this.#load(8)) return 0
    const size = this.#view.getUint32(this.#offset - this.#start, true)
    if (size % 8 !== 0 || size < frameBytes + 8 || size > recordBytesMax || !this.#load(size)) return 0
    const at = this.#offset - this.#start
    const hasShape = this.#view.getUint32(at + 4, true) > 0
    const mark = this.#view.getUint32(at + size - 8, true) - this.#offset
    const end = this.#view.getUint32(at + size - 4, true)
    this.#isDamaged = false
    if (this.#version === 1) {
      this.#isRow = hasShape
      if (mark === rowMark && end === markEndOfVersion1) return size
    } else if (mark === rowMark || mark === documentMark) {
      this.#isRow = mark === rowMark
      if (this.#isRow === hasShape && crc32(this.#bytes, 0, at, at + size - 4) === end) return size
      // The last one may just be being written.
      this.#isDamaged = isFresh && this.#isFollowed(size)
      if (this.#isDamaged) return size
    }
    // It may have been read while it was being written: the next look is at the file.
    this.#end = this.#start = this.#offset
    return isFresh ? 0 : this.#readFrame(true)
  }

  /** Whether something is written behind a record of this size. */
  #isFollowed(size: number): boolean {
    const next = Buffer.alloc(4)
    return readSync(this.#fd, next, 0, 4, this.#offset + size) > 0 && next.some((byte) => byte !== 0)
  }

  #readDocument(at: number, size: number): SpoolDocument | undefined {
    return parseDocument(this.#bytes.subarray(at + 8, at + size - 8))
  }

  /** Whether so many bytes from the offset on are there; the window is moved to them. */
  #load(size: number): boolean {
    if (this.#offset >= this.#start && this.#offset + size <= this.#end) {
      // Zeros that were read before they were written over.
      if (size > 8 || this.#view.getUint32(this.#offset - this.#start, true) !== 0) return true
    }
    if (size > this.#bytes.length) {
      this.#buffer = new ArrayBuffer(recordBytesMax)
      this.#bytes = new Uint8Array(this.#buffer)
      this.#view = new DataView(this.#buffer)
      this.#doubles = new Float64Array(this.#buffer)
    }
    this.#start = this.#offset
    this.#end = this.#start + readSync(this.#fd, this.#bytes, 0, this.#bytes.length, this.#start)
    return this.#offset + size <= this.#end
  }

  /**
   * Goes on with the next segment from a place at which no record begins. @returns false when the writer has not gone on
   * there yet: then something may be added here
   */
  #leaveSegment(): boolean {
    if (this.#version === 1 || !hasRecord(join(this.folder, segmentName(this.#segment + 1)), headerBytes)) return false
    // It may have been written since it was looked at.
    if (this.#readFrame(true) > 0) return true
    const row = this.#rowCount
    if (!this.#openNext()) return false
    const gone = Math.max(0, this.#rowCount - row)
    this.#rowCount = row
    this.#passDamaged(gone)
    return true
  }

  #openNext(): boolean {
    try {
      this.#open(this.#segment + 1)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
      throw error
    }
    return true
  }

  /** Opens a segment at its beginning. @throws SpoolDamaged, or what the file system says */
  #open(segment: number): Place {
    const path = join(this.folder, segmentName(segment))
    const fd = openOwn(path)
    const header = Buffer.alloc(headerBytes)
    const read = readSync(fd, header, 0, headerBytes, 0)
    const fault =
      read < headerBytes || header.toString('latin1', 0, 8) !== magic
        ? 'is no spool segment'
        : ![1, version].includes(header.readUInt32LE(8))
          ? `is of version ${header.readUInt32LE(8)}, and this program reads versions 1 to ${version}`
          : header.readUInt32LE(12) !== segment
            ? `says that it is segment ${header.readUInt32LE(12)}`
            : undefined
    if (fault) {
      closeSync(fd)
      throw new SpoolDamaged(`${path} ${fault}`)
    }
    this.close()
    this.#fd = fd
    this.#segment = segment
    this.#version = header.readUInt32LE(8)
    this.#shapes.clear()
    this.#start = this.#end = 0
    this.#offset = headerBytes
    this.#size = 0
    this.#rowCount = Number(header.readBigUInt64LE(32))
    const hex = header.toString('hex', 16, 32)
    this.writer = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    return { segment, offset: headerBytes, row: this.#rowCount }
  }
}
