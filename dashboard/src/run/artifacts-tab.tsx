import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { ArrowLeft } from 'lucide-react'
import { artifactsQuery, type RunDetails } from '../api/queries.ts'
import { formatBytes } from '../data/format.ts'
import type { Search } from '../router.tsx'
import { ArtifactDetails } from './artifact-details.tsx'
import { ArtifactList } from './artifact-list.tsx'
import { Nothing } from './section.tsx'
import { useFreshWith } from './use-fresh-with.ts'

/** The files of a run; the one that is looked at is in the address, as `artifact=`. */
export function ArtifactsTab({ run }: { run: RunDetails }) {
  const { artifact: chosen } = useSearch({ strict: false }) as Search
  const { data: artifacts, error, isPending } = useQuery(artifactsQuery(run.project, run.name))
  useFreshWith(run, 'artifacts')

  if (isPending) return <p className="p-4 text-ink-3 text-sm">Reading the list …</p>
  if (!artifacts) return <p className="p-4 text-failed text-sm">{error?.message}</p>
  if (artifacts.length === 0) {
    return (
      <div className="p-4">
        <Nothing>
          This run has no artifacts. Whatever file it gives, a model, a picture, a log, is kept and shown here:{' '}
          <code className="font-mono text-ink-2">run.log_artifact("model.pt")</code>
        </Nothing>
      </div>
    )
  }
  if (chosen === undefined) {
    const bytes = artifacts.reduce((sum, { file_size }) => sum + file_size, 0)
    return (
      <div className="flex h-full min-h-0 flex-col p-4">
        <ArtifactList artifacts={artifacts} chosen={undefined} note={`${artifacts.length} · ${formatBytes(bytes)}`} />
      </div>
    )
  }
  const artifact = artifacts.find(({ name }) => name === chosen)
  return (
    <div className="flex h-full min-h-0">
      <div className="hidden w-80 shrink-0 flex-col border-line border-r p-4 lg:flex">
        <ArtifactList artifacts={artifacts} chosen={chosen} note={String(artifacts.length)} />
      </div>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col p-4">
        <Link
          to="."
          search={({ artifact: _, ...rest }: Search) => rest}
          className="-mt-1 mb-2 inline-flex items-center gap-1 self-start rounded-[4px] text-accent text-sm"
        >
          <ArrowLeft aria-hidden className="size-3.5" /> All artifacts
        </Link>
        {artifact ? (
          <ArtifactDetails key={artifact.sha256 + artifact.name} run={run} artifact={artifact} />
        ) : (
          <Nothing>The run has no artifact called {chosen}.</Nothing>
        )}
      </div>
    </div>
  )
}
