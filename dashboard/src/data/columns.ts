import { limits } from '@aspara/protocol/limits.ts'
import { parseSort, type SortKey } from '@aspara/protocol/sort.ts'
import type { ProjectMetric, Run } from '../api/queries.ts'
import { defaultView } from '../view/view.ts'
import { bareField, documentPieces } from './field-text.ts'
import { documentPaths, documentValue } from './run-groups.ts'

/** What a metric came to in a run, as a column shows it. `best` is the highest or the lowest, whichever its name says. */
export const columnStats = ['last', 'best', 'min', 'max', 'mean', 'first', 'count', 'nonfinite'] as const
export type ColumnStat = (typeof columnStats)[number]

/** A column of the run table, read from its id. */
export type Column =
  | { kind: 'own'; id: string; own: OwnColumn }
  | { kind: 'config' | 'summary'; id: string; path: string }
  | { kind: 'metric'; id: string; metric: string; stat: ColumnStat }

/** What a run has of itself. The name is no column of these: it is always there. */
export const ownColumns = {
  status: { label: 'Status', width: 104, sort: 'status' },
  created: { label: 'Created', width: 88, sort: 'created' },
  duration: { label: 'Duration', width: 80, sort: 'duration' },
  finished: { label: 'Finished', width: 88, sort: 'finished' },
  heard: { label: 'Last heard', width: 88, sort: 'heard' },
  tags: { label: 'Tags', width: 140, sort: null },
  group: { label: 'Group', width: 96, sort: 'group' },
  job_type: { label: 'Job type', width: 88, sort: 'job_type' },
  notes: { label: 'Notes', width: 160, sort: null },
  exit_code: { label: 'Exit code', width: 80, sort: 'exit_code' },
  run: { label: 'Name in the API', width: 160, sort: 'name' },
} as const
export type OwnColumn = keyof typeof ownColumns

/** `config.lr`, `metric:val/acc:max`, `status` → the column; undefined for an id that is none, of an old link for instance. */
export function readColumn(id: string): Column | undefined {
  if (Object.hasOwn(ownColumns, id)) return { kind: 'own', id, own: id as OwnColumn }
  const document = /^(config|summary)\.(.+)$/s.exec(id)
  if (document) return { kind: document[1] as 'config' | 'summary', id, path: document[2]! }
  const metric = /^metric:(.+):([a-z]+)$/s.exec(id)
  const stat = columnStats.find((one) => one === metric?.[2])
  return metric && stat ? { kind: 'metric', id, metric: metric[1]!, stat } : undefined
}

export const metricColumn = (metric: string, stat: ColumnStat): string => `metric:${metric}:${stat}`

/** The metrics whose summaries these columns need, by name. */
export function metricsOfColumns(ids: readonly string[]): string[] {
  const metrics = ids.flatMap((id) => {
    const column = readColumn(id)
    return column?.kind === 'metric' ? [column.metric] : []
  })
  return [...new Set(metrics)].sort()
}

const lowerIsBetter =
  /(^|[^a-z])(loss|err|error|errors|ppl|perplexity|mse|rmse|mae|mape|nll|bpb|bpc|wer|cer|fid|kl|divergence|latency|regret)([^a-z]|$)/i

/** Which end of a metric is the best one: `val_loss` → min, `acc` → max. */
export const bestOf = (metric: string): 'min' | 'max' =>
  lowerIsBetter.test(metric.replace(/([a-z])([A-Z])/g, '$1_$2')) ? 'min' : 'max'

const statWords: Record<ColumnStat, string> = {
  last: 'last',
  best: 'best',
  min: 'min',
  max: 'max',
  mean: 'mean',
  first: 'first',
  count: 'points',
  nonfinite: 'NaN or ∞',
}

