import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { type Run, runsQuery } from '../api/queries.ts'
import { eyesOf, type ShownRun, shownRuns } from '../data/shown-runs.ts'
import { useFeed } from '../live/use-feed.ts'
import { useView } from '../view/use-view.ts'

/** `metric:val/acc:max` → the metric that a column needs the summary of. */
export const metricOfColumn = (column: string): string | undefined => /^metric:(.+):[a-z]+$/.exec(column)?.[1]

/** The runs that fit the view's filter, in its order: all of them, page after page as they come. */
export function useRuns(): {
  runs: Run[]
  isLoading: boolean
  /** More pages are on their way. */
  isPartial: boolean
  error: Error | null
} {
  const { project } = useFeed()
  const request = useView(({ filter, sort, columns }) => ({
    filter,
    sort,
    metrics: [...new Set(columns.flatMap((column) => metricOfColumn(column) ?? []))].sort(),
  }))
  const { data, isPending, error, hasNextPage, isFetching, fetchNextPage } = useInfiniteQuery({
    ...runsQuery(project, request),
    // The table keeps what it shows while another order is asked for.
    placeholderData: (before) => before,
  })
  useEffect(() => {
    if (hasNextPage && !isFetching && !error) void fetchNextPage()
  }, [hasNextPage, isFetching, error, fetchNextPage])
  const runs = useMemo(() => data?.pages.flatMap((page) => page.runs) ?? [], [data])
  return { runs, isLoading: isPending, isPartial: hasNextPage, error }
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
