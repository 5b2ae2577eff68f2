import { Download } from 'lucide-react'
import { useState } from 'react'
import type { Artifact, RunDetails } from '../api/queries.ts'
import { formatBytes } from '../data/format.ts'
import { useActions } from '../keys/actions.ts'
import { Button } from '../ui/button.tsx'
import { Moment } from '../ui/moment.tsx'
import { toastProblem } from '../ui/toasts.tsx'
import { artifactPath, download } from './artifact-bytes.ts'
import { ArtifactPreview } from './artifact-preview.tsx'
import { CopySign } from './copy-sign.tsx'

/** One artifact: what is known of it, and what it looks like. */
export function ArtifactDetails({ run, artifact }: { run: RunDetails; artifact: Artifact }) {
  const { name, file_size, category, description, created_at, sha256 } = artifact
  const at = artifactPath(run.project, run.name, name)
  const [isSaving, setSaving] = useState(false)
  const save = async () => {
    setSaving(true)
    try {
      await download(at, name)
    } catch (error) {
      toastProblem(`${name} is not downloaded`, error)
    }
    setSaving(false)
  }
  useActions([
    { id: 'artifact-download', title: 'Download this artifact', section: 'Run', keys: 'd', run: () => void save() },
  ])
  return (
    <>
      <div className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          <h2 title={name} className="break-all font-medium text-base">
            {name}
          </h2>
          <p className="flex flex-wrap items-center gap-x-3 text-ink-2 text-sm">
            <span title={`${file_size.toLocaleString('en')} bytes`}>{formatBytes(file_size)}</span>
            {category && <span>{category}</span>}
            <Moment at={created_at} />
            <span title={sha256} className="flex items-center font-mono">
              sha256 {sha256.slice(0, 12)}…
              <CopySign text={() => sha256} what="Copy the SHA-256" />
            </span>
          </p>
          {description && <p className="mt-0.5 max-h-24 overflow-y-auto break-words text-sm">{description}</p>}
        </div>
        <Button look="outline" disabled={isSaving} onClick={() => void save()} className="[&_svg]:size-3.5">
          <Download /> {isSaving ? 'Downloading …' : 'Download'}
        </Button>
      </div>
      <div className="mt-3 flex min-h-0 flex-1 flex-col">
        <ArtifactPreview at={at} artifact={artifact} />
      </div>
    </>
  )
}
