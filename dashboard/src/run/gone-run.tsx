import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { restoreRuns } from '../api/changes.ts'
import { type RunDetails, trashQuery } from '../api/queries.ts'
import { useMayWrite } from '../api/use-may-write.ts'
import { formatMoment } from '../data/format.ts'
import { useActions } from '../keys/actions.ts'
import { Button } from '../ui/button.tsx'
import { Moment } from '../ui/moment.tsx'
import { Notice } from '../ui/notice.tsx'
import { toastProblem } from '../ui/toasts.tsx'

/** In the place of a run that is not there: deleted just now or elsewhere, and to be brought back; or never there. */
export function GoneRun({ project, name, last }: { project: string; name: string; last: RunDetails | undefined }) {
  const queries = useQueryClient()
  const { mayWrite, why } = useMayWrite()
  const { data: trash, isPending } = useQuery(trashQuery(project))
  const [isRestoring, setRestoring] = useState(false)
  const undo = useRef<HTMLButtonElement>(null)
  const trashed = trash?.find((run) => run.name === name)
  const title = trashed?.display_name ?? last?.display_name ?? name

  const restore = async () => {
    if (!trashed || isRestoring) return
    setRestoring(true)
    try {
      await restoreRuns(queries, project, [trashed.trash_id])
    } catch (error) {
      toastProblem('The run is not brought back', error)
      setRestoring(false)
    }
  }
  useActions(
    trashed && mayWrite
      ? [
          {
            id: 'run-restore',
            title: 'Undo the deletion of this run',
            section: 'Run',
            words: 'restore',
            run: () => void restore(),
          },
        ]
      : [],
  )
  useEffect(() => {
    // What had the focus went with the run.
    if (trashed && (document.activeElement === null || document.activeElement === document.body)) undo.current?.focus()
  }, [trashed])

  const ways = (
    <>
      <Way to="/projects/$project" project={project}>
        All runs
      </Way>
      {trash !== undefined && trash.length > 0 && (
        <Way to="/projects/$project/trash" project={project}>
          Open the trash
        </Way>
      )}
    </>
  )
  if (isPending) return <Notice title={`${title} is not there any more`}>Looking for it in the trash …</Notice>
  if (!trashed) {
    return (
      <Notice title={last ? `${title} was deleted` : 'There is no such run'} ways={ways}>
        {last ? (
          'It is not in the trash: it was deleted for good.'
        ) : (
          <>
            The project {project} has no run <span className="break-all font-mono text-sm">{name}</span>.
          </>
        )}
      </Notice>
    )
  }
  return (
    <Notice
      title={`${title} is deleted`}
      ways={
        <>
          <Button
            ref={undo}
            look="accent"
            disabled={!mayWrite || isRestoring}
            title={why}
            onClick={() => void restore()}
          >
            Undo
          </Button>
          {ways}
        </>
      }
    >
      <p role="status">
        Deleted <Moment at={trashed.deleted_at} />. It is in the trash until{' '}
        {formatMoment(Date.parse(trashed.expires_at))}, with everything that it has logged.
      </p>
    </Notice>
  )
}

function Way({
  to,
  project,
  children,
}: {
  to: '/projects/$project' | '/projects/$project/trash'
  project: string
  children: string
}) {
  return (
    <Link
      to={to}
      params={{ project }}
      className="inline-flex h-7 items-center rounded-(--radius) border border-line-strong px-2 text-sm hover:bg-hover"
    >
      {children}
    </Link>
  )
}
