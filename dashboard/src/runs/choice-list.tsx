// biome-ignore-all lint/a11y/useSemanticElements: a select of the browser's takes no text
// biome-ignore-all lint/a11y/useFocusableInteractive: the field has the focus, and names the active choice
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the field listens to the keys

import { useVirtualizer } from '@tanstack/react-virtual'
import { Check, Search } from 'lucide-react'
import { type KeyboardEvent, useId, useMemo, useRef, useState } from 'react'

export interface ListedChoice {
  id: string
  label: string
  /** In a fainter hand, after it. */
  detail: string
}

interface Props {
  /** What is chosen here, for a screen reader. */
  label: string
  placeholder: string
  choices: ListedChoice[]
  chosen: readonly string[]
  onToggle: (id: string) => void
}

const choiceHeight = 28

/** A long list of what can be chosen, several at once, with a search: thousands cost no more than what is in sight. */
export function ChoiceList({ label, placeholder, choices, chosen, onToggle }: Props) {
  const [search, setSearch] = useState('')
  const [active, setActive] = useState(0)
  const scroller = useRef<HTMLDivElement>(null)
  const listId = useId()
  const found = useMemo(() => searchChoices(choices, search), [choices, search])
  const isChosen = useMemo(() => new Set(chosen), [chosen])
  const rows = useVirtualizer({
    count: found.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => choiceHeight,
    overscan: 6,
  })
  const move = (to: number) => {
    const at = Math.max(0, Math.min(found.length - 1, to))
    setActive(at)
    rows.scrollToIndex(at, { align: 'auto' })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + 8,
      PageUp: active - 8,
    }
    const to = moves[event.key]
    if (to !== undefined) {
      event.preventDefault()
      move(to)
    } else if (event.key === 'Enter') {
      event.preventDefault()
      const one = found[active]
      if (one) onToggle(one.id)
    }
  }
  return (
    <div className="flex max-h-[min(420px,60vh)] flex-col">
      <label className="flex h-9 shrink-0 items-center gap-2 border-line border-b px-3">
        <Search className="size-3.5 shrink-0 text-ink-3" aria-hidden="true" />
        <input
          role="combobox"
          aria-label={label}
          aria-expanded="true"
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={found[active] ? `${listId}-${active}` : undefined}
          placeholder={placeholder}
          spellCheck={false}
          autoComplete="off"
          value={search}
          onChange={(event) => {
            setSearch(event.target.value)
            setActive(0)
            rows.scrollToOffset(0)
          }}
          onKeyDown={onKeyDown}
          className="w-full min-w-0 bg-transparent text-sm outline-none"
        />
      </label>
      <div
        ref={scroller}
        role="listbox"
        id={listId}
        aria-label={label}
        aria-multiselectable="true"
        className="min-h-0 flex-1 overflow-y-auto p-1"
        style={{ height: choiceHeight * found.length + 8 }}
      >
        <div role="presentation" className="relative" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const { id, label: text, detail } = found[index]!
            return (
              <div
                key={id}
                role="option"
                id={`${listId}-${index}`}
                aria-selected={isChosen.has(id)}
                aria-setsize={found.length}
                aria-posinset={index + 1}
                onClick={() => onToggle(id)}
                onPointerMove={() => setActive(index)}
                className={`absolute top-0 left-0 flex w-full items-center gap-2 rounded-[4px] px-2 text-sm ${index === active ? 'bg-hover' : ''}`}
                style={{ height: choiceHeight, transform: `translateY(${start}px)` }}
              >
                <span className="inline-flex size-4 shrink-0 items-center justify-center">
                  {isChosen.has(id) && <Check className="size-3.5 text-accent" aria-hidden="true" />}
                </span>
                <span className="min-w-0 flex-1 truncate" title={text}>
                  {text}
                </span>
                {detail !== '' && <span className="shrink-0 text-ink-3">{detail}</span>}
              </div>
            )
          })}
        </div>
      </div>
      {found.length === 0 && <p className="p-3 text-center text-ink-3 text-sm">Nothing is called so</p>}
    </div>
  )
}

/** Those that have all the words, in any order. */
function searchChoices(choices: ListedChoice[], search: string): ListedChoice[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return choices
  return choices.filter(({ label, detail }) => {
    const text = `${label} ${detail}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
