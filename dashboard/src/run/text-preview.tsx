import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { Artifact } from '../api/queries.ts'
import { useFileBeginning } from './artifact-bytes.ts'
import { type CodePiece, plainLines, withoutTerminal } from './code-lines.ts'
import { NoPreview } from './no-preview.tsx'
import { isText, languageOf, previewKind } from './preview-kind.ts'
import { Scroller } from './scroller.tsx'
import { ShowMore } from './show-more.tsx'

const linePixels = 20
/** Longer lines are cut off: a megabyte on one line would be laid out whole. */
const lineCharsMax = 5_000
/** Colouring takes some 1 ms for each 5,000 characters, and stands in the way of everything else meanwhile. */
const colouredCharsMax = 300_000

/** A text file, a log or code, of which the lines that are seen are drawn. */
export function TextPreview({ at, artifact }: { at: string; artifact: Artifact }) {
  const { value, error, isReading, more } = useFileBeginning(at, artifact)
  const language = languageOf(artifact.name)
  const lines = useLines(value?.text, language)

  if (error) return <NoPreview>It can’t be read: {error.message}.</NoPreview>
  if (!value) return <NoPreview>On its way …</NoPreview>
  if (!isText(value.head)) {
    return (
      <NoPreview>
        {previewKind(artifact.name) === 'unknown'
          ? 'There is no preview of this kind of file.'
          : 'It is not text: there is nothing to show.'}
      </NoPreview>
    )
  }
  return (
    <>
      <Lines lines={lines} label={artifact.name} />
      <ShowMore bytesRead={value.bytesRead} bytes={artifact.file_size} isReading={isReading} onMore={more} />
    </>
  )
}

/** The lines of a text, plain at once, and coloured when what colours them has come. */
function useLines(text: string | undefined, language: string | undefined): CodePiece[][] {
  const plain = useMemo(() => {
    if (text === undefined) return []
    return plainLines(language === undefined ? withoutTerminal(text) : text)
  }, [text, language])
  const [coloured, setColoured] = useState<{ of: string; lines: CodePiece[][] } | null>(null)
  useEffect(() => {
    if (text === undefined || language === undefined || text.length > colouredCharsMax) return
    let isCurrent = true
    void import('./code-colours.ts').then(async ({ colourCode }) => {
      const lines = await colourCode(text, language)
      if (isCurrent) setColoured({ of: text, lines })
    })
    return () => {
      isCurrent = false
    }
  }, [text, language])
  return coloured !== null && coloured.of === text ? coloured.lines : plain
}

function Lines({ lines, label }: { lines: CodePiece[][]; label: string }) {
  const scroller = useRef<HTMLElement>(null)
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => linePixels,
    overscan: 20,
  })
  const numbers = String(lines.length).length
  return (
    <Scroller
      ref={scroller}
      label={label}
      className="min-h-0 flex-1 overflow-auto rounded-(--radius) border border-line bg-sunken py-1 font-mono text-sm/5"
    >
      <div className="relative w-max min-w-full" style={{ height: virtual.getTotalSize() }}>
        <div style={{ height: virtual.getVirtualItems()[0]?.start ?? 0 }} />
        {virtual.getVirtualItems().map(({ index }) => (
          <div key={index} className="flex h-5 whitespace-pre hover:bg-hover">
            <span
              aria-hidden
              className="sticky left-0 shrink-0 select-none bg-sunken pr-3 pl-2 text-right text-ink-3"
              style={{ minWidth: `calc(${numbers}ch + 20px)` }}
            >
              {index + 1}
            </span>
            <span className="pr-4">
              <Line pieces={lines[index]!} />
            </span>
          </div>
        ))}
      </div>
    </Scroller>
  )
}

function Line({ pieces }: { pieces: CodePiece[] }) {
  let left = lineCharsMax
  const shown = pieces.flatMap(({ text, scope }, at) => {
    if (left <= 0) return []
    const part = text.slice(0, left)
    left -= text.length
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one line stand where they stand
      <span key={at} className={lookOf(scope)}>
        {part}
      </span>
    )
  })
  return (
    <>
      {shown}
      {left < 0 && <span className="text-ink-3"> … {(-left).toLocaleString('en')} more characters</span>}
    </>
  )
}

/** Few colours, and those of the page: code is read here, not written. */
function lookOf(scope: string): string | undefined {
  const [kind] = scope.split('.')
  switch (kind) {
    case 'comment':
    case 'quote':
    case 'meta':
      return 'text-ink-3 italic'
    case 'keyword':
    case 'literal':
    case 'built_in':
    case 'selector-tag':
    case 'tag':
    case 'name':
    case 'type':
      return 'text-accent'
    case 'string':
    case 'regexp':
    case 'addition':
      return 'text-running'
    case 'number':
    case 'symbol':
    case 'bullet':
      return 'text-lost'
    case 'deletion':
      return 'text-failed'
    case 'title':
    case 'section':
    case 'attr':
    case 'attribute':
      return 'font-medium'
    default:
      return undefined
  }
}
