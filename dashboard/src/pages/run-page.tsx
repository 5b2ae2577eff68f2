import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { TrackerProblem } from '../api/ask.ts'
import { deleteRuns } from '../api/changes.ts'
import { goneQuery } from '../api/gone.ts'
import { type RunDetails, runQuery } from '../api/queries.ts'
import { GoneRun } from '../run/gone-run.tsx'
import { RunHeader } from '../run/run-header.tsx'
import { RunTabs } from '../run/run-tabs.tsx'
import { Button } from '../ui/button.tsx'
import { Header } from '../ui/header.tsx'
import { Notice } from '../ui/notice.tsx'
import { toastProblem } from '../ui/toasts.tsx'
import { Unreachable } from '../ui/unreachable.tsx'

/** One run: what it is, its charts, its files. */
export function RunPage() {
  const { project = '', run = '' } = useParams({ strict: false })
  return (
    <div className="flex h-full flex-col">
      <Header />
      <OpenRun key={`${project}/${run}`} project={project} name={run} />
    </div>
  )
}

function OpenRun({ project, name }: { project: string; name: string }) {
  const { data, error, failureCount, refetch } = useQuery(runQuery(project, name))
  const { data: isGone } = useQuery(goneQuery(project, name))
  const status = error instanceof TrackerProblem ? error.status : undefined
  // What is known of a run that is gone stays in the cache, for the sentence about it.
  if (isGone || status === 404) return <GoneRun project={project} name={name} last={data} />
  if (data) return <ShownRun run={data} />
  if (error) {
    return (
      <Notice
        title="The run can’t be shown"
        ways={
          <Button look="outline" onClick={() => void refetch()}>
            Try again
          </Button>
        }
      >
        <p className="break-words">{error.message}</p>
      </Notice>
    )
  }
  return failureCount > 0 ? <Unreachable /> : <Skeleton />
}

function ShownRun({ run }: { run: RunDetails }) {
  const queries = useQueryClient()
  const [isDeleting, setDeleting] = useState(false)
  const { project, name } = run

  const remove = async () => {
    if (isDeleting) return
    setDeleting(true)
    try {
      await deleteRuns(queries, project, [name])
    } catch (error) {
      toastProblem('The run is not deleted', error)
    }
    setDeleting(false)
  }
  return (
    <main className="flex min-h-0 flex-1 flex-col">
      <RunHeader run={run} onDelete={() => void remove()} />
      <RunTabs run={run} />
    </main>
  )
}

/** The size of what comes. */
const Skeleton = () => (
  <main aria-busy="true" aria-label="The run is on its way" className="flex-1 px-4 pt-2.5">
    <div className="h-7 w-72 max-w-full rounded-(--radius) bg-sunken" />
    <div className="mt-2 h-8 border-line border-b" />
    <div className="mt-4 grid gap-8 lg:grid-cols-[280px_minmax(0,1fr)]">
      <div className="h-60 rounded-(--radius) bg-sunken" />
      <div className="h-100 rounded-(--radius) bg-sunken" />
    </div>
  </main>
)
