import type { Run } from '../api/queries.ts'
import type { PointBlock } from '../series/series-store.ts'

type Summary = Run['metrics'][number]

/**
 * What the metrics of a run came to, with points that it has logged since. `wanted`: only these metrics; null: all.
 * `first` and `last` go by step; of one step the point that came last is `last`, the one that came first `first`.
 */
export function foldSummary(before: Summary[], blocks: PointBlock[], wanted: Set<string> | null): Summary[] {
  const summaries = new Map(before.map((summary) => [summary.metric, summary]))
  let isChanged = false
  for (const { steps, metrics } of blocks) {
    for (const [metric, values] of Object.entries(metrics)) {
      if (wanted && !wanted.has(metric)) continue
      isChanged = true
      summaries.set(metric, foldColumn(metric, summaries.get(metric), steps, values))
    }
  }
  return isChanged ? [...summaries.values()] : before
}

function foldColumn(
  metric: string,
  before: Summary | undefined,
  steps: number[],
  values: (number | string)[],
): Summary {
  const summary = before ? { ...before } : emptySummary(metric)
  for (let row = 0; row < values.length; row++) {
    const step = steps[row]!
    const value = values[row] as Summary['last']
    const number = Number(value)
    const isFirst = summary.count === 0
    summary.count++
    if (isFirst || step >= summary.last_step) {
      summary.last_step = step
      summary.last = value
    }
    if (isFirst || step < summary.first_step) {
      summary.first_step = step
      summary.first = value
    }
    if (!Number.isFinite(number)) {
      summary.nonfinite++
      continue
    }
    const finite = summary.count - summary.nonfinite
    summary.mean = finite === 1 ? number : Number(summary.mean) + (number - Number(summary.mean)) / finite
    if (finite === 1 || number < Number(summary.min) || (number === summary.min && step < summary.min_step!)) {
      summary.min = number
      summary.min_step = step
    }
    if (finite === 1 || number > Number(summary.max) || (number === summary.max && step < summary.max_step!)) {
      summary.max = number
      summary.max_step = step
    }
  }
  return summary
}

const emptySummary = (metric: string): Summary => ({
  metric,
  count: 0,
  nonfinite: 0,
  first_step: 0,
  first: 0,
  last_step: 0,
  last: 0,
  min: null,
  min_step: null,
  max: null,
  max_step: null,
  mean: null,
})