/** What stands in its header, and beside it in a fainter hand: `val/acc`, `best (max)`. */
export function columnLabel(column: Column): { label: string; detail: string } {
  if (column.kind === 'own') return { label: ownColumns[column.own].label, detail: '' }
  if (column.kind === 'metric') {
    const word = column.stat === 'best' ? `best (${bestOf(column.metric)})` : statWords[column.stat]
    return { label: column.metric, detail: word }
  }
  return { label: column.path, detail: column.kind }
}

/** The same in a header, where there is little room and neighbours tell configs from summaries. */
export const headerLabel = (column: Column): { label: string; detail: string } => ({
  ...columnLabel(column),
  ...(column.kind === 'metric' ? {} : { detail: '' }),
})

/** The whole of it in words. */
export const columnTitle = (column: Column): string => {
  const { label, detail } = columnLabel(column)
  return detail === '' ? label : `${label} · ${detail}`
}

/** Pixels, before anybody resized it. */
export function columnWidth(column: Column): number {
  if (column.kind === 'own') return ownColumns[column.own].width
  const { label, detail } = headerLabel(column)
  // Some seven pixels a letter, and place for the sign of the order.
  return Math.min(168, Math.max(80, 7 * (label.length + (detail === '' ? 0 : detail.length + 1)) + 30))
}

/** The key of `sort` that puts the runs in this column's order; null for what the tracker does not order by. */
export function sortText(column: Column | 'name', runs: readonly Pick<Run, 'config' | 'summary'>[]): string | null {
  if (column === 'name') return 'name'
  if (column.kind === 'own') return ownColumns[column.own].sort
  if (column.kind === 'metric') {
    const stat = column.stat === 'best' ? bestOf(column.metric) : column.stat
    const name = /^["'\s]|[,]|\s$/.test(column.metric) ? JSON.stringify(column.metric) : column.metric
    return `metric:${name}:${stat}`
  }
  return bareField(column.kind, documentPieces(runs, column.kind, column.path))
}

/** Which direction one wants first: the best, the newest, the smallest. */
export function descendsFirst(column: Column | 'name'): boolean {
  if (column === 'name') return false
  if (column.kind === 'own') return ['created', 'duration', 'finished', 'heard', 'exit_code'].includes(column.own)
  return column.kind === 'metric' && bestOf(column.metric) === 'max'
}

/** The parts of a `sort`; none for one that can't be read. */
export function readSort(sort: string): SortKey[] {
  if (sort.trim() === '') return []
  try {
    return parseSort(sort)
  } catch {
    // The tracker's answer says what is wrong with it.
    return []
  }
}

export const isSort = (sort: string): boolean => sort === '' || readSort(sort).length > 0

/** How the list is ordered by a column: its direction and its place among the keys, from 1. */
export function sortOf(sort: string, key: string | null): { isDescending: boolean; place: number } | null {
  if (key === null) return null
  const wanted = JSON.stringify(readSort(key)[0] && plain(readSort(key)[0]!))
  const keys = readSort(sort)
  const at = keys.findIndex((one) => JSON.stringify(plain(one)) === wanted)
  return at < 0 ? null : { isDescending: keys[at]!.isDescending, place: at + 1 }
}

/** A field without where it stood in the text. */
function plain({ field }: SortKey): unknown {
  const { name } = field
  if (name === 'metric') return [name, field.metric, field.stat]
  if (name === 'config' || name === 'summary') return [name, field.path]
  return [name]
}

/**
 * The sort after a click on a column: first one direction, then the other, then none. `isAdded` keeps the other keys
 * (shift-click); a tracker takes four.
 */
export function toggleSort(sort: string, key: string, descendsAtFirst: boolean, isAdded: boolean): string {
  const now = sortOf(sort, key)
  if (now !== null && now.isDescending !== descendsAtFirst) return isAdded ? withoutSort(sort, key) : ''
  const isDescending = now === null ? descendsAtFirst : !now.isDescending
  const text = (isDescending ? '-' : '') + key
  if (now !== null && isAdded)
    return sortKeys(sort)
      .map((one) => (sortOf(one, key) ? text : one))
      .join(',')
  const others = isAdded ? sortKeys(sort).slice(0, limits.sortKeysMax - 1) : []
  return [...others, text].join(',')
}

/** The sort without one of its keys. */
export const withoutSort = (sort: string, key: string): string =>
  sortKeys(sort)
    .filter((one) => sortOf(one, key) === null)
    .join(',')

/** `status,-metric:"a,b":max` → its keys as they were written. */
function sortKeys(sort: string): string[] {
  return sort.match(/(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^,])+/g)?.map((key) => key.trim()) ?? []
}

