import { lazy, Suspense, useState } from 'react'
import type { Artifact } from '../api/queries.ts'
import { formatBytes } from '../data/format.ts'
import { Button } from '../ui/button.tsx'
import { ErrorBoundary } from '../ui/error-boundary.tsx'
import { MediaPreview } from './media-preview.tsx'
import { NoPreview } from './no-preview.tsx'
import { previewKind, wholeFileMax } from './preview-kind.ts'
import { TextPreview } from './text-preview.tsx'

const TablePreview = lazy(() => import('./table-preview.tsx'))
const JsonPreview = lazy(() => import('./json-preview.tsx'))

/** What an artifact looks like, by its name; as text if one asks for that. */
export function ArtifactPreview({ at, artifact }: { at: string; artifact: Artifact }) {
  const kind = previewKind(artifact.name)
  const [isAsText, setAsText] = useState(false)
  const asText = (
    <Button look="outline" onClick={() => setAsText(true)}>
      Show it as text
    </Button>
  )

  if (artifact.file_size === 0) return <NoPreview>The file is empty.</NoPreview>
  if (isAsText || kind === 'text' || kind === 'unknown') return <TextPreview at={at} artifact={artifact} />
  if (kind !== 'table' && artifact.file_size > wholeFileMax[kind]) {
    return (
      <NoPreview ways={kind === 'json' && asText}>
        With {formatBytes(artifact.file_size)} it is too large to be shown whole; up to{' '}
        {formatBytes(wholeFileMax[kind])} are.
      </NoPreview>
    )
  }
  return (
    <ErrorBoundary what="This preview" of={artifact.sha256} ways={asText}>
      <Suspense fallback={<NoPreview>On its way …</NoPreview>}>
        {kind === 'table' ? (
          <TablePreview at={at} artifact={artifact} />
        ) : kind === 'json' ? (
          <JsonPreview at={at} artifact={artifact} otherWay={asText} />
        ) : (
          <MediaPreview at={at} artifact={artifact} kind={kind} otherWay={asText} />
        )}
      </Suspense>
    </ErrorBoundary>
  )
}
