import { useQuery, useQueryClient } from '@tanstack/react-query'
import { ChevronDown, LayoutDashboard } from 'lucide-react'
import { lazy, Suspense, useState, useSyncExternalStore } from 'react'
import { deleteView, saveView } from '../api/changes.ts'
import { type SavedView, viewsQuery } from '../api/queries.ts'
import { useMayWrite } from '../api/use-may-write.ts'
import { useActions } from '../keys/actions.ts'
import { useFeed } from '../live/use-feed.ts'
import { readSaved } from '../view/address.ts'
import { useViewStore } from '../view/use-view.ts'
import { defaultView } from '../view/view.ts'
import { Button } from './button.tsx'
import { Menu, MenuItem, MenuLine, MenuRadio, MenuTitle } from './menu.tsx'
import { toast, toastProblem } from './toasts.tsx'

const ViewNameDialog = lazy(async () => ({ default: (await import('./view-name-dialog.tsx')).ViewNameDialog }))

/** Views of the project that are kept under names: open one, keep the present one, or go back to what was kept. */
export function ViewsMenu() {
  const { project } = useFeed()
  const store = useViewStore()
  const queries = useQueryClient()
  const { mayWrite, why } = useMayWrite()
  const [asked, setAsked] = useState<'save as' | 'rename' | null>(null)
  const { data: views = [] } = useQuery(viewsQuery(project))
  const name = useSyncExternalStore(store.subscribe, () => store.base.name)
  const isChanged = useSyncExternalStore(store.subscribe, () => store.isChanged)

  const open = ({ name, view }: SavedView) => store.open({ name, view: readSaved(view) })
  const openDefault = () => store.open({ name: null, view: defaultView })
  const reset = () => store.change('reset the view', { ...store.base.view })

  const saveAs = async (next: string) => {
    await saveView(queries, project, next, { ...store.view })
    store.saved(next)
    toast({ text: `Saved the view as ${next}` })
  }
  const save = async () => {
    if (name === null) return setAsked('save as')
    try {
      await saveAs(name)
    } catch (error) {
      toastProblem('The view is not saved', error)
    }
  }
  const rename = async (next: string) => {
    const before = name
    if (before === null || next === before) return
    // What is saved gets the name; changes that are not saved stay so.
    await saveView(queries, project, next, { ...store.base.view })
    await deleteView(queries, project, before)
    store.rename(next)
  }
  const remove = async () => {
    const gone = views.find((view) => view.name === name)
    if (!gone) return
    try {
      await deleteView(queries, project, gone.name)
      store.rename(null)
      const bringBack = async () => {
        try {
          await saveView(queries, project, gone.name, gone.view)
          store.rename(gone.name)
        } catch (error) {
          toastProblem('The view is not brought back', error)
        }
      }
      toast({ text: `Deleted the view ${gone.name}`, action: { label: 'Undo', run: () => void bringBack() } })
    } catch (error) {
      toastProblem('The view is not deleted', error)
    }
  }

  useActions([
    ...(mayWrite
      ? [
          { id: 'save-view', title: 'Save the view', section: 'View', keys: 'Mod+s', run: () => void save() },
          { id: 'save-view-as', title: 'Save the view as …', section: 'View', run: () => setAsked('save as') },
        ]
      : []),
    { id: 'reset-view', title: 'Reset the view to what is saved', section: 'View', run: reset },
    ...views.map((view) => ({
      id: `view:${view.name}`,
      title: `Open view: ${view.name}`,
      section: 'Views',
      run: () => open(view),
    })),
  ])

  const isDisabled = !mayWrite
  return (
    <>
      <Menu
        trigger={
          <Button
            title={isChanged ? 'Views: this one has changes that are not saved' : 'Views'}
            className="min-w-0 max-w-48 shrink"
          >
            <LayoutDashboard aria-hidden className="size-3.5 shrink-0" />
            <span className="truncate max-md:sr-only">{name ?? 'Default view'}</span>
            {isChanged && (
              <span className="text-accent">
                <span aria-hidden>●</span>
                <span className="sr-only">, changed</span>
              </span>
            )}
            <ChevronDown aria-hidden className="size-3.5 shrink-0 text-ink-3 max-md:hidden" />
          </Button>
        }
      >
        <MenuTitle>Views of this project</MenuTitle>
        <MenuRadio isChosen={name === null} onSelect={openDefault}>
          Default view
        </MenuRadio>
        {views.map((view) => (
          <MenuRadio key={view.name} isChosen={view.name === name} onSelect={() => open(view)}>
            <span className="block truncate">{view.name}</span>
          </MenuRadio>
        ))}
        <MenuLine />
        {name !== null && (
          <MenuItem isDisabled={isDisabled || !isChanged} title={why} keys="Mod+s" onSelect={() => void save()}>
            Save
          </MenuItem>
        )}
        <MenuItem isDisabled={isDisabled} title={why} onSelect={() => setAsked('save as')}>
          Save as …
        </MenuItem>
        <MenuItem isDisabled={!isChanged} onSelect={reset}>
          {name === null ? 'Reset to the default' : 'Reset to what is saved'}
        </MenuItem>
        {name !== null && (
          <>
            <MenuItem isDisabled={isDisabled} title={why} onSelect={() => setAsked('rename')}>
              Rename …
            </MenuItem>
            <MenuItem isDanger isDisabled={isDisabled} title={why} onSelect={() => void remove()}>
              Delete
            </MenuItem>
          </>
        )}
      </Menu>
      {asked !== null && (
        <Suspense>
          <ViewNameDialog
            title={asked === 'rename' ? 'Rename the view' : 'Save the view as'}
            isOpen={asked !== null}
            first={asked === 'rename' ? (name ?? '') : ''}
            taken={views.map((view) => view.name).filter((other) => !(asked === 'rename' && other === name))}
            onName={asked === 'rename' ? rename : saveAs}
            onClose={() => setAsked(null)}
          />
        </Suspense>
      )}
    </>
  )
}
