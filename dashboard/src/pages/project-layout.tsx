import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Outlet, useMatch, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useEffect, useMemo, useRef } from 'react'
import { viewsQuery } from '../api/queries.ts'
import { ProjectFeed } from '../live/project-feed.ts'
import { FeedContext } from '../live/use-feed.ts'
import { askFirstCharts } from '../panels/first-charts.ts'
import type { Search } from '../router.tsx'
import { tableWidthOn } from '../runs/table-width.ts'
import { toast } from '../ui/toasts.tsx'
import { readSaved } from '../view/address.ts'
import { ViewContext } from '../view/use-view.ts'
import { defaultView, type View } from '../view/view.ts'
import { viewSearch } from '../view/view-search.ts'
import { ViewStore } from '../view/view-store.ts'
import { ProjectGate } from './project-gate.tsx'

/** How long changes of the view are gathered before the address follows, ms: browsers allow some three a second. */
const addressDelayMs = 300

/** What all pages of a project share: its live feed, and the view, which the address follows. */
export function ProjectLayout() {
  const { project } = useParams({ from: '/projects/$project' })
  return <OpenProject key={project} project={project} />
}

const sightOf = ({ tableWidth }: View) => ({
  width: innerWidth,
  height: innerHeight,
  left: tableWidthOn(tableWidth, innerWidth),
})

function OpenProject({ project }: { project: string }) {
  const search = useSearch({ strict: false }) as Search
  const navigate = useNavigate()
  const queries = useQueryClient()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address is read once; from then on it follows
  const store = useMemo(() => new ViewStore(search.view === undefined ? search : {}), [])
  const feed = useMemo(() => new ProjectFeed(project, queries), [project, queries])
  const first = useRef(search)
  const isWorkspace = useMatch({ from: '/projects/$project/', shouldThrow: false }) !== undefined
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is seen first is asked for once
  useMemo(() => {
    if (isWorkspace && search.view === undefined) void askFirstCharts(feed, store.view, sightOf(store.view), queries)
  }, [])

  useEffect(() => feed.open(), [feed])

  const { data: saved } = useQuery({ ...viewsQuery(project), enabled: search.view !== undefined })
  useEffect(() => {
    const named = first.current.view
    if (named === undefined || saved === undefined || store.base.name !== null) return
    const view = saved.find(({ name }) => name === named)
    const { view: _, ...fields } = first.current
    // Once: the view may be deleted or another one opened, and the list of views comes anew.
    first.current = {}
    if (view) return store.open({ name: named, view: readSaved(view.view) }, fields)
    store.open({ name: null, view: defaultView }, fields)
    toast({ text: `There is no view named ${named} any more: this is the default one`, isProblem: true })
  }, [saved, store])

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const follow = () => {
      timer = undefined
      void navigate({
        to: '.',
        replace: true,
        resetScroll: false,
        search: (before: Search) => viewSearch(before, store),
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
        <ProjectGate>
          <Outlet />
        </ProjectGate>
      </FeedContext>
    </ViewContext>
  )
}
