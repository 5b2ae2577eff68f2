import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { GitCompareArrows } from 'lucide-react'
import { useState } from 'react'
import type { Run } from '../api/queries.ts'
import { runStyle } from '../data/run-style.ts'
import { useActions } from '../keys/actions.ts'
import type { Search } from '../router.tsx'
import { useRuns } from '../runs/use-runs.ts'
import { Button } from '../ui/button.tsx'
import { Popover } from '../ui/popover.tsx'
import { RunLine } from '../ui/run-line.tsx'
import { StatusMark } from '../ui/status-mark.tsx'

/** More than this nobody reads through: who types finds the run. */
const offeredMax = 50

/** Chooses the run that this one is set beside; the comparison takes more of them. */
export function CompareChoice({ project, name }: { project: string; name: string }) {
  const [isOpen, setOpen] = useState(false)
  useActions([
    { id: 'run-compare', title: 'Compare this run with…', section: 'Run', keys: 'c', run: () => setOpen(true) },
  ])
  return (
    <Popover
      label="Compare with"
      align="end"
      className="w-80 max-w-[calc(100vw-16px)]"
      isOpen={isOpen}
      onOpenChange={setOpen}
      trigger={
        <Button look="outline" aria-label="Compare" className="[&_svg]:size-3.5">
          <GitCompareArrows />
          <span className="hidden sm:inline">Compare</span>
        </Button>
      }
    >
      <Choice project={project} name={name} />
    </Popover>
  )
}

function Choice({ project, name }: { project: string; name: string }) {
  const navigate = useNavigate()
  const { runs, isLoading } = useRuns()
  const [text, setText] = useState('')
  const wanted = text.trim().toLowerCase()
  const found = runs.filter((run) => run.name !== name && isFound(run, wanted))
  const choose = (other: string) =>
    navigate({
      to: '/projects/$project/compare',
      params: { project },
      search: ({ tab: _, artifact: __, ...rest }: Search) => ({ ...rest, runs: `${name},${other}` }),
    })
  return (
    <Command shouldFilter={false} label="Compare with" loop>
      <Command.Input
        value={text}
        onValueChange={setText}
        placeholder="Compare with run …"
        className="h-9 w-full border-line border-b bg-transparent px-3 text-sm outline-none"
      />
      <Command.List className="max-h-72 overflow-y-auto p-1" label="Runs">
        {found.slice(0, offeredMax).map((run) => (
          <Command.Item
            key={run.name}
            value={run.name}
            onSelect={() => void choose(run.name)}
            className="flex h-7 items-center gap-2 rounded-[4px] px-2 text-sm data-[selected=true]:bg-hover"
          >
            <RunLine style={runStyle(run.number)} width={20} />
            <span title={run.name} className="min-w-0 flex-1 truncate">
              {run.display_name ?? run.name}
            </span>
            <StatusMark status={run.status} />
          </Command.Item>
        ))}
      </Command.List>
      {found.length === 0 && (
        <p className="px-3 pb-3 text-ink-3 text-sm">
          {isLoading ? 'Reading the runs …' : wanted === '' ? 'The list has no other run.' : 'No run is called that.'}
        </p>
      )}
      {found.length > offeredMax && (
        <p className="border-line border-t px-3 py-1 text-ink-3 text-xs">
          {(found.length - offeredMax).toLocaleString('en')} more: type to find them
        </p>
      )}
    </Command>
  )
}

const isFound = ({ name, display_name }: Run, wanted: string) =>
  name.toLowerCase().includes(wanted) || (display_name?.toLowerCase().includes(wanted) ?? false)
