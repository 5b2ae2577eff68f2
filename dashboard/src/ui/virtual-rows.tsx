import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, type Ref, useImperativeHandle, useRef } from 'react'

export interface RowsHandle {
  /** Moves the focus by so many rows, to the link or button that a row begins with. */
  move: (by: number) => void
}

interface Props {
  /** What is listed, for a screen reader. */
  label: string
  count: number
  /** Pixels. */
  rowHeight: number
  /** The row of column titles, which stays in sight: `th`s. */
  head: ReactNode
  keyOf: (at: number) => string
  /** `td`s. */
  row: (at: number) => ReactNode
  ref?: Ref<RowsHandle>
  className?: string
}

/** A table of any length, of which only what is in sight is drawn. */
export function VirtualRows({ label, count, rowHeight, head, keyOf, row, ref, className = '' }: Props) {
  const scroller = useRef<HTMLDivElement>(null)
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: keyOf,
    overscan: 8,
    // The titles cover the first pixels.
    scrollPaddingStart: 28,
  })
  useImperativeHandle(ref, () => ({
    move: (by) => {
      const focused = document.activeElement?.closest<HTMLElement>('[data-row]')?.dataset.row
      const from = focused === undefined ? (by > 0 ? -1 : count) : Number(focused)
      const next = Math.max(0, Math.min(count - 1, from + by))
      virtualizer.scrollToIndex(next)
      focusRow(scroller.current, next)
    },
  }))
  // Rows are laid out by hand, and stay a table to those who hear it.
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto">
      <table aria-label={label} aria-rowcount={count + 1} className="block">
        <thead className="sticky top-0 z-10 block bg-page">
          <tr aria-rowindex={1} className={`h-7 border-line border-b text-ink-2 text-xs ${className}`}>
            {head}
          </tr>
        </thead>
        <tbody className="relative block" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, key, start }) => (
            <tr
              key={key}
              aria-rowindex={index + 2}
              data-row={index}
              className={`absolute inset-x-0 border-line border-b focus-within:bg-hover hover:bg-hover ${className}`}
              style={{ height: rowHeight, transform: `translateY(${start}px)` }}
            >
              {row(index)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** It is drawn a frame or two after it was scrolled to. */
function focusRow(scroller: HTMLElement | null, at: number, tries = 10): void {
  const target = scroller?.querySelector<HTMLElement>(`[data-row="${at}"] :is(a, button)`)
  if (target) target.focus({ preventScroll: true })
  else if (tries > 0) requestAnimationFrame(() => focusRow(scroller, at, tries - 1))
}