/** The column of `ids` that the list is ordered by first, if it shows it. */
export function sortedColumn(
  ids: readonly string[],
  sort: string,
  runs: readonly Pick<Run, 'config' | 'summary'>[],
): string | undefined {
  const [first] = sortKeys(sort)
  if (first === undefined) return undefined
  return ids.find((id) => {
    const column = readColumn(id)
    return column !== undefined && sortOf(first, sortText(column, runs)) !== null
  })
}

const headlineMax = 3
const variedMax = 5
/** So many runs tell in what a project's runs differ. */
const variedRunsMax = 1000

/** Metrics by which people tell how a run went, the most telling first. */
const headlines: RegExp[] = [
  /^(val|valid|validation|eval|test|dev)[^a-z].*(acc|accuracy|f1|auc|score|bleu|map|iou)/i,
  /(^|[^a-z])(acc|accuracy|f1|auc|score|reward|return|bleu|map|iou)([^a-z]|$)/i,
  /^(val|valid|validation|eval|test|dev)[^a-z].*loss/i,
  /(^|[^a-z])loss([^a-z]|$)/i,
  /(^|[^a-z])(ppl|perplexity|error|mse|rmse|mae)([^a-z]|$)/i,
]

/** Columns for who has chosen none: the metrics that tell how a run went, by their names. */
export function headlineColumns(metrics: readonly Pick<ProjectMetric, 'metric'>[]): string[] {
  const rank = (metric: string) => {
    const at = headlines.findIndex((headline) => headline.test(metric))
    return at < 0 ? headlines.length : at
  }
  const telling = metrics
    .map(({ metric }, at) => ({ metric, at, rank: rank(metric) }))
    .filter((one) => one.rank < headlines.length || metrics.length <= headlineMax)
    .sort((one, other) => one.rank - other.rank || one.at - other.at)
  return telling
    .slice(0, headlineMax)
    .map(({ metric, rank: at }) => metricColumn(metric, at < headlines.length ? 'best' : 'last'))
}

/** The config keys in which these runs differ, in order of first sight: what was tried. */
export function variedColumns(runs: readonly Pick<Run, 'config'>[]): string[] {
  if (runs.length < 2) return []
  const values = new Map<string, Set<string>>()
  for (const { config } of runs.slice(0, variedRunsMax)) {
    for (const path of documentPaths(config)) {
      const value = documentValue(config, path)
      if (typeof value === 'object' && value !== null) continue
      const seen = values.get(path) ?? new Set<string>()
      if (seen.size < 2) values.set(path, seen.add(JSON.stringify(value)))
    }
  }
  return [...values].flatMap(([path, seen]) => (seen.size > 1 ? [`config.${path}`] : [])).slice(0, variedMax)
}

/** Whether nobody has chosen columns yet. */
export const isUnchosen = (columns: readonly string[]): boolean => columns.join() === defaultView.columns.join()

/** `ids` with one of them moved by so many places, within its bounds. */
export function moveColumn(ids: readonly string[], id: string, by: number): string[] {
  const from = ids.indexOf(id)
  const to = Math.min(ids.length - 1, Math.max(0, from + by))
  if (from < 0 || to === from) return [...ids]
  const moved = ids.filter((one) => one !== id)
  moved.splice(to, 0, id)
  return moved
}
