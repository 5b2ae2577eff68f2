import { useNavigate } from '@tanstack/react-router'
import { ChevronDown, ChevronUp } from 'lucide-react'
import { useActions } from '../keys/actions.ts'
import type { Search } from '../router.tsx'
import { useRuns } from '../runs/use-runs.ts'
import { IconButton } from '../ui/button.tsx'

/** The runs before and after this one, in the order of the run table. */
export function Neighbours({ project, name }: { project: string; name: string }) {
  const { runs } = useRuns()
  const navigate = useNavigate()
  const at = runs.findIndex((run) => run.name === name)
  const before = at > 0 ? runs[at - 1] : undefined
  const after = at >= 0 ? runs[at + 1] : undefined
  const go = (run: string | undefined) => {
    if (run === undefined) return
    void navigate({
      to: '/projects/$project/runs/$run',
      params: { project, run },
      search: ({ artifact: _, ...rest }: Search) => rest,
    })
  }
  useActions([
    {
      id: 'run-before',
      title: 'Run above in the list',
      section: 'Run',
      keys: 'Alt+ArrowUp',
      words: 'previous',
      run: () => go(before?.name),
    },
    {
      id: 'run-after',
      title: 'Run below in the list',
      section: 'Run',
      keys: 'Alt+ArrowDown',
      words: 'next',
      run: () => go(after?.name),
    },
  ])
  return (
    <span className="flex shrink-0 items-center">
      <IconButton
        label={before ? `Run above: ${before.display_name ?? before.name}` : 'There is no run above in the list'}
        disabled={!before}
        onClick={() => go(before?.name)}
      >
        <ChevronUp />
      </IconButton>
      <IconButton
        label={after ? `Run below: ${after.display_name ?? after.name}` : 'There is no run below in the list'}
        disabled={!after}
        onClick={() => go(after?.name)}
      >
        <ChevronDown />
      </IconButton>
      {at >= 0 && (
        <span className="hidden whitespace-nowrap px-1 text-ink-3 text-sm sm:inline">
          {at + 1} of {runs.length.toLocaleString('en')}
        </span>
      )}
    </span>
  )
}
