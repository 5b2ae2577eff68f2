import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { deleteRuns, describeRun, restoreRuns } from '../api/changes.ts'
import type { Run } from '../api/queries.ts'
import { setEyes, titleOf, toggleEye, toggleEyes, toggleSolo } from '../data/shown-runs.ts'
import type { RunPlace } from '../data/table-lines.ts'
import { useFeed } from '../live/use-feed.ts'
import { toast, toastProblem } from '../ui/toasts.tsx'
import { useViewStore } from '../view/use-view.ts'

export const countOf = (count: number, one: string): string =>
  `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`

/** What can be done with runs of the table, each of it undoable. */
export function useRunDeeds() {
  const { project } = useFeed()
  const store = useViewStore()
  const queries = useQueryClient()
  const navigate = useNavigate()

  const setTags = async (runs: readonly { name: string; tags: string[] }[]): Promise<void> => {
    for (const { name, tags } of runs) await describeRun(queries, { project, name }, { tags })
  }

  return {
    toggleEye: ({ run, at }: RunPlace) =>
      store.change(`show or hide ${titleOf(run)}`, (view) => toggleEye(run.name, at, view)),
    toggleEyes: (name: string, members: readonly RunPlace[]) =>
      store.change(`show or hide ${name}`, (view) => toggleEyes(members, view)),
    setEyes: (places: readonly RunPlace[], isOn: boolean) =>
      store.change(isOn ? 'show the chosen runs' : 'hide the chosen runs', (view) =>
        setEyes(
          places.map(({ run, at }) => ({ name: run.name, at })),
          isOn,
          view,
        ),
      ),
    solo: (names: readonly string[]) => store.change('show these runs alone', (view) => toggleSolo(names, view)),
    pin: (run: Run) =>
      store.change(`pin or unpin ${titleOf(run)}`, ({ pinnedRuns }) => ({
        pinnedRuns: pinnedRuns.includes(run.name)
          ? pinnedRuns.filter((name) => name !== run.name)
          : [...pinnedRuns, run.name],
      })),
    toggleGroup: (name: string) =>
      store.change(`open or close ${name}`, ({ closedGroups }) => ({
        closedGroups: closedGroups.includes(name)
          ? closedGroups.filter((one) => one !== name)
          : [...closedGroups, name],
      })),
    open: (run: string) =>
      void navigate({ to: '/projects/$project/runs/$run', params: { project, run }, search: (before) => before }),
    compare: (names: readonly string[]) => {
      if (names.length < 2)
        return toast({ text: 'Choose two runs or more first: by the boxes before their names, or Shift+X' })
      void navigate({
        to: '/projects/$project/compare',
        params: { project },
        search: (before) => ({ ...before, runs: names.join(',') }),
      })
    },
    remove: async (names: readonly string[]) => {
      try {
        const trashed = await deleteRuns(queries, project, [...names])
        toast({
          text: names.length === 1 ? `Deleted ${names[0]}` : `Deleted ${countOf(names.length, 'run')}`,
          action: {
            label: 'Undo',
            run: () =>
              restoreRuns(
                queries,
                project,
                trashed.map(({ trashId }) => trashId),
              ).catch((error) => toastProblem('Not restored', error)),
          },
        })
      } catch (error) {
        toastProblem('Not deleted', error)
      }
    },
    tag: async (runs: readonly Run[], tag: string, isAdded: boolean) => {
      const before = runs.filter(({ tags }) => tags.includes(tag) !== isAdded).map(({ name, tags }) => ({ name, tags }))
      try {
        await setTags(
          before.map(({ name, tags }) => ({
            name,
            tags: isAdded ? [...tags, tag] : tags.filter((one) => one !== tag),
          })),
        )
        toast({
          text: `${isAdded ? 'Tagged' : 'Untagged'} ${countOf(before.length, 'run')}: ${tag}`,
          action: {
            label: 'Undo',
            run: () => setTags(before).catch((error) => toastProblem('Tags not changed', error)),
          },
        })
      } catch (error) {
        toastProblem('Tags not changed', error)
      }
    },
  }
}

export type RunDeeds = ReturnType<typeof useRunDeeds>
