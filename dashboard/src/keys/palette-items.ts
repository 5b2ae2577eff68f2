import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { ask, path, query } from '../api/ask.ts'
import { metricsQuery, projectsQuery, type RunsPage } from '../api/queries.ts'
import { formatCount } from '../data/format.ts'
import { lastActivity, titleOf } from '../data/project-list.ts'
import type { Search } from '../router.tsx'
import { liveActions } from './action-sections.ts'
import { currentActions, onActions } from './actions.ts'
import { jumpToPanel } from './jump.ts'
import { bestFit, rank } from './ranking.ts'

export interface PaletteItem {
  id: string
  title: string
  detail?: string
  keys?: string
  /** What it is found by. */
  text: string
  run: () => void
}

interface Group {
  title: string
  items: PaletteItem[]
}

const itemsMax = 8
/** With nothing typed the palette is a list of what can be done. */
const actionsMax = 40
const typingMs = 150

/** Everything that fits what was typed, the group with the best fit first. */
export function usePaletteGroups(typed: string): { groups: Group[]; isSearching: boolean } {
  const { project } = useParams({ strict: false })
  const projects = useProjectItems()
  const metrics = useMetricItems(project)
  const runs = useRunItems(project, typed)
  const actions: PaletteItem[] = liveActions(useSyncExternalStore(onActions, currentActions))
    .filter(({ id }) => id !== 'palette')
    .map(({ id, title, keys, section, words = '', run }) => ({
      id: `action:${id}`,
      title,
      keys,
      text: `${title} ${section} ${words}`,
      run,
    }))
  const textOf = ({ text }: PaletteItem) => text
  const isAsked = typed.trim() !== ''
  const all: Group[] = [
    { title: 'Metrics', items: isAsked ? metrics : [] },
    { title: 'Runs', items: isAsked ? runs.items : [] },
    { title: 'Projects', items: projects },
    { title: 'Actions', items: actions },
  ]
  const groups = all
    .map(({ title, items }) => ({
      title,
      best: isAsked ? bestFit(typed, items, textOf) : 0,
      items: rank(typed, items, textOf, title === 'Actions' && !isAsked ? actionsMax : isAsked ? itemsMax : 5),
    }))
    .filter(({ items }) => items.length > 0)
    .sort((one, other) => other.best - one.best)
  return { groups, isSearching: runs.isSearching }
}

function useProjectItems(): PaletteItem[] {
  const navigate = useNavigate()
  const { data = [] } = useQuery({ ...projectsQuery(), staleTime: 5_000 })
  return data
    .toSorted((one, other) => lastActivity(other) - lastActivity(one))
    .map((project) => ({
      id: `project:${project.name}`,
      title: titleOf(project),
      detail: project.running > 0 ? `${formatCount(project.running)} running` : `${formatCount(project.runs)} runs`,
      text: [titleOf(project), project.name, ...project.tags].join(' '),
      run: () => void navigate({ to: '/projects/$project', params: { project: project.name }, search: {} }),
    }))
}

function useMetricItems(project: string | undefined): PaletteItem[] {
  const navigate = useNavigate()
  const { run } = useParams({ strict: false })
  const { data = [] } = useQuery({ ...metricsQuery(project ?? ''), enabled: project !== undefined })
  return data.map(({ metric, runs }) => ({
    id: `metric:${metric}`,
    title: metric,
    detail: `${formatCount(runs)} ${runs === 1 ? 'run' : 'runs'}`,
    text: metric,
    run: () => {
      // A run's page has panels of its own.
      if (run === undefined) {
        void navigate({ to: '/projects/$project', params: { project: project! }, search: (before: Search) => before })
      }
      jumpToPanel(metric)
    },
  }))
}

/** The tracker looks for runs, of which the page may have but a part. */
function useRunItems(project: string | undefined, typed: string): { items: PaletteItem[]; isSearching: boolean } {
  const navigate = useNavigate()
  const words = useSettled(typed.trim()).split(/\s+/).filter(Boolean)
  const filter = words
    .map((word) => JSON.stringify(word))
    .map((word) => `(name contains ${word} or display_name contains ${word})`)
    .join(' and ')
  const { data, isFetching } = useQuery({
    queryKey: ['palette', project, filter],
    queryFn: ({ signal }) =>
      ask<RunsPage>(path('projects', project!, 'runs') + query({ filter, metrics: '', limit: itemsMax }), { signal }),
    enabled: project !== undefined && filter !== '',
    placeholderData: keepPreviousData,
    staleTime: 5_000,
    gcTime: 30_000,
  })
  const items = (data?.runs ?? []).map((run) => ({
    id: `run:${run.name}`,
    title: run.display_name || run.name,
    detail: run.status === 'lost' ? 'lost contact' : run.status,
    text: `${run.display_name ?? ''} ${run.name}`.trim(),
    run: () =>
      void navigate({
        to: '/projects/$project/runs/$run',
        params: { project: project!, run: run.name },
        search: (before: Search) => before,
      }),
  }))
  return { items, isSearching: isFetching || typed.trim() !== words.join(' ') }
}

/** A text once it has stayed the same for a moment: not every letter is a question to the tracker. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), typingMs)
    return () => clearTimeout(timer)
  }, [text])
  return settled
}
