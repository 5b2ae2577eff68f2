import type { Run } from '../api/queries.ts'
import { readValue } from '../data/format.ts'

type Summary = Run['metrics'][number]
export type MetricColumn = 'metric' | 'last' | 'min' | 'max' | 'mean' | 'count'

/**
 * The metrics whose name has the text (case does not matter), in the order in which they were first logged, or sorted. What
 * has no value, or one that is not finite, comes last whichever way it is sorted.
 */
export function metricRows(
  metrics: Summary[],
  { search, sort }: { search: string; sort: { column: MetricColumn; isDown: boolean } | null },
): Summary[] {
  const wanted = search.trim().toLowerCase()
  const found = wanted === '' ? metrics : metrics.filter(({ metric }) => metric.toLowerCase().includes(wanted))
  if (!sort) return found
  const sign = sort.isDown ? -1 : 1
  if (sort.column === 'metric') {
    return found.toSorted((one, other) => sign * one.metric.localeCompare(other.metric, 'en', { numeric: true }))
  }
  const { column } = sort
  const key = (summary: Summary) => {
    const value = readValue(summary[column])
    return value !== null && Number.isFinite(value) ? value : undefined
  }
  return found.toSorted((one, other) => {
    const a = key(one)
    const b = key(other)
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
    return sign * (a - b)
  })
}
