import { Columns2, Eye, EyeOff, Tag, Trash2, X } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useMayWrite } from '../api/use-may-write.ts'
import type { RunPlace } from '../data/table-lines.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { Popover } from '../ui/popover.tsx'
import { countOf, type RunDeeds } from './use-run-deeds.ts'

interface Props {
  /** The chosen runs of the list. */
  places: RunPlace[]
  tags: () => string[]
  deeds: RunDeeds
  onClear: () => void
}

/** What can be done with the chosen runs; over the foot of the table, which stays where it is. */
export function ChosenBar({ places, tags, deeds, onClear }: Props) {
  const { mayWrite, why } = useMayWrite()
  const runs = places.map(({ run }) => run)
  const names = runs.map(({ name }) => name)
  return (
    <div
      role="toolbar"
      aria-label="Chosen runs"
      className="absolute inset-x-2 bottom-2 z-30 flex items-center gap-0.5 rounded-(--radius) border border-line-strong bg-raised py-1 pr-1 pl-3 text-sm shadow-black/10 shadow-lg"
    >
      <span className="mr-auto truncate" aria-live="polite">
        {countOf(names.length, 'run')}
      </span>
      <Button title="Compare (c)" disabled={names.length < 2} onClick={() => deeds.compare(names)}>
        <Columns2 className="size-4" aria-hidden="true" /> Compare
      </Button>
      <IconButton label="Show in charts" onClick={() => deeds.setEyes(places, true)}>
        <Eye />
      </IconButton>
      <IconButton label="Hide in charts" onClick={() => deeds.setEyes(places, false)}>
        <EyeOff />
      </IconButton>
      <Popover
        label="Tags of the chosen runs"
        className="w-64 p-2"
        trigger={
          <IconButton label="Tags" disabled={!mayWrite} title={why}>
            <Tag />
          </IconButton>
        }
      >
        <TagEditor places={places} tags={tags} deeds={deeds} />
      </Popover>
      <IconButton
        label="Delete"
        disabled={!mayWrite}
        title={why}
        onClick={() => {
          onClear()
          void deeds.remove(names)
        }}
      >
        <Trash2 />
      </IconButton>
      <IconButton label="Choose none" onClick={onClear}>
        <X />
      </IconButton>
    </div>
  )
}

function TagEditor({ places, tags, deeds }: Omit<Props, 'onClear'>) {
  const [draft, setDraft] = useState('')
  const [known] = useState(tags)
  const runs = places.map(({ run }) => run)
  const all = [...new Set([...runs.flatMap((run) => run.tags), ...known])].slice(0, 30)
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    const tag = draft.trim()
    if (tag === '') return
    setDraft('')
    void deeds.tag(runs, tag, true)
  }
  return (
    <>
      <form onSubmit={onSubmit} className="flex gap-1">
        <TextField
          label="New tag"
          placeholder="New tag"
          className="flex-1"
          value={draft}
          onChange={({ target }) => setDraft(target.value)}
        />
        <Button type="submit" look="outline" disabled={draft.trim() === ''}>
          Add
        </Button>
      </form>
      {all.length > 0 && (
        <ul className="mt-2 max-h-60 overflow-y-auto" aria-label="Tags">
          {all.map((tag) => {
            const count = runs.filter((run) => run.tags.includes(tag)).length
            const isOnAll = count === runs.length
            return (
              <li key={tag}>
                <label className="flex h-7 items-center gap-2 rounded-[4px] px-1 text-sm hover:bg-hover">
                  <input
                    type="checkbox"
                    className="size-3.5 accent-accent"
                    checked={isOnAll}
                    ref={(box) => {
                      if (box) box.indeterminate = count > 0 && !isOnAll
                    }}
                    onChange={() => void deeds.tag(runs, tag, !isOnAll)}
                  />
                  <span className="min-w-0 flex-1 truncate">{tag}</span>
                  <span className="text-ink-3">{count}</span>
                </label>
              </li>
            )
          })}
        </ul>
      )}
    </>
  )
}
