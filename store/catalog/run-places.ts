import type { Filter } from '@aspara/protocol/filter.ts'
import type { SortKey } from '@aspara/protocol/sort.ts'
import { type SelectQueryBuilder, sql } from 'kysely'
import type { Database, EngineExpressions } from '../engines/engine.ts'
import type { RunSummaries } from '../series/run-summaries.ts'
import type { RunId, Tables } from '../tables.ts'
import { filterRuns } from './filter-runs.ts'
import { type LiveMetrics, liveColumns, namedFields, namedMetrics, readLiveMetrics } from './live-metrics.ts'
import { headFields, RunFields } from './run-fields.ts'
import { isAfter, type SortColumn, type SortPlace, type SortValue, sortColumns, sortName } from './sort-runs.ts'

/** Where runs are read. */
export interface RunSource {
  db: Database
  expressions: EngineExpressions
  summaries: RunSummaries
}

export interface PlaceRequest {
  project: string
  filter: Filter | undefined
  sort: SortKey[]
  after: SortPlace | undefined
  limit: number
  /** Milliseconds since the epoch. */
  nowMs: number
}

/** Where the runs of a page stand, in order: one statement, whatever the filter and the sort. */
export async function findPlaces(source: RunSource, request: PlaceRequest): Promise<SortPlace[]> {
  const { db, expressions, summaries } = source
  const { project, filter, sort, after, limit, nowMs } = request
  const named = namedFields(filter, sort)
  const live = await readLiveMetrics(db, expressions, summaries, { project, fields: namedMetrics(named) })
  const withHeads = named.some((field) => headFields.has(field.name))
  const matching = (runs: Runs, fields: RunFields): Rows =>
    runs
      .$if(withHeads, (query) => query.innerJoin('heads', 'heads.run', 'runs.id'))
      .where('runs.project', '=', project)
      .$if(filter !== undefined, (query) => query.where(filterRuns(filter as Filter, fields)))
      .select('runs.id')
      .select(sortColumns(sort, fields).map(({ value }, index) => sql<SortValue>`${value}`.as(sortName(index))))

  const fields = new RunFields(expressions, { project, nowMs })
  const columns = sortColumns(sort, fields)
  if (live.rows.length === 0) {
    const found = await findByMetric(db, request, columns)
    if (found) return found
  }
  let rows = matching(db.selectFrom('runs'), fields)
  if (live.rows.length > 0) {
    const liveFields = new RunFields(expressions, { project, nowMs, live })
    rows = matching(keptRuns(db), fields).unionAll(matching(liveRuns(db), liveFields))
  }
  const found =
    isNewestFirst(sort) && live.rows.length === 0
      ? await newestFirst(rows, after).limit(limit).execute()
      : await inOrder(source, { live, rows, columns, after }).limit(limit).execute()
  return found.map((row) => ({ run: row.id, at: columns.map((_, index) => row[sortName(index)] as SortValue) }))
}

/**
 * The same for all runs sorted by one metric, the commonest question about a long list: along the index of that metric,
 * without a look at the runs, in a sixth of the time.
 * @returns undefined where that does not answer it: it knows nothing of the runs that have no such value, which come last
 */
async function findByMetric(
  db: Database,
  { project, filter, sort, after, limit }: PlaceRequest,
  columns: SortColumn[],
): Promise<SortPlace[] | undefined> {
  const field = sort[0]?.field
  if (filter || sort.length !== 1 || field?.name !== 'metric' || after?.at[0] === null) return undefined
  const kept = db
    .selectFrom('series')
    .where('project', '=', project)
    .where('metric', '=', field.metric)
    .where(field.stat, 'is not', null)
    .where('run', 'not in', db.selectFrom('deleted_runs').select('run'))
  let sorted = db
    .with('sorted', () => kept.select('run as id').select(sql.ref<SortValue>(field.stat).as(sortName(0))))
    .selectFrom('sorted')
    .selectAll()
    .orderBy(sql.ref(sortName(0)), sort[0].isDescending ? 'desc' : 'asc')
    .orderBy('sorted.id', 'desc')
    .limit(limit)
  if (after) sorted = sorted.where(isAfter(columns, after))
  const rows = await sorted.execute()
  return rows.length < limit ? undefined : rows.map((row) => ({ run: row.id, at: [row[sortName(0)] as SortValue] }))
}

type Runs = SelectQueryBuilder<Tables, 'runs', object>
type Rows = SelectQueryBuilder<Tables, 'runs' | 'heads', SortedRow>
type SortedRow = { id: RunId } & { [column in `k${number}`]?: SortValue }

/*
 * Live runs are asked for apart from those of which `series` has it all. When their values were joined to all runs, the
 * planner, who cannot know how many there are, now and then went through all of them for each run: 100 times as long.
 */
const live = sql<{ run: RunId }>`live`.as('live')

const keptRuns = (db: Database): Runs =>
  db.selectFrom('runs').where('runs.id', 'not in', db.selectFrom(live).select('live.run'))

const liveRuns = (db: Database): Runs =>
  db.selectFrom(live).crossJoin('runs').whereRef('runs.id', '=', 'live.run') as unknown as Runs

const isNewestFirst = (sort: SortKey[]) => sort.length === 1 && sort[0].field.name === 'created' && sort[0].isDescending

/** Along the index of a project's runs, no further than the page needs. */
function newestFirst(rows: Rows, after: SortPlace | undefined) {
  const later = after
    ? rows.where((eb) => eb(eb.refTuple('runs.created_at', 'runs.id'), '<', eb.tuple(after.at[0] as number, after.run)))
    : rows
  return later.orderBy('runs.created_at', 'desc').orderBy('runs.id', 'desc')
}

/** Each column is worked out once for each run: a later page compares it up to three times beside the order. */
function inOrder(
  { db, expressions }: RunSource,
  order: { live: LiveMetrics; rows: Rows; columns: SortColumn[]; after: SortPlace | undefined },
) {
  const { live, rows, columns, after } = order
  let sorted = db
    .with(
      (cte) => cte('live').materialized(),
      () => expressions.numberRows(live.rows, liveColumns(live)),
    )
    .with(
      (cte) => (after ? cte('sorted').materialized() : cte('sorted').notMaterialized()),
      () => rows,
    )
    .selectFrom('sorted')
    .selectAll()
  columns.forEach(({ isDescending }, index) => {
    sorted = sorted.orderBy(sql.ref(sortName(index)), (by) => (isDescending ? by.desc() : by.asc()).nullsLast())
  })
  sorted = sorted.orderBy('sorted.id', 'desc')
  return after ? sorted.where(isAfter(columns, after)) : sorted
}
