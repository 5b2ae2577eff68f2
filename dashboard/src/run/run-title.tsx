import { useQueryClient } from '@tanstack/react-query'
import { Pencil } from 'lucide-react'
import { useRef, useState } from 'react'
import { describeRun } from '../api/changes.ts'
import type { RunDetails } from '../api/queries.ts'
import { useMayWrite } from '../api/use-may-write.ts'
import { useActions } from '../keys/actions.ts'
import { IconButton } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { toastProblem } from '../ui/toasts.tsx'
import { CopySign } from './copy-sign.tsx'

/** What people call the run, to be changed in place; beside it its name, which programs call it. */
export function RunTitle({ run }: { run: RunDetails }) {
  const queries = useQueryClient()
  const { mayWrite } = useMayWrite()
  const [text, setText] = useState<string | null>(null)
  // Leaving the field saves, and so does Enter, which leaves it too.
  const isDone = useRef(false)
  const title = run.display_name ?? run.name
  const begin = () => {
    isDone.current = false
    setText(title)
  }
  useActions(mayWrite ? [{ id: 'run-rename', title: 'Rename this run', section: 'Run', keys: 'r', run: begin }] : [])

  const end = async (next: string | null) => {
    if (isDone.current) return
    isDone.current = true
    setText(null)
    const name = next?.trim()
    if (name === undefined || name === title) return
    try {
      // Nothing, or its own name, is no other name.
      await describeRun(queries, run, { display_name: name === '' || name === run.name ? null : name })
    } catch (error) {
      toastProblem('The name is not saved', error)
    }
  }

  if (text !== null) {
    return (
      <>
        <h1 className="sr-only">{title}</h1>
        <TextField
          ref={(field) => {
            if (field && document.activeElement !== field && !isDone.current) field.select()
          }}
          label="Display name"
          placeholder={run.name}
          maxLength={512}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onBlur={(event) => void end(event.target.value)}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return
            if (event.key === 'Enter') void end(text)
            if (event.key === 'Escape') void end(null)
          }}
          className="max-w-120 flex-1"
        />
      </>
    )
  }
  return (
    <>
      <h1 title={title} className="min-w-0 truncate font-medium text-lg">
        {title}
      </h1>
      <span className="flex shrink-0">
        {mayWrite && (
          <IconButton label="Rename" onClick={begin} className="size-6! [&_svg]:size-3.5!">
            <Pencil />
          </IconButton>
        )}
        <CopySign text={() => run.name} what={`Copy the name ${run.name}`} />
      </span>
      {run.display_name !== null && (
        <span
          title={run.name}
          className="hidden min-w-0 max-w-60 shrink truncate font-mono text-ink-3 text-sm md:inline"
        >
          {run.name}
        </span>
      )}
    </>
  )
}
