import { crc32 } from 'node:zlib'
import { ChunkCorrupt, Columns, type ColumnToEncode, encodeColumns, openAll } from './columns.ts'
import type { Points } from './points.ts'
import { type RollupColumns, Rollups, rollupColumns, totalSpan } from './rollups.ts'

/*
 * What the columns of a chunk are (docs/format/series.md). A chunk of level 0 holds points, one of a higher level rollups.
 */

export const pointsPerChunk = 1_024
export const rollupsPerChunk = 256
/** Steps of a span on level 1; each level's are 16 times those of the one below. */
const firstSpan = 64
const spanFactor = 16
/** The span of the next one would be longer than all steps there are: 2^53 either side of zero. */
export const levelMax = 12

/** Steps of a span; a power of two. */
export const spanOf = (level: number): number => firstSpan * spanFactor ** (level - 1)

const kinds = { points: 0, rollups: 1 } as const
const pointColumns = ['steps', 'times', 'values'] as const

export function encodePoints({ steps, times, values }: Points): Uint8Array {
  return encodeColumns(kinds.points, [{ values: steps }, { values: times, isTime: true }, { values }])
}

/** Points of a chunk; a column is decoded when it is looked at. @throws ChunkCorrupt */
export const decodePoints = (body: Uint8Array): Points => pointsOf(new Columns(body, kinds.points, pointColumns.length))

/** The same of many chunks: expanding them together takes half the time. */
export const decodeAllPoints = (bodies: Uint8Array[]): Points[] =>
  openAll(bodies, kinds.points, pointColumns.length).map(pointsOf)

const pointsOf = (columns: Columns): Points => ({
  get steps() {
    return columns.column(0)
  },
  get times() {
    return columns.column(1)
  },
  get values() {
    return columns.column(2)
  },
})

/** What a column of rollups is written relative to: steps to the start of the span, times to one beside them. */
const references: { [column in (typeof rollupColumns)[number]]?: (typeof rollupColumns)[number] } = {
  minStep: 'start',
  maxStep: 'start',
  firstStep: 'start',
  lastStep: 'start',
  // Earlier columns only: a column is read after what it is relative to.
  maxTime: 'minTime',
  firstTime: 'minTime',
  lastTime: 'firstTime',
  timeMin: 'firstTime',
  timeMax: 'lastTime',
}

export function encodeRollups(rollups: Rollups): Uint8Array {
  const columns = rollupColumns.map((name): ColumnToEncode => {
    const reference = references[name]
    return {
      values: rollups[name].subarray(0, rollups.length),
      relativeTo: reference && rollupColumns.indexOf(reference),
      isTime: name.endsWith('Time') || name.startsWith('time'),
    }
  })
  return encodeColumns(kinds.rollups, columns)
}

export function decodeRollups(body: Uint8Array, level: number): Rollups {
  const columns = new Columns(body, kinds.rollups, rollupColumns.length)
  const rollups = new Rollups(spanOf(level), 0)
  rollupColumns.forEach((name, index) => {
    rollups[name] = columns.column(index)
  })
  rollups.length = columns.length
  return rollups
}

/** Rollups of which a column is decoded when it is looked at. */
export interface RollupView extends RollupColumns {
  readonly length: number
}

/** Rollups of many chunks of one level, for those who look at a few columns. @throws ChunkCorrupt */
export const viewAllRollups = (bodies: Uint8Array[]): RollupView[] =>
  openAll(bodies, kinds.rollups, rollupColumns.length).map(viewOf)

function viewOf(columns: Columns): RollupView {
  const view = Object.create(lazyColumns)
  view.columns = columns
  return view
}

/** What all views share: each column's name, as a look at it. */
const lazyColumns = Object.create(null, {
  length: {
    get(this: { columns: Columns }) {
      return this.columns.length
    },
  },
})
rollupColumns.forEach((name, index) => {
  Object.defineProperty(lazyColumns, name, {
    get(this: { columns: Columns }) {
      return this.columns.column(index)
    },
  })
})

const totalVersion = 1
const totalHeaderBytes = 8

/** One rollup of all points of a series, as plain doubles in the order of `rollupColumns`. */
export function encodeTotal(total: Rollups): Uint8Array {
  const body = new Uint8Array(totalHeaderBytes + rollupColumns.length * 8)
  const view = new DataView(body.buffer)
  rollupColumns.forEach((name, index) => {
    view.setFloat64(totalHeaderBytes + index * 8, total[name][0], true)
  })
  view.setUint32(0, totalVersion, true)
  view.setUint32(4, crc32(body.subarray(totalHeaderBytes)), true)
  return body
}

/** @throws ChunkCorrupt */
export function decodeTotal(body: Uint8Array): Rollups {
  const values = totalValues(body)
  const total = new Rollups(totalSpan, 1)
  rollupColumns.forEach((name, index) => {
    total[name][0] = values[index]
  })
  total.length = 1
  return total
}

/** A total as plain numbers, in the order of `rollupColumns`: a list of runs has thousands. @throws ChunkCorrupt */
export function totalValues(body: Uint8Array): Float64Array {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  if (body.length !== totalHeaderBytes + rollupColumns.length * 8 || view.getUint32(0, true) !== totalVersion) {
    throw new ChunkCorrupt(
      `total of ${body.length} bytes, version ${body.length < 4 ? 'none' : view.getUint32(0, true)}`,
    )
  }
  if (view.getUint32(4, true) !== crc32(body.subarray(totalHeaderBytes))) throw new ChunkCorrupt('total checksum')
  const start = body.byteOffset + totalHeaderBytes
  // As they lie there, when they lie well: it is read for every metric of a list of runs.
  if (start % 8 === 0) return new Float64Array(body.buffer as ArrayBuffer, start, rollupColumns.length)
  return new Float64Array(body.slice(totalHeaderBytes).buffer)
}
