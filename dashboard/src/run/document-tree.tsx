import { useVirtualizer } from '@tanstack/react-virtual'
import { ChevronRight, ChevronsDownUp, ChevronsUpDown, Search } from 'lucide-react'
import { type KeyboardEvent, useDeferredValue, useId, useMemo, useRef, useState } from 'react'
import { IconButton } from '../ui/button.tsx'
import { copyText } from '../ui/clipboard.ts'
import { TextField } from '../ui/field.tsx'
import { toast, toastProblem } from '../ui/toasts.tsx'
import { CopySign } from './copy-sign.tsx'
import {
  copiedValue,
  type DocumentRow,
  documentRows,
  isOpenAtFirst,
  pathText,
  splitByMatch,
  valueText,
} from './document-rows.ts'
import { Nothing } from './section.tsx'

const rowPixels = 26
/** Deeper rows are not moved further to the right: their keys would have no room. */
const indentedMax = 8
/** Documents with no more rows than this need no search. */
const fewRows = 8
/** Longer texts are cut off in their row, and shown whole when it is opened. */
const shortTextChars = 40
/** Of a text that somebody keeps a whole file in, so much is shown. */
const shownCharsMax = 20_000

/** A config, a summary or a JSON file: to be searched, opened, closed and copied from. */
export function DocumentTree({
  document,
  label,
  prefix,
  className = 'max-h-120',
}: {
  document: unknown
  /** What it is, for a screen reader: "Config". */
  label: string
  /** What its paths begin with when they are copied: `config`, as filters have it. */
  prefix?: string
  /** Its height. */
  className?: string
}) {
  const [search, setSearch] = useState('')
  const wanted = useDeferredValue(search)
  const [isOpen, setOpen] = useState(() => isOpenAtFirst(document))
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set())
  const [active, setActive] = useState<string | null>(null)
  const { rows, matches } = useMemo(
    () => documentRows(document, { search: wanted, toggled, isOpen }),
    [document, wanted, toggled, isOpen],
  )
  const hasInner = typeof document === 'object' && document !== null && Object.keys(document).length > 0
  if (!hasInner) return <Nothing>{label} is empty.</Nothing>

  const isNested = rows.some(({ size }) => size > 0)
  const isSearched = search !== '' || rows.length > fewRows || !isOpen
  const openAll = (open: boolean) => {
    setOpen(open)
    setToggled(new Set())
  }
  const toggle = (id: string) => {
    const next = new Set(toggled)
    if (!next.delete(id)) next.add(id)
    setToggled(next)
  }

  return (
    <div className="flex min-h-0 flex-col">
      {isSearched && (
        <div className="mb-1 flex items-center gap-1">
          <TextField
            label={`Search ${label.toLowerCase()}`}
            placeholder="Search keys and values"
            icon={<Search />}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            onKeyDown={(event) => event.key === 'Escape' && setSearch('')}
            className="max-w-80 flex-1"
          />
          <span role="status" className="whitespace-nowrap px-1 text-ink-3 text-sm">
            {wanted !== '' && (matches === 1 ? '1 match' : `${matches.toLocaleString('en')} matches`)}
          </span>
          {isNested && (
            <span className="ml-auto flex">
              <IconButton label={`Open all of ${label.toLowerCase()}`} onClick={() => openAll(true)}>
                <ChevronsUpDown />
              </IconButton>
              <IconButton label={`Close all of ${label.toLowerCase()}`} onClick={() => openAll(false)}>
                <ChevronsDownUp />
              </IconButton>
            </span>
          )}
        </div>
      )}
      {rows.length === 0 ? (
        <Nothing>Nothing in it has “{wanted}”.</Nothing>
      ) : (
        <Rows rows={rows} search={wanted} {...{ label, prefix, className, active, setActive, toggle }} />
      )}
    </div>
  )
}

interface RowsProps {
  rows: DocumentRow[]
  search: string
  label: string
  prefix: string | undefined
  className: string
  active: string | null
  setActive: (id: string) => void
  toggle: (id: string) => void
}

