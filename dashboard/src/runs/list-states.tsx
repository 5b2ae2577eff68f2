import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ask, path, query } from '../api/ask.ts'
import { type Blame, blameParts, problemOf } from '../data/filter-problem.ts'
import { useFeed } from '../live/use-feed.ts'
import { Button } from '../ui/button.tsx'

/** What stands in the place of the rows when there are none. */
export function NoRuns() {
  return (
    <State>
      <p>No runs yet</p>
      <p className="text-ink-2">The first one appears here by itself.</p>
    </State>
  )
}

export function ListProblem({ error, onAgain }: { error: Error; onAgain: () => void }) {
  return (
    <State isAlert>
      <p className="break-words text-failed">{error.message}</p>
      <Button look="outline" onClick={onAgain}>
        Ask again
      </Button>
    </State>
  )
}

/** A filter that fits no run, and which part of it is to blame: the tracker is asked for one run of each part. */
export function NothingFits({ filter, onFilter }: { filter: string; onFilter: (filter: string) => void }) {
  const { project } = useFeed()
  const { data: blame } = useQuery({
    queryKey: ['blame', project, filter],
    enabled: problemOf(filter) === null,
    // Runs come, and then it is no longer so.
    gcTime: 0,
    queryFn: () => blameParts(filter, (part) => fitsSome(project, part)),
  })
  const blamed = blame ? (blame.none.length > 0 ? blame.none : blame.together) : []
  return (
    <State>
      <p>No run fits the filter</p>
      {blame && blame.none.length > 0 && (
        <p className="text-ink-2">
          {blame.none.length === 1 ? 'This part excludes all of them:' : 'Each of these parts excludes all of them:'}
        </p>
      )}
      {blame && blame.none.length === 0 && blame.together.length > 0 && (
        <p className="text-ink-2">
          Each part fits some run, but no run fits all of them. Without one of these, some would:
        </p>
      )}
      {blamed.map((one) => (
        <BlamedPart key={one.part} blame={one} onFilter={onFilter} />
      ))}
      <Button look="outline" onClick={() => onFilter('')}>
        Clear the filter
      </Button>
    </State>
  )
}

function BlamedPart({ blame: { part, without }, onFilter }: { blame: Blame; onFilter: (filter: string) => void }) {
  return (
    <p className="flex max-w-full items-center gap-2">
      <code className="min-w-0 truncate rounded-[4px] bg-hover px-1.5 py-0.5 font-mono text-sm" title={part}>
        {part}
      </code>
      {without !== '' && <Button onClick={() => onFilter(without)}>Leave out</Button>}
    </p>
  )
}

async function fitsSome(project: string, filter: string): Promise<boolean> {
  const at = path('projects', project, 'runs') + query({ filter, metrics: '', limit: 1 })
  const { runs } = await ask<{ runs: unknown[] }>(at)
  return runs.length > 0
}

function State({ children, isAlert = false }: { children: ReactNode; isAlert?: boolean }) {
  return (
    <div
      role={isAlert ? 'alert' : 'status'}
      className="sticky left-0 flex max-w-full flex-col items-center gap-2 px-4 py-10 text-center text-sm"
    >
      {children}
    </div>
  )
}
