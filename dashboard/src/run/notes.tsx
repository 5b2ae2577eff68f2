import { useQueryClient } from '@tanstack/react-query'
import { Pencil } from 'lucide-react'
import { type KeyboardEvent, lazy, Suspense, useEffect, useRef, useState } from 'react'
import { describeRun } from '../api/changes.ts'
import type { RunDetails } from '../api/queries.ts'
import { useMayWrite } from '../api/use-may-write.ts'
import { useActions } from '../keys/actions.ts'
import { Button } from '../ui/button.tsx'
import { Keys } from '../ui/keys.tsx'
import { toastProblem } from '../ui/toasts.tsx'
import { isReadable } from './markdown-limits.ts'
import { type Draft, draftOf, hasUnsavedDrafts, keepDraft } from './notes-draft.ts'
import { Nothing, Section } from './section.tsx'

const Markdown = lazy(() => import('./markdown.tsx'))

/** protocol/limits.ts has the same, and the tracker the last word. */
const notesCharsMax = 100_000

/** What people write about a run, in Markdown. */
export function Notes({ run }: { run: RunDetails }) {
  const key = `${run.project}/${run.name}`
  const [draft, setDraft] = useState<Draft | null>(() => draftOf(key))
  const { mayWrite } = useMayWrite()
  const change = (next: Draft | null) => {
    keepDraft(key, next)
    setDraft(next)
  }
  const begin = () => draft ?? change({ text: run.notes, base: run.notes })
  useActions(
    mayWrite ? [{ id: 'run-notes', title: 'Edit the notes of this run', section: 'Run', keys: 'e', run: begin }] : [],
  )
  useEffect(() => {
    const onLeave = (event: BeforeUnloadEvent) => {
      if (hasUnsavedDrafts()) event.preventDefault()
    }
    window.addEventListener('beforeunload', onLeave)
    return () => window.removeEventListener('beforeunload', onLeave)
  }, [])

  return (
    <Section
      title="Notes"
      tools={
        mayWrite &&
        draft === null && (
          <Button onClick={begin} className="[&_svg]:size-3.5">
            <Pencil /> {run.notes === '' ? 'Write' : 'Edit'}
          </Button>
        )
      }
    >
      {draft !== null ? (
        <Editor run={run} draft={draft} change={change} />
      ) : run.notes === '' ? (
        <Nothing>{mayWrite ? 'What was this run for, and what came of it?' : 'None.'}</Nothing>
      ) : (
        <div className="max-h-120 max-w-180 overflow-y-auto">
          <Rendered text={run.notes} />
        </div>
      )}
    </Section>
  )
}

function Rendered({ text }: { text: string }) {
  const asWritten = <p className="whitespace-pre-wrap break-words">{text}</p>
  if (!isReadable(text)) {
    return (
      <>
        <p className="mb-2 text-ink-3 text-sm">Shown as plain text: there is too much markup to render.</p>
        {asWritten}
      </>
    )
  }
  return (
    // While the renderer comes the text stands there as it was written.
    <Suspense fallback={asWritten}>
      <Markdown text={text} />
    </Suspense>
  )
}

interface EditorProps {
  run: RunDetails
  draft: Draft
  change: (draft: Draft | null) => void
}

function Editor({ run, draft, change }: EditorProps) {
  const queries = useQueryClient()
  const field = useRef<HTMLTextAreaElement>(null)
  const [isPreview, setPreview] = useState(false)
  const [isAsking, setAsking] = useState(false)
  const [isSaving, setSaving] = useState(false)
  const isChanged = draft.text !== draft.base
  const isOvertaken = run.notes !== draft.base && run.notes !== draft.text

  useEffect(() => {
    if (isPreview || isAsking) return
    field.current?.focus()
    // One goes on at the end, unless one was somewhere else in it.
    if (field.current?.selectionEnd === 0) field.current.setSelectionRange(notesCharsMax, notesCharsMax)
  }, [isPreview, isAsking])

  const save = async () => {
    setSaving(true)
    try {
      if (draft.text !== run.notes) await describeRun(queries, run, { notes: draft.text })
      change(null)
    } catch (error) {
      toastProblem('The notes are not saved', error)
      setSaving(false)
    }
  }
  const cancel = () => (isChanged ? setAsking(true) : change(null))
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void save()
    else if (event.key === 'Escape') cancel()
    else return
    event.preventDefault()
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the field and the buttons in it
    <div onKeyDown={onKeyDown} className="max-w-180">
      {isOvertaken && (
        <p role="alert" className="mb-1 flex flex-wrap items-center gap-2 text-lost text-sm">
          The notes were changed elsewhere meanwhile. Saving replaces them.
          <Button look="outline" onClick={() => change({ text: run.notes, base: run.notes })}>
            Take theirs
          </Button>
          <Button
            look="outline"
            onClick={() => change({ text: `${draft.text.trimEnd()}\n\n${run.notes}`, base: run.notes })}
          >
            Add theirs below
          </Button>
        </p>
      )}
      {isPreview ? (
        <div className="max-h-120 min-h-40 overflow-y-auto rounded-(--radius) border border-line px-3 py-2">
          {draft.text.trim() === '' ? <Nothing>Nothing to show.</Nothing> : <Rendered text={draft.text} />}
        </div>
      ) : (
        <textarea
          ref={field}
          aria-label="Notes, in Markdown"
          value={draft.text}
          maxLength={notesCharsMax}
          onChange={(event) => change({ ...draft, text: event.target.value })}
          rows={Math.min(24, Math.max(8, draft.text.split('\n').length + 1))}
          className="block w-full resize-y rounded-(--radius) border border-line-strong bg-page px-3 py-2 font-mono text-sm/5 outline-none focus:border-accent"
        />
      )}
      <div className="mt-1.5 flex flex-wrap items-center gap-1.5">
        {isAsking ? (
          <div
            role="alertdialog"
            aria-label="Discard what you have written?"
            className="flex flex-wrap items-center gap-1.5"
          >
            <span className="text-sm">Discard what you have written?</span>
            <Button look="danger" onClick={() => change(null)}>
              Discard
            </Button>
            <Button look="outline" ref={(button) => button?.focus()} onClick={() => setAsking(false)}>
              Keep writing
            </Button>
          </div>
        ) : (
          <>
            <Button look="accent" disabled={isSaving} onClick={() => void save()}>
              Save
            </Button>
            <Button look="outline" onClick={cancel}>
              Cancel
            </Button>
            <Button aria-pressed={isPreview} onClick={() => setPreview(!isPreview)}>
              Preview
            </Button>
            <span className="ml-auto hidden items-center gap-1 text-ink-3 text-xs sm:flex">
              Markdown · <Keys keys="Mod+Enter" /> saves · <Keys keys="Escape" /> cancels
            </span>
          </>
        )}
      </div>
    </div>
  )
}
