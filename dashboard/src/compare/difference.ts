import type { Run } from '../api/queries.ts'
import { bestOf } from '../data/columns.ts'
import { documentPaths } from '../data/run-groups.ts'
import { type FieldSection, fieldLabel, fieldValue, type Goal, metricField, type Stat, statValue } from './fields.ts'

/** A line of the comparison: one value of each run, in the runs' order. */
export interface Row {
  /** The field's. */
  id: string
  label: string
  section: FieldSection
  values: unknown[]
  /** Not all runs have the same; to have nothing is to have something else. */
  differs: boolean
  /** Every value that is there is a number, and one is: runs can be sorted by it. */
  isNumeric: boolean
  /** Of metrics: what is better. */
  goal: Goal | undefined
  /** The places of the best finite values; empty when there is no goal, or nothing is better than another. */
  best: number[]
}

const facts = ['status', 'created', 'duration', 'group', 'job_type', 'tags', 'exit_code', 'number', 'notes']

export interface RowsRequest {
  /** The lines that each metric has. */
  stats: readonly Stat[]
  /** Said by a person, by metric. */
  goals: Readonly<Record<string, Goal>>
}

/** Everything that runs have, line by line: facts, config, summary, metrics; keys in order of first sight, metrics by name. */
export function compareRuns(runs: readonly Run[], { stats, goals }: RowsRequest): Row[] {
  const rows: Row[] = []
  for (const id of facts) {
    const values = runs.map((run) => fieldValue(run, id))
    if (values.some((value) => value !== undefined)) rows.push(row(id, fieldLabel(id), 'Run', values))
  }
  for (const [section, of, prefix] of [
    ['Config', (run: Run) => run.config, 'config.'],
    ['Summary', (run: Run) => run.summary, 'summary.'],
  ] as const) {
    const paths = new Set(runs.flatMap((run) => documentPaths(of(run))))
    for (const path of paths) {
      const values = runs.map((run) => fieldValue(run, prefix + path))
      rows.push(row(prefix + path, path, section, values))
    }
  }
  const summaries = runs.map(({ metrics }) => new Map(metrics.map((summary) => [summary.metric, summary])))
  const metrics = [...new Set(summaries.flatMap((of) => [...of.keys()]))].sort()
  for (const metric of metrics) {
    const goal = goals[metric] ?? bestOf(metric)
    for (const stat of stats) {
      const values = summaries.map((of) => statValue(of.get(metric), stat, goal))
      rows.push(row(metricField(metric, stat), fieldLabel(metricField(metric, stat)), 'Metrics', values, goal))
    }
  }
  return rows
}

function row(id: string, label: string, section: FieldSection, values: unknown[], goal?: Goal): Row {
  const there = values.filter((value) => value !== undefined)
  const isNumeric = there.length > 0 && there.every((value) => typeof value === 'number')
  const differs = values.some((value) => !isSame(value, values[0]))
  const best = goal && isNumeric && differs ? bestPlaces(values as (number | undefined)[], goal) : []
  return { id, label, section, values, differs, isNumeric, goal, best }
}

/** Whether two values of a document are the same, NaN and NaN too. */
export function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other) || one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object') return false
  return JSON.stringify(one) === JSON.stringify(other)
}

function bestPlaces(values: (number | undefined)[], goal: Goal): number[] {
  const finite = values.filter((value): value is number => Number.isFinite(value))
  if (finite.length < 2) return []
  const best = finite.reduce((one, other) => (goal === 'min' ? Math.min(one, other) : Math.max(one, other)))
  return values.flatMap((value, at) => (value === best ? [at] : []))
}

export interface RowFilter {
  onlyDifferent: boolean
  /** Words of which each has to be in a line's name or in one of its values, whatever the case. */
  search: string
}

export function filterRows(rows: readonly Row[], { onlyDifferent, search }: RowFilter): Row[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  return rows.filter((one) => {
    if (onlyDifferent && !one.differs && one.values.length > 1) return false
    if (words.length === 0) return true
    const label = `${one.section} ${one.label}`.toLowerCase()
    return words.every((word) => label.includes(word) || one.values.some((value) => isFoundIn(value, word)))
  })
}

/** Part of a text, or the whole of anything else: `0.1` is not looked for within 0.123. */
const isFoundIn = (value: unknown, word: string): boolean =>
  typeof value === 'string' ? value.toLowerCase().includes(word) : String(value) === word

export interface RowOrder {
  id: string
  direction: 'ascending' | 'descending'
}

/**
 * The places of the runs in the order of a line's values: what is not finite after what is, what is not there last, in
 * either direction.
 */
export function orderRuns(row: Row | undefined, count: number, direction: RowOrder['direction']): number[] {
  const places = Array.from({ length: count }, (_, at) => at)
  if (!row?.isNumeric) return places
  const rank = (value: unknown) => (value === undefined ? 2 : Number.isFinite(value) ? 0 : 1)
  const sign = direction === 'ascending' ? 1 : -1
  return places.sort((one, other) => {
    const [a, b] = [row.values[one], row.values[other]]
    if (rank(a) !== rank(b)) return rank(a) - rank(b)
    return rank(a) === 0 ? sign * ((a as number) - (b as number)) : 0
  })
}
