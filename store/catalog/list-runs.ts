import { createHash } from 'node:crypto'
import type { Filter } from '@aspara/protocol/filter.ts'
import type { Field } from '@aspara/protocol/filter-field.ts'
import { printFilter } from '@aspara/protocol/filter-text.ts'
import { limits } from '@aspara/protocol/limits.ts'
import type { Run, RunPage } from '@aspara/protocol/runs.ts'
import { printSort, type SortKey } from '@aspara/protocol/sort.ts'
import { type SelectQueryBuilder, sql } from 'kysely'
import type { Database, EngineExpressions } from '../engines/engine.ts'
import type { RunSummaries } from '../series/run-summaries.ts'
import type { RunId, Tables } from '../tables.ts'
import { isNumber, readCursor, writeCursor } from './cursor.ts'
import { filterRuns } from './filter-runs.ts'
import { type LiveMetrics, liveColumns, namedFields, namedMetrics, readLiveMetrics } from './live-metrics.ts'
import { type PageRequest, readProject } from './read-catalog.ts'
import { RunFields } from './run-fields.ts'
import { runOf, selectRuns } from './run-rows.ts'
import { isAfter, type SortColumn, type SortPlace, type SortValue, sortColumns, sortName } from './sort-runs.ts'

/** Which part of which runs is asked for. */
export interface RunPageRequest extends PageRequest {
  /** Without: all of them. */
  filter?: Filter
  /** Among equals, and without, newest first. */
  sort?: SortKey[]
}

/** Where runs are read. */
export interface RunSource {
  db: Database
  expressions: EngineExpressions
  summaries: RunSummaries
}

/** A project's runs at a moment (ms since the epoch). @throws projectNotFound, invalidField when the cursor is of another list */
export async function listRuns(
  source: RunSource,
  { project, page, nowMs }: { project: string; page: RunPageRequest; nowMs: number },
): Promise<RunPage> {
  const { db, expressions, summaries } = source
  const limit = page.limit ?? limits.pageSizeDefault
  const { filter } = page
  const sort = isNewestFirst(page.sort) ? [] : (page.sort ?? [])
  const cursors = cursorsOf(filter, sort)
  const after = cursors.read(page.cursor)

  const named = namedFields(filter, sort)
  const live = await readLiveMetrics(db, expressions, summaries, { project, fields: namedMetrics(named) })
  const fields = new RunFields(expressions, { project, nowMs, live })
  const columns = sortColumns(sort, fields)
  const candidates = selectCandidates(source, named, live)
    .where('runs.project', '=', project)
    .$if(filter !== undefined, (query) => query.where(filterRuns(filter as Filter, fields)))
  const found = await (columns.length === 0
    ? newestFirst(candidates, after)
        .limit(limit + 1)
        .execute()
    : inOrder(db, candidates, columns, after)
        .limit(limit + 1)
        .execute())
  if (found.length === 0) await readProject(db, { project })

  const shown = found.slice(0, limit)
  const ids = shown.map((row) => row.id)
  return {
    runs: await readRuns(source, ids, nowMs),
    next_cursor: found.length > limit ? cursors.write(placeOf(shown[limit - 1], columns.length)) : null,
  }
}

/** Runs, and beside them the tables that the named fields are in: one that nobody looks at takes its time all the same. */
function selectCandidates({ db, expressions }: RunSource, named: Field[], live: LiveMetrics) {
  return db
    .with(
      (cte) => cte('live').materialized(),
      () => expressions.numberRows(live.rows, liveColumns(live)),
    )
    .selectFrom('runs')
    .$if(
      named.some((field) => field.name === 'status' || field.name === 'heard'),
      (query) => query.innerJoin('heads', 'heads.run', 'runs.id'),
    )
    .$if(live.rows.length > 0, (query) => query.leftJoin('live', 'live.run', 'runs.id'))
}

type Candidates = SelectQueryBuilder<Tables, 'runs' | 'heads', object>
type SortedRow = { id: RunId } & Record<`k${number}`, SortValue>

/** Along the index of a project's runs, no further than the page needs. */
function newestFirst(candidates: Candidates, after: SortPlace | undefined) {
  const rows = candidates.select('runs.id').orderBy('runs.id', 'desc')
  return after ? rows.where('runs.id', '<', after.run) : rows
}

/** Each column is worked out once for each run: a later page compares it up to three times beside the order. */
function inOrder(db: Database, candidates: Candidates, columns: SortColumn[], after: SortPlace | undefined) {
  const rows = candidates
    .select('runs.id')
    .select(columns.map(({ value }, index) => sql<SortValue>`${value}`.as(sortName(index))))
  let sorted = db
    .with(
      (cte) => (after ? cte('sorted').materialized() : cte('sorted').notMaterialized()),
      () => rows,
    )
    .selectFrom('sorted')
    .selectAll()
  columns.forEach(({ isDescending }, index) => {
    sorted = sorted.orderBy(sql.ref(sortName(index)), (order) =>
      (isDescending ? order.desc() : order.asc()).nullsLast(),
    )
  })
  sorted = sorted.orderBy('sorted.id', 'desc')
  return after ? sorted.where(isAfter(columns, after)) : sorted
}

/** Where a row stands. */
function placeOf(row: { id: RunId } & Partial<SortedRow>, columns: number): SortPlace {
  return { run: row.id, at: Array.from({ length: columns }, (_, index) => row[sortName(index)] as SortValue) }
}

/** The runs with these ids, in their order; one that is being deleted meanwhile is left out. */
async function readRuns({ db, summaries }: RunSource, ids: RunId[], nowMs: number): Promise<Run[]> {
  if (ids.length === 0) return []
  const rows = await selectRuns(db, nowMs).where('runs.id', 'in', ids).execute()
  const byId = new Map(rows.map((row) => [row.id, row]))
  const runs: Run[] = []
  for (const id of ids) {
    const row = byId.get(id)
    if (row) runs.push(await runOf(row, summaries))
  }
  return runs
}

const isNewestFirst = (sort: SortKey[] = []) =>
  sort.length === 1 && sort[0].field.name === 'created' && sort[0].isDescending

/** The cursors of a list: of another filter or sort they are refused, as their place would be nowhere in it. */
function cursorsOf(filter: Filter | undefined, sort: SortKey[]) {
  if (!filter && sort.length === 0) {
    return {
      read(cursor: string | undefined): SortPlace | undefined {
        const run = readCursor(cursor, isNumber)
        return run === undefined ? undefined : { at: [], run }
      },
      write: ({ run }: SortPlace) => writeCursor(run),
    }
  }
  const said = JSON.stringify([filter ? printFilter(filter) : '', printSort(sort)])
  const of = createHash('sha256').update(said).digest('base64url').slice(0, 16)
  const isPlace = (key: unknown): key is SortPlace & { of: string } => {
    const { of: its, at, run } = key as { of: unknown; at: unknown; run: unknown }
    const isValue = (value: unknown) => value === null || typeof value === 'number' || typeof value === 'string'
    return its === of && typeof run === 'number' && Array.isArray(at) && at.every(isValue)
  }
  return {
    read: (cursor: string | undefined): SortPlace | undefined => readCursor(cursor, isPlace),
    write: ({ at, run }: SortPlace) => writeCursor({ of, at, run }),
  }
}