function Rows({ rows, search, label, prefix, className, active, setActive, toggle }: RowsProps) {
  const treeId = useId()
  const scroller = useRef<HTMLDivElement>(null)
  const [whole, setWhole] = useState<ReadonlySet<string>>(new Set())
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPixels,
    getItemKey: (at) => rows[at]!.id,
    overscan: 10,
  })
  const activeAt = Math.max(
    0,
    rows.findIndex(({ id }) => id === active),
  )

  const pathOf = ({ path }: DocumentRow) =>
    prefix === undefined ? pathText(path) : `${prefix}${typeof path[0] === 'string' ? '.' : ''}${pathText(path)}`
  const open = (row: DocumentRow) => {
    if (row.size > 0) return toggle(row.id)
    if (!isLong(row)) return
    const next = new Set(whole)
    if (!next.delete(row.id)) next.add(row.id)
    setWhole(next)
  }
  const copy = async (text: string, what: string) => {
    try {
      await copyText(text)
      toast({ text: `Copied ${what}` })
    } catch (error) {
      toastProblem('Not copied', error)
    }
  }
  const go = (at: number) => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, at))]
    if (!row) return
    setActive(row.id)
    virtual.scrollToIndex(rows.indexOf(row))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[activeAt]
    if (!row || event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return
    const deeds: Record<string, () => void> = {
      ArrowDown: () => go(activeAt + 1),
      ArrowUp: () => go(activeAt - 1),
      PageDown: () => go(activeAt + 15),
      PageUp: () => go(activeAt - 15),
      Home: () => go(0),
      End: () => go(rows.length - 1),
      ArrowRight: () => (row.size > 0 && !row.isOpen ? toggle(row.id) : go(activeAt + (row.size > 0 ? 1 : 0))),
      ArrowLeft: () => (row.isOpen ? toggle(row.id) : go(rows.findIndex(({ id }) => id === row.parentId))),
      Enter: () => open(row),
      ' ': () => open(row),
      c: () => void copy(copiedValue(row.value), `the value of ${row.label}`),
      p: () => void copy(pathOf(row), pathOf(row)),
    }
    const deed = deeds[event.key]
    if (!deed) return
    event.preventDefault()
    deed()
  }

  return (
    <div className="group/tree relative flex min-h-0 flex-col">
      <div
        ref={scroller}
        role="tree"
        aria-label={label}
        aria-description="c copies the value, p its path"
        aria-activedescendant={`${treeId}-${activeAt}`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        className={`overflow-y-auto border-line border-t ${className}`}
      >
        <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index]!
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the keys, and the focus
              <div
                key={row.id}
                ref={virtual.measureElement}
                data-index={item.index}
                id={`${treeId}-${item.index}`}
                role="treeitem"
                tabIndex={-1}
                aria-level={row.depth + 1}
                aria-posinset={row.position}
                aria-setsize={row.siblings}
                aria-selected={item.index === activeAt}
                aria-expanded={row.size > 0 ? row.isOpen : undefined}
                onClick={() => {
                  setActive(row.id)
                  scroller.current?.focus({ preventScroll: true })
                  if (getSelection()?.isCollapsed !== false) open(row)
                }}
                className="group absolute inset-x-0 top-0 flex min-h-6.5 items-start gap-2 rounded-[4px] py-[3px] pr-1 hover:bg-hover group-has-[:focus-visible]/tree:aria-selected:bg-chosen"
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <Row row={row} search={search} isWhole={whole.has(row.id)} />
                <span className="invisible absolute top-0.5 right-1 flex rounded-[4px] bg-hover group-focus-within:visible group-hover:visible">
                  <CopySign tabIndex={-1} what={`Copy the path ${row.label}`} text={() => pathOf(row)} />
                  <CopySign tabIndex={-1} what={`Copy the value of ${row.label}`} text={() => copiedValue(row.value)} />
                </span>
              </div>
            )
          })}
        </div>
      </div>
    </div>
  )
}

const isLong = ({ type, value }: DocumentRow) =>
  type === 'text' && ((value as string).length > shortTextChars || (value as string).includes('\n'))

function Row({ row, search, isWhole }: { row: DocumentRow; search: string; isWhole: boolean }) {
  const canOpen = row.size > 0 || isLong(row)
  const isOpen = row.isOpen || isWhole
  const text = valueText(row.value)
  return (
    <>
      <span
        className="flex w-[42%] max-w-80 shrink-0 items-start gap-0.5"
        style={{ paddingLeft: Math.min(row.depth, indentedMax) * 16 }}
      >
        <ChevronRight
          aria-hidden
          className={`mt-[3px] size-3.5 shrink-0 text-ink-3 motion-safe:transition-transform ${canOpen ? '' : 'invisible'} ${isOpen ? 'rotate-90' : ''}`}
        />
        <span title={row.label} className={`truncate font-mono text-sm/5 ${row.size > 0 ? 'text-ink' : 'text-ink-2'}`}>
          <Marked text={row.label} search={search} />
        </span>
      </span>
      <span
        title={isWhole ? undefined : text.slice(0, 1_000)}
        className={`min-w-0 flex-1 font-mono text-sm/5 ${row.size > 0 ? 'text-ink-3' : ''} ${isWhole ? 'whitespace-pre-wrap break-words' : 'truncate'}`}
      >
        {row.size > 0 ? (
          text
        ) : (
          <Marked text={isWhole ? text.slice(0, shownCharsMax) : text.slice(0, 500)} search={search} />
        )}
        {isWhole && text.length > shownCharsMax && (
          <span className="text-ink-3"> … {text.length - shownCharsMax} more</span>
        )}
      </span>
      <span className="shrink-0 font-mono text-ink-3 text-xs/5 group-hover:invisible">{row.type}</span>
    </>
  )
}

const Marked = ({ text, search }: { text: string; search: string }) =>
  splitByMatch(text, search).map((piece, at) =>
    at % 2 === 0 ? (
      piece
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text stand where they stand
      <mark key={at} className="rounded-[2px] bg-chosen text-ink underline decoration-accent">
        {piece}
      </mark>
    ),
  )
