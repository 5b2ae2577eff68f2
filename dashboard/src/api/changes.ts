import type { QueryClient } from '@tanstack/react-query'
import { ask, path } from './ask.ts'
import { tellGone, tellThere } from './gone.ts'
import type { Project, Run, RunDetails, SavedView } from './queries.ts'

/** What the page changes at the tracker. Each keeps what is shown in step with what the tracker answered. */

export interface Description {
  display_name?: string | null
  tags?: string[]
  notes?: string
}

export async function describeRun(
  queries: QueryClient,
  { project, name }: { project: string; name: string },
  description: Description,
): Promise<void> {
  const run = await ask<RunDetails>(path('projects', project, 'runs', name), { method: 'PATCH', body: description })
  queries.setQueryData(['run', project, name], run)
  replaceRun(queries, project, run)
}

export async function describeProject(queries: QueryClient, name: string, description: Description): Promise<void> {
  const project = await ask<Project>(path('projects', name), { method: 'PATCH', body: description })
  queries.setQueryData(['project', name], project)
  await queries.invalidateQueries({ queryKey: ['projects'] })
}

/** Puts runs into the trash, from which `restoreRuns` brings them back. Answers where each one is there. */
export async function deleteRuns(
  queries: QueryClient,
  project: string,
  names: string[],
): Promise<{ name: string; trashId: string }[]> {
  const trashed: { name: string; trashId: string }[] = []
  try {
    for (const name of names) {
      const { trash_id } = await ask<{ trash_id: string }>(path('projects', project, 'runs', name), {
        method: 'DELETE',
      })
      trashed.push({ name, trashId: trash_id })
      tellGone(queries, project, name)
    }
  } finally {
    await refreshLists(queries, project)
  }
  return trashed
}

export async function restoreRuns(queries: QueryClient, project: string, trashIds: string[]): Promise<void> {
  try {
    for (const id of trashIds) {
      const { name } = await ask<Run>(path('projects', project, 'trash', id, 'restore'), { method: 'POST' })
      tellThere(queries, project, name)
    }
  } finally {
    await refreshLists(queries, project)
  }
}

/** Brings one back, under another name if there is one. @throws TrackerProblem of status 409 when the name is taken */
export async function restoreRun(queries: QueryClient, project: string, trashId: string, name?: string): Promise<void> {
  const body = name === undefined ? undefined : { name }
  const run = await ask<Run>(path('projects', project, 'trash', trashId, 'restore'), { method: 'POST', body })
  tellThere(queries, project, run.name)
  await refreshLists(queries, project)
}

export async function forgetTrashed(queries: QueryClient, project: string, trashId: string | undefined): Promise<void> {
  const at = trashId === undefined ? path('projects', project, 'trash') : path('projects', project, 'trash', trashId)
  await ask(at, { method: 'DELETE' })
  await queries.invalidateQueries({ queryKey: ['trash', project] })
}

export async function deleteProject(queries: QueryClient, project: string): Promise<void> {
  await ask(path('projects', project), { method: 'DELETE' })
  await queries.invalidateQueries({ queryKey: ['projects'] })
}

export async function saveView(
  queries: QueryClient,
  project: string,
  name: string,
  view: Record<string, unknown>,
): Promise<void> {
  await ask<SavedView>(path('projects', project, 'views', name), { method: 'PUT', body: { view } })
  await queries.invalidateQueries({ queryKey: ['views', project] })
}

export async function deleteView(queries: QueryClient, project: string, name: string): Promise<void> {
  await ask(path('projects', project, 'views', name), { method: 'DELETE' })
  await queries.invalidateQueries({ queryKey: ['views', project] })
}

async function refreshLists(queries: QueryClient, project: string): Promise<void> {
  await Promise.all(
    [['runs', project], ['trash', project], ['metrics', project], ['projects'], ['project', project]].map((queryKey) =>
      queries.invalidateQueries({ queryKey }),
    ),
  )
}

interface RunsData {
  pages: { runs: Run[]; next_cursor: string | null }[]
  pageParams: unknown[]
}

/** What a run says of itself, in every list that shows it; what its metrics came to stays as the list has it. */
export function replaceRun(queries: QueryClient, project: string, run: Partial<Run> & { name: string }): void {
  const { metrics: _, ...told } = run
  queries.setQueriesData<RunsData>({ queryKey: ['runs', project] }, (data) => {
    if (!data) return data
    let isThere = false
    const pages = data.pages.map((page) => {
      if (!page.runs.some(({ name }) => name === run.name)) return page
      isThere = true
      return { ...page, runs: page.runs.map((old) => (old.name === run.name ? { ...old, ...told } : old)) }
    })
    return isThere ? { ...data, pages } : data
  })
}
