import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { TrackerProblem } from '../api/ask.ts'
import { forgetTrashed, restoreRun } from '../api/changes.ts'
import { type TrashedRun, trashQuery } from '../api/queries.ts'
import { useMayWrite } from '../api/use-may-write.ts'
import { formatDuration, formatMoment } from '../data/format.ts'
import { useFeed } from '../live/use-feed.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Header } from '../ui/header.tsx'
import { Moment, useNow } from '../ui/moment.tsx'
import { Notice } from '../ui/notice.tsx'
import { StatusMark } from '../ui/status-mark.tsx'
import { toast, toastProblem } from '../ui/toasts.tsx'
import { useIsNarrow } from '../ui/use-narrow.ts'
import { VirtualRows } from '../ui/virtual-rows.tsx'
import { ForgetDialog, RestoreAsDialog } from './trash-dialogs.tsx'

const grid =
  'grid items-center gap-x-4 px-3 grid-cols-[minmax(0,1fr)_auto] md:grid-cols-[minmax(0,1fr)_96px_112px_112px_136px]'

/** Deleted runs, for as long as they can be brought back. */
export function TrashPage() {
  const { project } = useFeed()
  const queries = useQueryClient()
  const { data, error } = useQuery({ ...trashQuery(project), refetchOnMount: 'always' })
  const { mayWrite, why } = useMayWrite()
  const [renamed, setRenamed] = useState<TrashedRun | null>(null)
  const [forgotten, setForgotten] = useState<TrashedRun | 'all' | null>(null)
  const isNarrow = useIsNarrow()

  const restore = async (run: TrashedRun) => {
    try {
      await restoreRun(queries, project, run.trash_id)
      toast({ text: `${titleOf(run)} is back` })
    } catch (problem) {
      if (problem instanceof TrackerProblem && problem.status === 409) setRenamed(run)
      else toastProblem(`${titleOf(run)} is not restored`, problem)
    }
  }
  const restoreAs = async (run: TrashedRun, name: string) => {
    await restoreRun(queries, project, run.trash_id, name)
    toast({ text: `${titleOf(run)} is back as ${name}` })
  }

  return (
    <div className="flex h-full flex-col">
      <Header />
      <main className="flex min-h-0 flex-1 flex-col">
        <div className="flex shrink-0 flex-wrap items-center gap-2 border-line border-b px-3 py-2">
          <h1 className="font-medium text-lg">Trash</h1>
          <p className="min-w-0 flex-1 text-ink-2 text-sm max-sm:order-last max-sm:basis-full">
            Deleted runs stay here for 7 days, with everything they had.
          </p>
          <Button
            look="danger"
            className="ml-auto"
            disabled={!mayWrite || !data || data.length === 0}
            title={why}
            onClick={() => setForgotten('all')}
          >
            Empty the trash …
          </Button>
        </div>
        {error && <Notice title="The trash can’t be shown">{error.message}</Notice>}
        {data?.length === 0 && <Notice title="The trash is empty">Nothing was deleted in the last 7 days.</Notice>}
        {data && data.length > 0 && (
          <VirtualRows
            label="Deleted runs"
            count={data.length}
            rowHeight={isNarrow ? 56 : 36}
            className={grid}
            head={<Head />}
            keyOf={(at) => data[at]!.trash_id}
            row={(at) => (
              <TrashRow
                run={data[at]!}
                why={why}
                onRestore={() => void restore(data[at]!)}
                onForget={() => setForgotten(data[at]!)}
              />
            )}
          />
        )}
      </main>
      <RestoreAsDialog run={renamed} onName={restoreAs} onClose={() => setRenamed(null)} />
      <ForgetDialog
        what={forgotten}
        count={data?.length ?? 0}
        onForget={(trashId) => forgetTrashed(queries, project, trashId)}
        onClose={() => setForgotten(null)}
      />
    </div>
  )
}

const titleOf = (run: TrashedRun) => run.display_name || run.name

const Head = () => (
  <>
    {['Run', 'State', 'Deleted', 'Stays for', ''].map((title) => (
      <th key={title} scope="col" className={title === 'Run' || title === '' ? '' : 'max-md:hidden'}>
        {title || <span className="sr-only">Actions</span>}
      </th>
    ))}
  </>
)

interface Props {
  run: TrashedRun
  /** Why nothing can be changed; undefined when it can. */
  why: string | undefined
  onRestore: () => void
  onForget: () => void
}

function TrashRow({ run, why, onRestore, onForget }: Props) {
  const expires = Date.parse(run.expires_at)
  const left = expires - useNow()
  const stays = left > 0 ? formatDuration(left) : 'moments'
  return (
    <>
      <td className="min-w-0">
        <div className="truncate" title={run.name}>
          {titleOf(run)}
          {run.display_name && <span className="ml-2 text-ink-3 text-sm">{run.name}</span>}
        </div>
        <div className="truncate text-ink-2 text-sm md:hidden">
          deleted <Moment at={run.deleted_at} />, stays for {stays}
        </div>
      </td>
      <td className="text-ink-2 text-sm max-md:hidden">
        <StatusMark status={run.status} hasWord />
      </td>
      <td className="text-ink-2 text-sm max-md:hidden">
        <Moment at={run.deleted_at} />
      </td>
      <td className="text-ink-2 text-sm max-md:hidden" title={`until ${formatMoment(expires)}`}>
        {stays}
      </td>
      <td className="flex justify-end gap-1">
        <Button
          look="outline"
          disabled={why !== undefined}
          title={why}
          onClick={onRestore}
          aria-label={`Restore ${titleOf(run)}`}
        >
          Restore
        </Button>
        <IconButton
          label={`Delete ${titleOf(run)} for good`}
          title={why ?? 'Delete for good'}
          disabled={why !== undefined}
          onClick={onForget}
        >
          <Trash2 />
        </IconButton>
      </td>
    </>
  )
}
