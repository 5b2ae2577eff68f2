import type { Filter } from '@aspara/protocol/filter.ts'
import type { Field, MetricField } from '@aspara/protocol/filter-field.ts'
import type { MetricSummary } from '@aspara/protocol/metrics.ts'
import type { SortKey } from '@aspara/protocol/sort.ts'
import { type SqlBool, sql } from 'kysely'
import type { Database, EngineExpressions } from '../engines/engine.ts'
import type { RunSummaries } from '../series/run-summaries.ts'

/**
 * What metrics came to in runs of which points still stand in the journal: what is kept of those in `series` is behind.
 * A row is the run and then one value for each of the fields, null where it has none that is finite.
 */
export interface LiveMetrics {
  fields: MetricField[]
  rows: (number | null)[][]
}

/** The fields that a filter and a sort name. */
export const namedFields = (filter: Filter | undefined, sort: SortKey[]): Field[] => [
  ...(filter ? fieldsOf(filter) : []),
  ...sort.map((key) => key.field),
]

/** The metrics among fields, each once. */
export function namedMetrics(fields: Field[]): MetricField[] {
  const named = fields.filter((field) => field.name === 'metric')
  return named.filter((field, index) => named.findIndex((other) => isSame(field, other)) === index)
}

/** Variables that one statement takes are limited, and so is what is in memory at a time. */
const runsPerRead = 500

/** Reads the fields for the live runs of a project. */
export async function readLiveMetrics(
  db: Database,
  expressions: EngineExpressions,
  summaries: RunSummaries,
  { project, fields }: { project: string; fields: MetricField[] },
): Promise<LiveMetrics> {
  const live = fields.length > 0 ? await summaries.liveRuns() : []
  if (live.length === 0) return { fields, rows: [] }
  const among = expressions.numberRows(
    live.map((run) => [run]),
    ['run'],
  )
  const own = await db
    .selectFrom('runs')
    .select('id')
    .where('project', '=', project)
    .where(sql<SqlBool>`id in ${among}`)
    .execute()
  const names = [...new Set(fields.map((field) => field.metric))]
  const rows: (number | null)[][] = []
  for (let start = 0; start < own.length; start += runsPerRead) {
    const ids = own.slice(start, start + runsPerRead).map((row) => row.id)
    for (const [id, its] of await summaries.readMany(ids, names)) {
      const metrics = new Map(its.map((summary) => [summary.metric, summary]))
      rows.push([id, ...fields.map((field) => finiteValue(metrics.get(field.metric), field))])
    }
  }
  return { fields, rows }
}

/** The columns of the table of `rows`. */
export const liveColumns = (live: LiveMetrics): string[] => ['run', ...live.fields.map((_, index) => `m${index}`)]

export const liveColumn = (live: LiveMetrics, field: MetricField): string =>
  `m${live.fields.findIndex((other) => isSame(field, other))}`

function finiteValue(summary: MetricSummary | undefined, { stat }: MetricField): number | null {
  const value = summary?.[stat]
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

function fieldsOf(filter: Filter): Field[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.parts.flatMap(fieldsOf)
    case 'not':
      return fieldsOf(filter.part)
    case 'tagged':
      return []
    default:
      return [filter.field]
  }
}

const isSame = (one: MetricField, other: MetricField) => one.metric === other.metric && one.stat === other.stat
