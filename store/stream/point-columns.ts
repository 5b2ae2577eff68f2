import { jsonNumber } from '@aspara/protocol/json.ts'
import type { PointColumns } from '@aspara/protocol/stream.ts'
import type { Column, Entry } from '../journal/entry.ts'

/**
 * Entries as columns for a stream. Metrics that were logged in the same rows share their steps and times; entries of the
 * same metrics that follow each other are one. The points of a metric are in the order in which they came.
 */
export function columnsOf(entries: Entry[]): PointColumns[] {
  const blocks: PointColumns[] = []
  let before: { signature: string; block: PointColumns } | undefined
  for (const entry of entries) {
    const groups = Map.groupBy(
      entry.columns.filter((column) => column.values.length > 0),
      ({ rows }) => (rows ? rows.join() : ''),
    )
    for (const columns of groups.values()) {
      const signature = JSON.stringify(columns.map((column) => column.metric))
      if (before?.signature !== signature || groups.size > 1) {
        const metrics = Object.fromEntries(columns.map((column) => [column.metric, []]))
        before = { signature, block: { steps: [], timestamps: [], metrics } }
        blocks.push(before.block)
      }
      append(before.block, entry, columns)
    }
    // After several groups the next entry begins anew: only the last of them would be found again.
    if (groups.size > 1) before = undefined
  }
  return blocks
}

function append(block: PointColumns, { steps, timestamps }: Entry, columns: Column[]): void {
  const { rows, values } = columns[0]
  for (let index = 0; index < values.length; index++) {
    const row = rows ? rows[index] : index
    block.steps.push(steps[row])
    block.timestamps.push(timestamps[row])
  }
  for (const { metric, values } of columns) for (const value of values) block.metrics[metric].push(jsonNumber(value))
}
