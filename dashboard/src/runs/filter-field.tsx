// biome-ignore-all lint/a11y/useSemanticElements: a select of the browser's takes no text
// biome-ignore-all lint/a11y/useFocusableInteractive: the field has the focus, and names the active choice
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the field listens to the keys

import { Filter, X } from 'lucide-react'
import { type KeyboardEvent, type RefObject, useEffect, useId, useRef, useState } from 'react'
import { acceptCompletion, completeFilter } from '../data/filter-completion.ts'
import { type FilterProblem, problemOf } from '../data/filter-problem.ts'
import type { Known } from '../data/known-keys.ts'
import { surface } from '../ui/surface.ts'

interface Props {
  field: RefObject<HTMLInputElement | null>
  /** The filter that holds. */
  value: string
  onChange: (filter: string) => void
  known: () => Known
  /** What the tracker says of the filter that holds. */
  problem: FilterProblem | null
}

/** A filter is taken when its writer has paused so long, ms; what is wrong with it is said a little later. */
const takeMs = 350
const sayMs = 900

/** The filter of the runs, with completion of all that it may have where the caret stands. */
export function FilterField({ field, value, onChange, known, problem: told }: Props) {
  const [draft, setDraft] = useState(value)
  const [caret, setCaret] = useState(0)
  const [isOpen, setOpen] = useState(false)
  const [active, setActive] = useState(-1)
  const [isSaid, setSaid] = useState(true)
  const knownNow = useRef<Known | null>(null)
  const id = useId()

  // Undo, a saved view or a button may have changed it.
  const [taken, setTaken] = useState(value)
  if (taken !== value) {
    setTaken(value)
    setDraft(value)
  }

  const problem = problemOf(draft)
  useEffect(() => {
    if (draft === value) return
    setSaid(false)
    const take = setTimeout(() => {
      if (problemOf(draft) === null) onChange(draft.trim())
    }, takeMs)
    const say = setTimeout(() => setSaid(true), sayMs)
    return () => {
      clearTimeout(take)
      clearTimeout(say)
    }
  }, [draft, value, onChange])

  const { start, items } =
    isOpen && knownNow.current ? completeFilter(draft, caret, knownNow.current) : { start: 0, items: [] }
  const isListed = items.length > 0

  const look = (element: HTMLInputElement, opens: boolean) => {
    setCaret(element.selectionStart ?? element.value.length)
    setActive(-1)
    if (opens) {
      knownNow.current ??= known()
      setOpen(true)
    }
  }
  const accept = (at: number) => {
    const item = items[at]
    const element = field.current
    if (!item || !element) return
    const next = acceptCompletion(draft, caret, start, item)
    setDraft(next.text)
    setActive(-1)
    setCaret(next.caret)
    // The field gets its new text first.
    requestAnimationFrame(() => {
      element.focus()
      element.setSelectionRange(next.caret, next.caret)
      element.scrollLeft = element.scrollWidth
    })
  }
  const close = () => {
    setOpen(false)
    setActive(-1)
  }
  const takeNow = () => {
    setSaid(true)
    if (problem === null) onChange(draft.trim())
    close()
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === ' ' && event.ctrlKey) {
      event.preventDefault()
      look(event.currentTarget, true)
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      if (!isListed) return look(event.currentTarget, true)
      const to = active + (event.key === 'ArrowDown' ? 1 : -1)
      setActive((to + items.length) % items.length)
    } else if (event.key === 'Tab' && isListed && !event.shiftKey && (active >= 0 || start < caret)) {
      event.preventDefault()
      accept(Math.max(0, active))
    } else if (event.key === 'Enter') {
      event.preventDefault()
      if (active >= 0) accept(active)
      else takeNow()
    } else if (event.key === 'Escape') {
      event.preventDefault()
      if (isListed) close()
      else event.currentTarget.blur()
    }
  }

  const said = draft === value ? (problem ?? told) : isSaid ? problem : null
  return (
    <div className="relative">
      <div
        className={`flex h-7 items-center gap-1.5 rounded-(--radius) border bg-page pr-0.5 pl-2 focus-within:border-accent ${said ? 'border-failed' : 'border-line-strong'}`}
      >
        <Filter className="size-3.5 shrink-0 text-ink-3" aria-hidden="true" />
        <input
          ref={field}
          role="combobox"
          aria-label="Filter runs"
          aria-expanded={isListed}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
          aria-invalid={said ? true : undefined}
          aria-describedby={said ? `${id}-problem` : undefined}
          placeholder="Filter runs: config.lr < 0.01"
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          value={draft}
          onChange={(event) => {
            setDraft(event.target.value)
            look(event.target, true)
          }}
          onSelect={(event) => {
            // A click or an arrow key has moved the caret.
            const at = event.currentTarget.selectionStart ?? 0
            if (at !== caret) look(event.currentTarget, false)
          }}
          onFocus={(event) => look(event.currentTarget, event.currentTarget.value === '')}
          onBlur={() => {
            knownNow.current = null
            takeNow()
          }}
          onKeyDown={onKeyDown}
          className="h-full w-full min-w-0 bg-transparent font-mono text-sm outline-none placeholder:font-sans"
        />
        {draft !== '' && (
          <button
            type="button"
            aria-label="Clear the filter"
            title="Clear the filter"
            onClick={() => {
              setDraft('')
              onChange('')
            }}
            className="inline-flex size-5 shrink-0 items-center justify-center rounded-[4px] text-ink-2 hover:bg-hover"
          >
            <X className="size-3.5" />
          </button>
        )}
      </div>
      {isListed && (
        <div
          role="listbox"
          id={`${id}-list`}
          aria-label="What may stand here"
          className={`${surface} absolute top-8 left-0 max-h-72 w-full min-w-64 overflow-y-auto p-1`}
        >
          {items.map((item, at) => (
            <div
              key={item.label}
              role="option"
              id={`${id}-${at}`}
              ref={at === active ? (element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}
              aria-selected={at === active}
              // The field keeps the focus.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => accept(at)}
              className={`flex h-6 items-center gap-3 rounded-[4px] px-2 text-sm hover:bg-hover ${at === active ? 'bg-hover' : ''}`}
            >
              <span className="min-w-0 flex-1 truncate font-mono">{item.label}</span>
              <span className="max-w-1/2 shrink-0 truncate text-ink-3">{item.detail}</span>
            </div>
          ))}
        </div>
      )}
      {said && !isListed && <Problem id={`${id}-problem`} text={draft} problem={said} />}
    </div>
  )
}

const around = 24

/** The sentence, and the text with the character it speaks of. */
function Problem({ id, text, problem }: { id: string; text: string; problem: FilterProblem }) {
  const { sentence, offset } = problem
  const from = Math.max(0, (offset ?? 0) - around)
  return (
    <div id={id} role="alert" className="px-1 pt-1 text-failed text-sm">
      <p className="break-words">{sentence}</p>
      {offset !== null && (
        <p className="overflow-hidden whitespace-pre font-mono text-ink-2" aria-hidden="true">
          {from > 0 && '…'}
          {text.slice(from, offset)}
          <span className="bg-failed/15 text-failed underline decoration-wavy">{text[offset] ?? ' '}</span>
          {text.slice(offset + 1, offset + around)}
        </p>
      )}
    </div>
  )
}
