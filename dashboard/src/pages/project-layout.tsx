import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Outlet, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useEffect, useMemo, useRef } from 'react'
import { viewsQuery } from '../api/queries.ts'
import { ProjectFeed } from '../live/project-feed.ts'
import { FeedContext } from '../live/use-feed.ts'
import type { Search } from '../router.tsx'

import { readSaved, viewKeys } from '../view/address.ts'
import { ViewContext } from '../view/use-view.ts'
import { defaultView } from '../view/view.ts'
import { ViewStore } from '../view/view-store.ts'

/** How long changes of the view are gathered before the address follows, ms: browsers allow some three a second. */
const addressDelayMs = 300

/** What all pages of a project share: its live feed, and the view, which the address follows. */
export function ProjectLayout() {
  const { project } = useParams({ from: '/projects/$project' })
  return <OpenProject key={project} project={project} />
}

function OpenProject({ project }: { project: string }) {
  const search = useSearch({ strict: false }) as Search
  const navigate = useNavigate()
  const queries = useQueryClient()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address is read once; from then on it follows
  const store = useMemo(() => new ViewStore(search.view === undefined ? search : {}), [])
  const feed = useMemo(() => new ProjectFeed(project, queries), [project, queries])
  const first = useRef(search)

  useEffect(() => feed.open(), [feed])

  const { data: saved } = useQuery({ ...viewsQuery(project), enabled: search.view !== undefined })
  useEffect(() => {
    const named = first.current.view
    if (named === undefined || saved === undefined || store.base.name !== null) return
    const view = saved.find(({ name }) => name === named)
    if (view) store.open({ name: named, view: readSaved(view.view) }, first.current)
    else store.open({ name: null, view: defaultView }, first.current)
  }, [saved, store])

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const follow = () => {
      timer = undefined
      const fields = { view: store.base.name ?? undefined, ...store.fields }
      void navigate({
        to: '.',
        replace: true,
        resetScroll: false,
        search: (before: Search) => ({
          ...Object.fromEntries(Object.entries(before).filter(([key]) => key !== 'view' && !viewKeys.has(key))),
          ...fields,
        }),
      })
    }
    const stop = store.subscribe(() => {
      timer ??= setTimeout(follow, addressDelayMs)
    })
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [store, navigate])

  return (
    <ViewContext value={store}>
      <FeedContext value={feed}>
        <Outlet />
      </FeedContext>
    </ViewContext>
  )
}
