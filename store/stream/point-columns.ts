import { type Column, decodeEntry, type Entry } from '../journal/entry.ts'
import type { Stamp } from '../tables.ts'

/** An entry of the journal as it stands there. */
export interface StoredEntry {
  stamp: Stamp
  body: Uint8Array
}

/**
 * Entries as the columns of a stream (`PointColumns` of protocol/stream.ts), in JSON: it is made on the thread that
 * reads, and is sent as it is. Metrics of a commit that were logged in the same rows share their steps and times. The
 * points of a metric are in the order in which they came.
 */
export function columnsJson(entries: StoredEntry[]): string {
  const blocks: string[] = []
  for (const { stamp, body } of entries) {
    const entry = decodeEntry(body)
    const groups = Map.groupBy(
      entry.columns.filter((column) => column.values.length > 0),
      ({ rows }) => (rows ? rows.join() : ''),
    )
    for (const columns of groups.values()) blocks.push(blockJson(stamp, entry, columns))
  }
  return `[${blocks}]`
}

/** Metrics with the same rows of an entry. */
function blockJson(stamp: Stamp, { steps, timestamps }: Entry, columns: Column[]): string {
  const { rows } = columns[0]
  const at = (column: Float64Array) => numbersJson(rows ? Float64Array.from(rows, (row) => column[row]) : column)
  const metrics = columns.map(({ metric, values }) => `${JSON.stringify(metric)}:${numbersJson(values)}`)
  return `{"cursor":"${stamp}","steps":${at(steps)},"timestamps":${at(timestamps)},"metrics":{${metrics}}}`
}

/** What is not finite stands in quotes; a zero keeps its sign. */
function numbersJson(values: Float64Array): string {
  let text = ''
  for (const value of values) {
    const isWord = !Number.isFinite(value)
    const number = Object.is(value, -0) ? '-0' : `${value}`
    text += `${text === '' ? '' : ','}${isWord ? `"${number}"` : number}`
  }
  return `[${text}]`
}
