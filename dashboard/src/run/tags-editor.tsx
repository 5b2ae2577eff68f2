import { useQueryClient } from '@tanstack/react-query'
import { Plus, X } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { describeRun } from '../api/changes.ts'
import type { RunDetails } from '../api/queries.ts'
import { useMayWrite } from '../api/use-may-write.ts'
import { useActions } from '../keys/actions.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { toastProblem } from '../ui/toasts.tsx'
import { Nothing, Section } from './section.tsx'
import { addTags } from './tag-text.ts'

/** The tags of a run: Enter adds what is typed, Backspace in the empty field takes the last one away. */
export function TagsEditor({ run }: { run: RunDetails }) {
  const queries = useQueryClient()
  const { mayWrite } = useMayWrite()
  const [isAdding, setAdding] = useState(false)
  const [text, setText] = useState('')
  useActions(
    mayWrite
      ? [{ id: 'run-tag', title: 'Add a tag to this run', section: 'Run', keys: 'a', run: () => setAdding(true) }]
      : [],
  )

  const save = async (tags: string[]) => {
    if (tags.length === run.tags.length && tags.every((tag, at) => tag === run.tags[at])) return
    try {
      await describeRun(queries, run, { tags })
    } catch (error) {
      toastProblem('The tags are not saved', error)
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setText('')
    void save(addTags(run.tags, text))
  }

  return (
    <Section
      title="Tags"
      tools={
        mayWrite &&
        !isAdding && (
          <Button onClick={() => setAdding(true)} className="[&_svg]:size-3.5">
            <Plus /> Add
          </Button>
        )
      }
    >
      {run.tags.length > 0 && (
        <ul className="flex flex-wrap gap-1">
          {run.tags.map((tag) => (
            <li
              key={tag}
              className="flex h-6 min-w-0 max-w-full items-center rounded-(--radius) border border-line bg-sunken pl-2 text-sm"
            >
              <span title={tag} className={`truncate ${mayWrite ? '' : 'pr-2'}`}>
                {tag}
              </span>
              {mayWrite && (
                <button
                  type="button"
                  aria-label={`Remove the tag ${tag}`}
                  title={`Remove ${tag}`}
                  onClick={() => void save(run.tags.filter((one) => one !== tag))}
                  className="flex size-6 shrink-0 items-center justify-center rounded-[4px] text-ink-3 hover:text-ink [&_svg]:size-3"
                >
                  <X />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {run.tags.length === 0 && !isAdding && <Nothing>None.</Nothing>}
      {isAdding && (
        <form onSubmit={submit} className="mt-1 flex gap-1">
          <TextField
            ref={(field) => field?.focus()}
            label="New tag"
            placeholder="baseline, v2"
            maxLength={1_000}
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape') setAdding(false)
              if (event.key === 'Backspace' && text === '') void save(run.tags.slice(0, -1))
            }}
            className="flex-1"
          />
          <Button type="submit" look="outline" disabled={text.trim() === ''}>
            Add
          </Button>
          <Button onClick={() => setAdding(false)}>Done</Button>
        </form>
      )}
    </Section>
  )
}
