import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { runQuery } from './queries.ts'

/** Whether a run was deleted while one looked at it: known without asking for what is not there. Nothing asks; it is told. */
export const goneQuery = (project: string, run: string) =>
  queryOptions({ queryKey: ['gone', project, run], queryFn: () => false, initialData: false })

/** The run was deleted. Its page says so, with what it knew of it. */
export function tellGone(queries: QueryClient, project: string, run: string): void {
  queries.setQueryData(goneQuery(project, run).queryKey, true)
}

/** It is there: brought back from the trash, or another of its name. What was known of it may be of before. */
export function tellThere(queries: QueryClient, project: string, run: string): void {
  const { queryKey } = goneQuery(project, run)
  const wasGone = queries.getQueryData(queryKey)
  if (wasGone) queries.setQueryData(queryKey, false)
  const wasMissed = queries.getQueryState(runQuery(project, run).queryKey)?.status === 'error'
  if (wasGone || wasMissed) void queries.invalidateQueries({ queryKey: runQuery(project, run).queryKey })
}
