import { ExternalLink } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import type { Artifact } from '../api/queries.ts'
import { useWholeFile } from './artifact-bytes.ts'
import { NoPreview } from './no-preview.tsx'
import { isPdf } from './preview-kind.ts'

type Kind = 'image' | 'audio' | 'video' | 'pdf'

const words: Record<Kind, string> = { image: 'an image', audio: 'a recording', video: 'a film', pdf: 'a PDF' }

/** Pictures, sounds, films and PDFs, as the browser shows them. An SVG is a picture here too, so that no script in it runs. */
export function MediaPreview({
  at,
  artifact,
  kind,
  otherWay,
}: {
  at: string
  artifact: Artifact
  kind: Kind
  /** What can be done with a file that is not what its name says. */
  otherWay: ReactNode
}) {
  const { value, error } = useWholeFile(at, artifact)
  const [isWrong, setWrong] = useState(false)
  const [size, setSize] = useState<string | null>(null)
  useEffect(() => {
    if (kind !== 'pdf' || !value) return
    let isCurrent = true
    void value.blob
      .slice(0, 1024)
      .arrayBuffer()
      .then((head) => isCurrent && setWrong(!isPdf(new Uint8Array(head))))
    return () => {
      isCurrent = false
    }
  }, [kind, value])

  if (error) return <NoPreview>It can’t be read: {error.message}.</NoPreview>
  if (!value) return <NoPreview>On its way …</NoPreview>
  if (isWrong)
    return (
      <NoPreview ways={otherWay}>
        Its name says that it is {words[kind]}, and the browser can’t show it as one.
      </NoPreview>
    )
  const { url } = value
  const fail = () => setWrong(true)
  switch (kind) {
    case 'image':
      return (
        <figure className="flex min-h-0 flex-1 flex-col items-start">
          <img
            src={url}
            alt={artifact.description || artifact.name}
            onError={fail}
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
              naturalWidth > 0 && setSize(`${naturalWidth} × ${naturalHeight}`)
            }
            // Pictures with a clear ground are seen in both themes.
            className="max-h-[calc(100%-20px)] max-w-full shrink-0 rounded-(--radius) border border-line bg-white"
          />
          {size && <figcaption className="mt-1 text-ink-3 text-sm">{size} pixels</figcaption>}
        </figure>
      )
    case 'audio':
      // biome-ignore lint/a11y/useMediaCaption: an artifact comes without captions
      return <audio src={url} controls onError={fail} aria-label={artifact.name} className="w-full max-w-160" />
    case 'video':
      return (
        // biome-ignore lint/a11y/useMediaCaption: an artifact comes without captions
        <video
          src={url}
          controls
          onError={fail}
          aria-label={artifact.name}
          className="min-h-0 max-w-full rounded-(--radius) bg-black"
        />
      )
    case 'pdf':
      return (
        <>
          <iframe
            src={url}
            title={artifact.name}
            className="min-h-120 w-full flex-1 rounded-(--radius) border border-line"
          />
          <a
            href={url}
            target="_blank"
            rel="noopener"
            className="mt-1 inline-flex items-center gap-1 self-start text-accent text-sm"
          >
            <ExternalLink aria-hidden className="size-3.5" /> Open it in a tab of its own
          </a>
        </>
      )
  }
}
