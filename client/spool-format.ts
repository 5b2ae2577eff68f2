/**
 * What docs/format/spool.md says, as numbers and names. All numbers of the format are little-endian, as those of every
 * machine that runs Node are but for IBM's mainframes: typed arrays write them as they are.
 */

export const magic = 'ASPSPOOL'
/** What is written; version 1, which has no checksums, is read, too. */
export const version = 2
export const headerBytes = 64
export const segmentBytesMax = 64 * 1024 * 1024
export const recordBytesMax = 1024 * 1024
/** size, shape, mark and checksum of a record. */
export const frameBytes = 16
/** The step and the time of a row, and its frame. */
export const rowBytes = frameBytes + 16

/**
 * A mark is the offset of its record plus one of these, which differ in every bit: it never carries beyond 4 bytes, as
 * segments have at most 64 MiB.
 */
export const rowMark = 0x4d41524b
export const documentMark = 0xb2beadb4
/** Where version 2 has the checksum, version 1 has this; there the marks of documents are those of rows. */
export const markEndOfVersion1 = 0x4153505f

export const segmentName = (segment: number) => `${String(segment).padStart(6, '0')}.spool`
export const lockName = 'lock'
export const aliveName = 'alive'
export const sentName = 'sent.json'

/** What stands in a document; `type` says which. Others than these are passed over. */
export type SpoolDocument = { type: string } & Record<string, unknown>

/** The first record: who writes, and to which run. */
export interface RunDocument {
  type: 'run'
  project: string
  name?: string | null
  id?: string | null
  config?: Record<string, unknown> | null
  tags?: string[] | null
  notes?: string | null
  project_tags?: string[] | null
  resume?: boolean | null
  /** The text that the project was given as, where that is another than its name. */
  project_display_name?: string | null
  /** The writer of the process that this one was forked from. */
  parent?: string | null
  /** The writer of the first process of all, which made the run; with `parent` only. */
  origin?: string | null
  tracker_uri?: string | null
  mode?: 'online' | 'offline' | null
  label?: string | null
  display_name?: string | null
  group?: string | null
  job_type?: string | null
  client?: Record<string, unknown> | null
  /** Milliseconds since the epoch. */
  started?: number | null
}

/** How far a spool is known to be sent; see docs/format/spool.md. */
export interface Sent {
  segment: number
  offset: number
  rows: number
  refused: Refused[]
  lost: number
  done: boolean
  server: string | null
  /** What the tracker calls the run. */
  run?: string
  /** The run's id there, where its own was another run's. */
  id?: string
}

/** Why rows are refused that can't be read any more. */
export const damagedReason = "damaged in the spool's file"

export interface Refused {
  row: number
  count: number
  reason: string
}
