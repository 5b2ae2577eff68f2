import { useInfiniteQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { type Run, runsQuery } from '../api/queries.ts'
import { runStyle } from '../data/run-style.ts'
import { titleOf } from '../data/shown-runs.ts'
import { useActions } from '../keys/actions.ts'
import { useFeed } from '../live/use-feed.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Popover } from '../ui/popover.tsx'
import { RunLine } from '../ui/run-line.tsx'
import { StatusMark } from '../ui/status-mark.tsx'

const offeredMax = 100

interface Props {
  names: readonly string[]
  /** Whether they were chosen here, and are not those that the workspace shows. */
  isOwnChoice: boolean
  /** Null: those that the workspace shows. */
  onChoose: (names: string[] | null) => void
}

/** Which runs are compared: any of the project, added and taken off one by one or as they are found. */
export function RunChooser(props: Props) {
  const [isOpen, setOpen] = useState(false)
  useActions([
    {
      id: 'compare-runs',
      title: 'Choose the runs to compare',
      section: 'Compare',
      keys: 'a',
      run: () => setOpen(true),
    },
  ])
  return (
    <Popover
      label="Runs to compare"
      isOpen={isOpen}
      onOpenChange={setOpen}
      className="w-88 max-w-[calc(100vw-16px)]"
      trigger={
        <Button look="outline" className="[&_svg]:size-3.5">
          <Plus aria-hidden /> Runs
        </Button>
      }
    >
      <Choice {...props} />
    </Popover>
  )
}

function Choice({ names, isOwnChoice, onChoose }: Props) {
  const { project } = useFeed()
  const [text, setText] = useState('')
  const { data, isPending, hasNextPage, isFetching, fetchNextPage } = useInfiniteQuery(
    runsQuery(project, { filter: '', sort: '', metrics: [] }),
  )
  useEffect(() => {
    if (hasNextPage && !isFetching) void fetchNextPage()
  }, [hasNextPage, isFetching, fetchNextPage])
  const runs = useMemo(() => data?.pages.flatMap((page) => page.runs) ?? [], [data])
  const chosen = new Set(names)
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const found = runs.filter((run) => words.every((word) => wordsOf(run).includes(word)))
  const offered = found.slice(0, offeredMax)
  const notYet = found.filter(({ name }) => !chosen.has(name))
  const toggle = (name: string) => onChoose(chosen.has(name) ? names.filter((one) => one !== name) : [...names, name])
  return (
    <div className="flex flex-col">
      <div className="border-line border-b p-2">
        <TextField
          label="Find runs"
          placeholder="Find by name, tag or group …"
          value={text}
          onChange={({ target }) => setText(target.value)}
          className="w-full"
        />
      </div>
      <ul aria-label="Runs of the project" className="max-h-72 overflow-y-auto p-1">
        {offered.map((run) => (
          <li key={run.name}>
            <label className="flex h-7 items-center gap-2 rounded-[4px] px-2 text-sm hover:bg-hover">
              <input
                type="checkbox"
                className="accent-(--accent)"
                checked={chosen.has(run.name)}
                onChange={() => toggle(run.name)}
              />
              <RunLine style={runStyle(run.number)} />
              <span className="min-w-0 flex-1 truncate" title={titleOf(run)}>
                {titleOf(run)}
              </span>
              <StatusMark status={run.status} />
            </label>
          </li>
        ))}
      </ul>
      {found.length === 0 && (
        <p className="px-3 pb-2 text-ink-3 text-sm">{isPending ? 'Reading the runs …' : 'No run is called that.'}</p>
      )}
      {found.length > offeredMax && (
        <p className="px-3 pb-2 text-ink-3 text-xs">{found.length - offeredMax} more: type to find them</p>
      )}
      <div className="flex flex-wrap gap-1 border-line border-t p-1">
        <Button disabled={notYet.length === 0} onClick={() => onChoose([...names, ...notYet.map(({ name }) => name)])}>
          Add {words.length > 0 ? `all ${notYet.length} found` : 'all'}
        </Button>
        <Button disabled={names.length === 0} onClick={() => onChoose([])}>
          Take all off
        </Button>
        <Button disabled={!isOwnChoice} onClick={() => onChoose(null)}>
          As in the workspace
        </Button>
      </div>
    </div>
  )
}

const wordsOf = (run: Run): string =>
  [run.name, run.display_name, run.group, run.job_type, run.status, ...run.tags].join(' ').toLowerCase()
