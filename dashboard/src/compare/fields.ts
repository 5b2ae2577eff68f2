import type { Run } from '../api/queries.ts'
import { bestOf } from '../data/columns.ts'
import { formatDocumentValue, formatDuration, formatMoment, formatValue, readValue } from '../data/format.ts'
import { durationMs } from '../data/run-cells.ts'
import { documentPaths, documentValue } from '../data/run-groups.ts'

/**
 * A field is what each run has one value of. Its id is that of the run table's columns: `config.lr`, `summary.best`,
 * `metric:val/acc:max`, `duration`.
 */
export interface Field {
  id: string
  label: string
  section: FieldSection
}

export type FieldSection = 'Run' | 'Config' | 'Summary' | 'Metrics'
export type Stat = 'best' | 'last' | 'min' | 'max' | 'mean' | 'first'
/** What is better of a metric: less or more. */
export type Goal = 'min' | 'max'

export const stats: readonly Stat[] = ['best', 'last', 'min', 'max', 'mean', 'first']

/** What a plot can place: a number (finite or not), a text (of whatever else there is), or undefined: not set. */
export type PlotValue = number | string | undefined

const facts: readonly [id: string, label: string][] = [
  ['status', 'status'],
  ['created', 'created'],
  ['duration', 'duration'],
  ['group', 'group'],
  ['job_type', 'job type'],
  ['tags', 'tags'],
  ['number', 'number'],
]
const moreFacts: typeof facts = [
  ['exit_code', 'exit code'],
  ['notes', 'notes'],
]

const factLabels = new Map([...facts, ...moreFacts])

export const metricField = (metric: string, stat: Stat): string => `metric:${metric}:${stat}`

/** `metric:val/acc:max` → its metric and stat. */
export function readMetricField(id: string): { metric: string; stat: Stat } | undefined {
  const found = /^metric:(.+):([a-z]+)$/s.exec(id)
  return found && stats.includes(found[2] as Stat) ? { metric: found[1]!, stat: found[2] as Stat } : undefined
}

/** The metrics whose summaries are needed to know these fields. */
export const metricsOf = (ids: readonly (string | undefined)[]): string[] =>
  [...new Set(ids.flatMap((id) => (id && readMetricField(id)?.metric) || []))].sort()

export function fieldLabel(id: string): string {
  const metric = readMetricField(id)
  if (metric) return `${metric.metric} · ${metric.stat}`
  if (id.startsWith('config.')) return id.slice('config.'.length)
  return factLabels.get(id) ?? id
}

/** The same within a sentence, however long the name is. */
export function shortLabel(id: string): string {
  const label = fieldLabel(id)
  return label.length > 48 ? `${label.slice(0, 32)}…${label.slice(-15)}` : label
}

/** All fields of these runs; `metrics` are the names of the project's. */
export function fieldsOf(runs: readonly Run[], metrics: readonly string[]): Field[] {
  const paths = (of: (run: Run) => Record<string, unknown>, prefix: string) => [
    ...new Set(runs.flatMap((run) => documentPaths(of(run)).map((path) => prefix + path))),
  ]
  const named = (ids: string[], section: FieldSection) => ids.map((id) => ({ id, label: fieldLabel(id), section }))
  return [
    ...named(
      paths(({ config }) => config, 'config.'),
      'Config',
    ),
    ...named(
      metrics.flatMap((metric) => stats.map((stat) => metricField(metric, stat))),
      'Metrics',
    ),
    ...named(
      paths(({ summary }) => summary, 'summary.'),
      'Summary',
    ),
    ...named(
      facts.map(([id]) => id),
      'Run',
    ),
  ]
}

/** What a run has there, as the API gives it, moments and spans in ms; undefined for nothing and for null. */
export function fieldValue(run: Run, id: string): unknown {
  const metric = readMetricField(id)
  if (metric)
    return statValue(
      run.metrics.find((summary) => summary.metric === metric.metric),
      metric.stat,
    )
  if (id.startsWith('config.')) return asNumberWord(documentValue(run.config, id.slice('config.'.length)))
  if (id.startsWith('summary.')) return asNumberWord(documentValue(run.summary, id.slice('summary.'.length)))
  switch (id) {
    case 'created':
      return Date.parse(run.created_at)
    case 'duration':
      return durationMs(run)
    case 'tags':
      return run.tags.length > 0 ? run.tags.join(', ') : undefined
    case 'status':
    case 'group':
    case 'job_type':
    case 'number':
    case 'exit_code':
      return run[id] ?? undefined
    case 'notes':
      return run.notes || undefined
    default:
      return undefined
  }
}

/** A metric that has no finite value has no minimum: it is said as NaN, since it did log. */
export function statValue(summary: Run['metrics'][number] | undefined, stat: Stat, goal?: Goal): number | undefined {
  if (!summary || summary.count === 0) return undefined
  return readValue(summary[stat === 'best' ? (goal ?? bestOf(summary.metric)) : stat]) ?? Number.NaN
}

const nonFinite = new Set(['NaN', 'Infinity', '-Infinity'])

/** NaN and ∞ are words in JSON, which has no other way to say them. */
const asNumberWord = (value: unknown): unknown =>
  typeof value === 'string' && nonFinite.has(value) ? Number(value) : (value ?? undefined)

export function plotValue(value: unknown): PlotValue {
  const known = asNumberWord(value)
  if (known === undefined || typeof known === 'number' || typeof known === 'string') return known
  return JSON.stringify(known)
}

export const plotValues = (runs: readonly Run[], id: string): PlotValue[] =>
  runs.map((run) => plotValue(fieldValue(run, id)))

/** A value of a field as the page writes it; '–' where there is none. */
export function formatField(id: string, value: unknown): string {
  if (value === undefined || value === null) return '–'
  if (typeof value !== 'number') return formatDocumentValue(value)
  if (id === 'created' && Number.isFinite(value)) return formatMoment(value)
  if (id === 'duration') return formatDuration(value)
  return formatValue(value)
}
