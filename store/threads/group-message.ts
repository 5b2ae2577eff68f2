import { type Append, isBatch, type RecordAppend } from '../journal/appends.ts'
import { type PackedRecords, packRecords, unpackRecords } from '../journal/packed-records.ts'
import type { Deed } from './deeds.ts'

/** A group of deeds as it crosses to the writer thread; records that follow each other are packed. */
export type GroupMessage = (Deed | PackedRecords)[]

/** @returns the message, and the buffers that move with it */
export function packGroup(deeds: Deed[]): { group: GroupMessage; buffers: ArrayBuffer[] } {
  const group: GroupMessage = []
  const buffers: ArrayBuffer[] = []
  for (let start = 0; start < deeds.length; ) {
    let end = start
    while (end < deeds.length && isRecord(deeds[end])) end++
    if (end > start) {
      const packed = packRecords(deeds.slice(start, end).map((deed) => deed.argument as RecordAppend))
      group.push(packed)
      buffers.push(packed.numbers.buffer as ArrayBuffer)
      start = end
    } else {
      group.push(deeds[start])
      buffers.push(...buffersOf(deeds[start]))
      start++
    }
  }
  return { group, buffers }
}

export function unpackGroup(group: GroupMessage): Deed[] {
  return group.flatMap((part) =>
    'numbers' in part ? unpackRecords(part).map((argument) => ({ name: 'append' as const, argument })) : [part],
  )
}

const isRecord = ({ name, argument }: Deed) => name === 'append' && !isBatch(argument as Append)

/** A batch's columns move too: copying them would cost as much as encoding. */
function buffersOf({ name, argument }: Deed): ArrayBuffer[] {
  if (name !== 'append') return []
  const { steps, timestamps, columns } = argument as Extract<Append, { writer: string }>
  const arrays = [steps, timestamps, ...columns.flatMap(({ values, rows }) => (rows ? [values, rows] : [values]))]
  // Columns of a large batch share their buffers.
  return [...new Set(arrays.map((array) => array.buffer as ArrayBuffer))]
}
