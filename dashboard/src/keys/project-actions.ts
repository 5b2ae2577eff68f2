import { useNavigate, useRouter } from '@tanstack/react-router'
import { useFeed } from '../live/use-feed.ts'
import type { Search } from '../router.tsx'
import { copyText } from '../ui/clipboard.ts'
import { toast, toastProblem } from '../ui/toasts.tsx'
import { useViewStore } from '../view/use-view.ts'
import { viewSearch } from '../view/view-search.ts'
import { useActions } from './actions.ts'

/** What can be done on every page of a project. */
export function useProjectActions(): void {
  const { project } = useFeed()
  const store = useViewStore()
  const router = useRouter()
  const navigate = useNavigate()
  const search = (before: Search) => viewSearch(before, store)

  const undo = () => {
    const deed = store.undo()
    if (deed === undefined) toast({ text: 'Nothing to undo', kind: 'undo' })
    else toast({ text: `Undone: ${deed}`, kind: 'undo', action: { label: 'Redo', run: () => void store.redo() } })
  }
  const redo = () => {
    const deed = store.redo()
    if (deed === undefined) toast({ text: 'Nothing to redo', kind: 'undo' })
    else toast({ text: `Done again: ${deed}`, kind: 'undo', action: { label: 'Undo', run: () => void store.undo() } })
  }
  const copyLink = async () => {
    // The address follows the view a moment later; the link is of now.
    const { href } = router.buildLocation({ to: '.', search })
    try {
      await copyText(new URL(href, location.origin).href)
      toast({ text: 'Copied the link to exactly this view', kind: 'link' })
    } catch (error) {
      toastProblem('The link is not copied', error)
    }
  }

  useActions([
    {
      id: 'workspace',
      title: 'Go to the charts',
      section: 'Project',
      keys: 'g w',
      words: 'workspace runs panels',
      run: () => void navigate({ to: '/projects/$project', params: { project }, search }),
    },
    {
      id: 'compare',
      title: 'Go to the comparison',
      section: 'Project',
      keys: 'g c',
      run: () => void navigate({ to: '/projects/$project/compare', params: { project }, search }),
    },
    {
      id: 'trash',
      title: 'Go to the trash',
      section: 'Project',
      keys: 'g t',
      words: 'deleted restore',
      run: () => void navigate({ to: '/projects/$project/trash', params: { project }, search }),
    },
    { id: 'undo', title: 'Undo the last change of the view', section: 'View', keys: 'z', run: undo },
    { id: 'redo', title: 'Redo the change of the view', section: 'View', keys: 'Shift+z', words: 'again', run: redo },
    {
      id: 'copy-link',
      title: 'Copy the link to exactly this view',
      section: 'View',
      keys: 'y',
      words: 'share address url',
      run: () => void copyLink(),
    },
  ])
}
