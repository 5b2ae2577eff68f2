import type { Artifact } from '@aspara/protocol/artifacts.ts'
import type { Project } from '@aspara/protocol/projects.ts'
import type { Run, RunDetails } from '@aspara/protocol/runs.ts'
import type { RunWriter } from '@aspara/protocol/writers.ts'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { ask, path, query } from './ask.ts'

/** What the page asks the tracker, with the keys it is kept under: the live feed writes into the same keys. */

export type { Artifact, Project, Run, RunDetails, RunWriter }

export interface About {
  version: string
  read_only: boolean
  /** What clients put into `tracker_uri`. */
  address: string
}

export interface ProjectMetric {
  metric: string
  runs: number
  points: number
}

export interface TrashedRun extends Omit<Run, 'metrics'> {
  trash_id: string
  deleted_at: string
  expires_at: string
}

export interface SavedView {
  name: string
  view: Record<string, unknown>
  created_at: string
  updated_at: string
}

interface Page {
  next_cursor: string | null
}

/** Every page of a list, one after the other. */
async function askAll<Item>(
  at: string,
  list: string,
  fields: Record<string, string | number | string[] | undefined>,
  signal: AbortSignal,
): Promise<Item[]> {
  const items: Item[] = []
  let cursor: string | null = null
  do {
    const page: Page & Record<string, unknown> = await ask(
      at + query({ ...fields, limit: 1000, cursor: cursor ?? undefined }),
      { signal },
    )
    items.push(...(page[list] as Item[]))
    cursor = page.next_cursor
  } while (cursor !== null)
  return items
}

export const aboutQuery = () =>
  queryOptions({ queryKey: ['about'], queryFn: ({ signal }) => ask<About>('/about', { signal }) })

export const projectsQuery = () =>
  queryOptions({
    queryKey: ['projects'],
    queryFn: ({ signal }) => askAll<Project>('/projects', 'projects', {}, signal),
  })

export const projectQuery = (project: string) =>
  queryOptions({
    queryKey: ['project', project],
    queryFn: ({ signal }) => ask<Project>(path('projects', project), { signal }),
    // A project that is not there is not asked for by everybody who would show it: the stream tells when it is.
    retryOnMount: false,
  })

/** The names of all metrics of a project, by name. */
export const metricsQuery = (project: string) =>
  queryOptions({
    queryKey: ['metrics', project],
    queryFn: ({ signal }) => askAll<ProjectMetric>(`${path('projects', project)}/metrics`, 'metrics', {}, signal),
  })

export interface RunsRequest {
  /** In the filter language; '' for all. */
  filter: string
  /** As the API takes it; '' for newest first. */
  sort: string
  /** The metrics whose summaries are wanted with each run; null: all of them. */
  metrics: string[] | null
}

export const runsPageSize = 500

export interface RunsPage {
  runs: Run[]
  next_cursor: string | null
}

const askRuns = (
  project: string,
  { filter, sort, metrics }: RunsRequest,
  cursor: string | null,
  signal: AbortSignal,
): Promise<RunsPage> =>
  ask(
    path('projects', project, 'runs') +
      query({
        filter: filter || undefined,
        sort: sort || undefined,
        // None at all has to be said: left out it means all of them.
        ...(metrics?.length === 0 ? { metrics: '' } : { metric: metrics ?? undefined }),
        limit: runsPageSize,
        cursor: cursor ?? undefined,
      }),
    { signal },
  )

/** The runs of a project in pages; the table asks for the next one until it has them all. */
export const runsQuery = (project: string, request: RunsRequest) =>
  infiniteQueryOptions({
    queryKey: ['runs', project, request],
    queryFn: ({ signal, pageParam }) => askRuns(project, request, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  })

/** The runs that fit a filter which lets no more than a page of them through. A list of one page: the feed keeps it true as any. */
export const fewRunsQuery = (project: string, filter: string, metrics: string[] | null) =>
  queryOptions({
    queryKey: ['runs', project, { filter, sort: 'name', metrics }],
    queryFn: async ({ signal }) => ({
      pages: [await askRuns(project, { filter, sort: 'name', metrics }, null, signal)],
      pageParams: [null],
    }),
  })

export const runQuery = (project: string, run: string) =>
  queryOptions({
    queryKey: ['run', project, run],
    queryFn: ({ signal }) => ask<RunDetails>(path('projects', project, 'runs', run), { signal }),
  })

/** All of them: the run itself tells the hundred that were heard of last. */
export const writersQuery = (project: string, run: string) =>
  queryOptions({
    queryKey: ['writers', project, run],
    queryFn: ({ signal }) =>
      askAll<RunWriter>(path('projects', project, 'runs', run, 'writers'), 'writers', {}, signal),
  })

export const artifactsQuery = (project: string, run: string) =>
  queryOptions({
    queryKey: ['artifacts', project, run],
    queryFn: ({ signal }) =>
      askAll<Artifact>(path('projects', project, 'runs', run, 'artifacts'), 'artifacts', {}, signal),
  })

export const trashQuery = (project: string) =>
  queryOptions({
    queryKey: ['trash', project],
    queryFn: ({ signal }) => askAll<TrashedRun>(path('projects', project, 'trash'), 'runs', {}, signal),
  })

export const viewsQuery = (project: string) =>
  queryOptions({
    queryKey: ['views', project],
    queryFn: ({ signal }) => askAll<SavedView>(path('projects', project, 'views'), 'views', {}, signal),
  })
