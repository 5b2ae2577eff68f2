import { useQueryClient } from '@tanstack/react-query'
import { useLocation, useParams } from '@tanstack/react-router'
import { useEffect, useSyncExternalStore } from 'react'
import { projectQuery, runQuery } from '../api/queries.ts'
import { titleOf } from '../data/project-list.ts'

/** What the tab says: the innermost thing first, since tabs are narrow, and how many runs are running. */
export function usePageTitle(): void {
  const { project, run } = useParams({ strict: false })
  const page = useLocation({ select: ({ pathname }) => /\/(compare|trash)\/?$/.exec(pathname)?.[1] })
  const queries = useQueryClient()
  const title = useSyncExternalStore(
    (listener) => queries.getQueryCache().subscribe(listener),
    () => {
      if (project === undefined) return 'Aspara'
      const known = queries.getQueryData(projectQuery(project).queryKey)
      const running = known?.running ? `(${known.running}) ` : ''
      const shownRun = run === undefined ? undefined : queries.getQueryData(runQuery(project, run).queryKey)
      const inside = run === undefined ? page : shownRun?.display_name || run
      return [inside, running + (known ? titleOf(known) : project), 'Aspara'].filter(Boolean).join(' · ')
    },
  )
  useEffect(() => {
    document.title = title
  }, [title])
}
