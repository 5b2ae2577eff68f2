import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useRef } from 'react'
import { metricsQuery, type ProjectMetric, type Run, runsQuery } from '../api/queries.ts'
import { headlineColumns, isUnchosen, variedColumns } from '../data/columns.ts'
import { problemOf } from '../data/filter-problem.ts'
import { runsRequestOf } from '../data/runs-request.ts'
import { eyesOf, type ShownRun, shownRuns } from '../data/shown-runs.ts'
import { useFeed } from '../live/use-feed.ts'
import { useView } from '../view/use-view.ts'

export interface RunList {
  runs: Run[]
  /** Columns after the name, by id. Until somebody chooses: what tells these runs apart. */
  columns: string[]
  isLoading: boolean
  /** More pages are on their way. */
  isPartial: boolean
  /** What is shown is of another filter or order, while the asked one comes. */
  isStale: boolean
  error: Error | null
  askAgain: () => void
}

const noMetrics: ProjectMetric[] = []
const noRuns: Run[] = []

/** The runs that fit the view's filter, in its order: all of them, page after page as they come. */
export function useRuns(): RunList {
  const { project } = useFeed()
  const view = useView(({ filter, sort, columns }) => ({ filter, sort, columns }))
  const { filter, columns: chosen } = view
  // An address may hold one that was cut off: what is wrong with it is told without asking for it.
  const isReadable = problemOf(filter) === null
  const isOwnChoice = !isUnchosen(chosen)
  const { data: metrics = noMetrics } = useQuery(metricsQuery(project))
  const headline = useMemo(() => headlineColumns(metrics), [metrics])
  const request = useMemo(() => runsRequestOf(view, headline), [view, headline])
  const { data, isPending, error, hasNextPage, isFetching, isPlaceholderData, fetchNextPage, refetch } =
    useInfiniteQuery({
      ...runsQuery(project, request),
      enabled: isReadable,
      // The table keeps what it shows while another order is asked for, or the columns of metrics whose names have just
      // come: charts need no more than which runs there are, and must not wait.
      placeholderData: (before) => before,
    })
  useEffect(() => {
    if (hasNextPage && !isFetching && !error) void fetchNextPage()
  }, [hasNextPage, isFetching, error, fetchNextPage])
  const runs = useMemo(() => data?.pages.flatMap((page) => page.runs) ?? noRuns, [data])
  const varied = useVaried(runs)
  const columns = useMemo(
    () => (isOwnChoice ? chosen : [...chosen, ...headline, ...varied]),
    [isOwnChoice, chosen, headline, varied],
  )
  return {
    runs,
    columns,
    isLoading: isPending && isReadable,
    isPartial: hasNextPage,
    isStale: isPlaceholderData,
    error,
    askAgain: () => void refetch(),
  }
}

/** Columns of what tells runs apart: more would be a table of everything. */
const variedShown = 5

/** Columns that have come do not go again while one looks at the page, whatever the filter leaves. */
function useVaried(runs: Run[]): string[] {
  const known = useRef<string[]>([])
  return useMemo(() => {
    if (known.current.length >= variedShown) return known.current
    const added = variedColumns(runs).filter((id) => !known.current.includes(id))
    if (added.length > 0) known.current = [...known.current, ...added].slice(0, variedShown)
    return known.current
  }, [runs])
}

/** Those of them that are drawn. */
export function useShownRuns(runs: Run[]): ShownRun[] {
  const eyes = useView(eyesOf)
  return useStable(useMemo(() => shownRuns(runs, eyes), [runs, eyes]))
}

/** The same list as before when nothing that is drawn has changed: new values in the table are no reason to draw charts anew. */
function useStable(shown: ShownRun[]): ShownRun[] {
  const signature = JSON.stringify(shown)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the signature stands for the list
  return useMemo(() => shown, [signature])
}
