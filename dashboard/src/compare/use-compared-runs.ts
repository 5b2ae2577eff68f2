import { type QueryObserverResult, useQueries } from '@tanstack/react-query'
import { useMemo, useRef } from 'react'
import { fewRunsQuery, type Run, type RunsPage } from '../api/queries.ts'
import { useFeed } from '../live/use-feed.ts'
import { nameFilter, namesInParts } from './named-runs.ts'

export interface ComparedRuns {
  /** In the order of the names. */
  runs: Run[]
  /** Names of which the tracker knows no run. */
  missing: string[]
  /** Not all are there yet. */
  isLoading: boolean
  error: Error | null
}

/**
 * The runs of these names with what `metrics` came to (null: all of theirs). They stay true by the live feed; while
 * something else is asked about them, they are shown as they were.
 */
export function useComparedRuns(names: readonly string[], metrics: string[] | null): ComparedRuns {
  const { project } = useFeed()
  const parts = useMemo(() => namesInParts(names), [names])
  const { pages, isLoading, error } = useQueries({
    queries: parts.map((part) => fewRunsQuery(project, nameFilter(part), metrics)),
    combine,
  })
  const known = useRef(new Map<string, Run>())
  return useMemo(() => {
    const now = new Map(pages.flatMap(({ runs }) => runs.map((run) => [run.name, run] as const)))
    const found = new Map(
      names.flatMap((name) => {
        const run = now.get(name) ?? (isLoading ? known.current.get(name) : undefined)
        return run ? [[name, run] as const] : []
      }),
    )
    known.current = found
    const missing = isLoading || error ? [] : names.filter((name) => !found.has(name))
    return { runs: [...found.values()], missing, isLoading, error }
  }, [names, pages, isLoading, error])
}

function combine(results: QueryObserverResult<{ pages: RunsPage[] }, Error>[]) {
  return {
    pages: results.flatMap(({ data }) => data?.pages ?? []),
    isLoading: results.some(({ isPending }) => isPending),
    error: results.find((one) => one.error)?.error ?? null,
  }
}
