import { createHash } from 'node:crypto'
import type { Filter } from '@aspara/protocol/filter.ts'
import { printFilter } from '@aspara/protocol/filter-text.ts'
import { limits } from '@aspara/protocol/limits.ts'
import type { MetricSummary } from '@aspara/protocol/metrics.ts'
import type { Run, RunPage } from '@aspara/protocol/runs.ts'
import { printSort, type SortKey } from '@aspara/protocol/sort.ts'
import type { RunId } from '../tables.ts'
import { readCursor, writeCursor } from './cursor.ts'
import type { PageRequest } from './read-catalog.ts'
import { requireProject } from './read-projects.ts'
import { findPlaces, type RunSource } from './run-places.ts'
import { describedRun, selectRuns } from './run-rows.ts'
import type { SortPlace } from './sort-runs.ts'

/** Which part of which runs is asked for. */
export interface RunPageRequest extends PageRequest {
  /** Without: all of them. */
  filter?: Filter
  /** Among equals, and without, newest first. */
  sort?: SortKey[]
  /** Only of these it is told what they came to; without: of all. */
  metrics?: string[]
}

/** A project's runs at a moment (ms since the epoch). @throws projectNotFound, invalidField when the cursor is of another list */
export async function listRuns(
  source: RunSource,
  { project, page, nowMs }: { project: string; page: RunPageRequest; nowMs: number },
): Promise<RunPage> {
  const limit = page.limit ?? limits.pageSizeDefault
  const { filter, sort = newestFirst } = page
  const cursors = cursorsOf(filter, sort)
  const after = cursors.read(page.cursor)
  const places = await findPlaces(source, { project, filter, sort, after, limit: limit + 1, nowMs })
  if (places.length === 0) await requireProject(source.db, project)

  const shown = places.slice(0, limit)
  return {
    runs: await readRuns(source, { places: shown, metrics: page.metrics, nowMs }),
    next_cursor: places.length > limit ? cursors.write(shown[limit - 1]) : null,
  }
}

/** The runs at these places; one that is being deleted meanwhile is left out. */
async function readRuns(
  { db, summaries }: RunSource,
  { places, metrics: wanted, nowMs }: { places: SortPlace[]; metrics: string[] | undefined; nowMs: number },
): Promise<Run[]> {
  if (places.length === 0) return []
  const ids = places.map((place) => place.run)
  const rows = await selectRuns(db, nowMs).where('runs.id', 'in', ids).execute()
  const byId = new Map(rows.map((row) => [row.id, row]))
  const metrics = wanted?.length === 0 ? new Map<RunId, MetricSummary[]>() : await summaries.readMany(ids, wanted)
  return ids.flatMap((id) => {
    const row = byId.get(id)
    return row ? [{ ...describedRun(row), metrics: metrics.get(id) ?? [] }] : []
  })
}

const newestFirst: SortKey[] = [{ field: { name: 'created' }, isDescending: true }]

/** The cursors of a list: of another filter or sort they are refused, as their place would be nowhere in it. */
function cursorsOf(filter: Filter | undefined, sort: SortKey[]) {
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
