import { isDeeperThan, parseJson } from '@aspara/protocol/json.ts'
import { type ReactNode, useEffect, useState } from 'react'
import type { Artifact } from '../api/queries.ts'
import { useWholeFile } from './artifact-bytes.ts'
import { DocumentTree } from './document-tree.tsx'
import { NoPreview } from './no-preview.tsx'
import { TextPreview } from './text-preview.tsx'

/** A JSON file as a tree; NaN and infinities as Python writes them are taken. */
export default function JsonPreview({
  at,
  artifact,
  otherWay,
}: {
  at: string
  artifact: Artifact
  otherWay: ReactNode
}) {
  const { value, error } = useWholeFile(at, artifact)
  const [parsed, setParsed] = useState<Parsed | null>(null)
  useEffect(() => {
    if (!value) return
    let isCurrent = true
    void value.blob.text().then((text) => {
      if (isCurrent) setParsed(parse(text))
    })
    return () => {
      isCurrent = false
    }
  }, [value])

  if (error) return <NoPreview>It can’t be read: {error.message}.</NoPreview>
  if (!parsed) return <NoPreview>On its way …</NoPreview>
  if ('deep' in parsed) return <TextPreview at={at} artifact={artifact} />
  if ('problem' in parsed)
    return <NoPreview ways={otherWay}>Its name says that it is JSON, and it is not: {parsed.problem}</NoPreview>
  if (typeof parsed.document !== 'object' || parsed.document === null) {
    return <p className="break-words font-mono text-sm">{JSON.stringify(parsed.document)}</p>
  }
  return <DocumentTree document={parsed.document} label={artifact.name} className="min-h-0 flex-1" />
}

/** `deep`: a tree of it would have no end, and what goes through it none of its stack left. */
type Parsed = { document: unknown } | { problem: string } | { deep: true }

/** Deeper than anybody opens a tree. */
const depthMax = 200

function parse(text: string): Parsed {
  try {
    const document = parseJson(text)
    return isDeeperThan(document, depthMax) ? { deep: true } : { document }
  } catch (error) {
    return { problem: (error as Error).message }
  }
}
