import type { InfiniteData } from '@tanstack/react-query'
import type { Run, RunsPage } from '../api/queries.ts'

export type Lists = InfiniteData<RunsPage, string | null>

/**
 * A list of all runs, newest first, with one of them where it belongs: it is new, or began earlier than it was thought to.
 * One that belongs to a page that has not been read yet comes with that.
 */
export function placeRun(data: Lists, told: Run): Lists {
  const pages = data.pages.map((page) => ({ ...page, runs: page.runs.filter(({ name }) => name !== told.name) }))
  const last = pages.at(-1)
  if (!last) return data
  const isAfter = (run: Run) => isNewer(told, run)
  const page = pages.find(({ runs }) => runs.some(isAfter)) ?? (last.next_cursor === null ? last : undefined)
  if (!page) return { ...data, pages }
  const index = page.runs.findIndex(isAfter)
  page.runs.splice(index === -1 ? page.runs.length : index, 0, told)
  return { ...data, pages }
}

/** Whether the list has it between the right ones. */
export function isInPlace(data: Lists, told: Omit<Run, 'metrics'>): boolean {
  const runs = data.pages.flatMap((page) => page.runs)
  const index = runs.findIndex(({ name }) => name === told.name)
  if (index === -1) return false
  const [before, after] = [runs[index - 1], runs[index + 1]]
  return (!before || isNewer(before, told)) && (!after || isNewer(told, after))
}

/** As the tracker orders them. */
function isNewer(one: Omit<Run, 'metrics'>, other: Omit<Run, 'metrics'>): boolean {
  const [mine, its] = [Date.parse(one.created_at), Date.parse(other.created_at)]
  return mine === its ? one.number > other.number : mine > its
}
