// Rows in sight alone, of columns in sight alone, can't be a table of the browser's; they are one by their roles.
// biome-ignore-all lint/a11y/useSemanticElements: as above
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and names its current row
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid listens to the keys of all its rows

import { ArrowDown, ArrowUp, ChevronDown } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useState } from 'react'
import { columnTitle, headerLabel, sortOf } from '../data/columns.ts'
import { Menu, MenuItem, MenuLine } from '../ui/menu.tsx'
import type { ColumnDeeds } from './use-column-deeds.ts'
import { eyesWidth, type LaidColumn } from './use-column-layout.ts'

export const headerHeight = 28

interface Props {
  fixed: LaidColumn[]
  fixedWidth: number
  rest: LaidColumn[]
  restFrom: number
  sort: string
  resizing: string | false
  deeds: ColumnDeeds
  /** The eye and the check mark for all. */
  children: ReactNode
}

/** The names of the columns. A click orders by one, with Shift by one more; they are dragged to move, and at their end to widen. */
export function GridHeader({ fixed, fixedWidth, rest, restFrom, sort, resizing, deeds, children }: Props) {
  const [target, setTarget] = useState<string | null>(null)
  const cell = (laid: LaidColumn, index: number, isFixed: boolean) => (
    <HeaderCell
      key={laid.id}
      laid={laid}
      index={index}
      sort={sort}
      isFixed={isFixed}
      isTarget={target === laid.id}
      isResizing={resizing === laid.id}
      deeds={deeds}
      onTarget={setTarget}
      left={isFixed ? undefined : fixedWidth + laid.left}
      isLast={isFixed && laid === fixed.at(-1)}
    />
  )
  return (
    <div
      role="row"
      aria-rowindex={1}
      className="sticky top-0 z-20 flex w-full border-line border-b bg-page text-ink-2 text-sm"
      style={{ height: headerHeight }}
    >
      <div role="presentation" className="sticky left-0 z-10 flex h-full bg-page" style={{ width: fixedWidth }}>
        <div
          role="columnheader"
          aria-colindex={1}
          aria-label="Shown in charts, and chosen"
          className="flex h-full shrink-0 items-center pl-1"
          style={{ width: eyesWidth }}
        >
          {children}
        </div>
        {fixed.map((laid, at) => cell(laid, at + 2, true))}
      </div>
      {rest.map((laid, at) => cell(laid, fixed.length + 2 + restFrom + at, false))}
    </div>
  )
}

interface CellProps {
  laid: LaidColumn
  index: number
  sort: string
  isFixed: boolean
  isLast: boolean
  isTarget: boolean
  isResizing: boolean
  left: number | undefined
  deeds: ColumnDeeds
  onTarget: (id: string | null) => void
}

const dragType = 'application/x-aspara-column'

function HeaderCell({ laid, index, sort, isFixed, isLast, isTarget, isResizing, left, deeds, onTarget }: CellProps) {
  const { id, column, width, header, isNumber } = laid
  const { label, detail } = column ? headerLabel(column) : { label: 'Name', detail: '' }
  const title = column ? columnTitle(column) : 'Name'
  const key = deeds.sortKey(id)
  const order = sortOf(sort, key)
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0
    if (by === 0 || !event.altKey) return
    event.preventDefault()
    if (event.shiftKey) deeds.resize(id, width + 16 * by)
    else deeds.move(id, by)
  }
  return (
    <div
      role="columnheader"
      aria-colindex={index}
      aria-sort={order === null ? 'none' : order.isDescending ? 'descending' : 'ascending'}
      data-column={id}
      draggable={column !== undefined && !isResizing}
      onDragStart={(event) => {
        event.dataTransfer.setData(dragType, id)
        event.dataTransfer.effectAllowed = 'move'
      }}
      onDragOver={(event) => {
        if (!column || !event.dataTransfer.types.includes(dragType)) return
        event.preventDefault()
        onTarget(id)
      }}
      onDragLeave={() => onTarget(null)}
      onDragEnd={() => onTarget(null)}
      onDrop={(event) => {
        onTarget(null)
        const moved = event.dataTransfer.getData(dragType)
        if (moved !== '') deeds.moveTo(moved, id)
      }}
      className={`group/head flex h-full shrink-0 items-center ${left === undefined ? 'relative' : 'absolute top-0'} ${isLast ? 'border-line border-r' : ''} ${isTarget ? 'bg-chosen' : ''}`}
      style={{ width, left }}
    >
      <button
        type="button"
        title={key === null ? title : `${title}: order by it (Shift: besides)`}
        aria-disabled={key === null}
        onClick={(event) => deeds.sort(id, event.shiftKey)}
        onKeyDown={onKeyDown}
        className={`flex h-full min-w-0 flex-1 items-center gap-1 px-2 text-left ${key === null ? '' : 'hover:text-ink'} ${order ? 'text-ink' : ''} ${isNumber ? 'justify-end' : ''}`}
      >
        <span className="truncate">
          {label}
          {detail !== '' && <span className="text-ink-3"> {detail}</span>}
        </span>
        {order &&
          (order.isDescending ? (
            <ArrowDown className="size-3 shrink-0 text-accent" aria-hidden="true" />
          ) : (
            <ArrowUp className="size-3 shrink-0 text-accent" aria-hidden="true" />
          ))}
        {order && sort.includes(',') && <span className="text-accent text-xs">{order.place}</span>}
      </button>
      <span className="absolute inset-y-0 right-1 hidden items-center bg-page focus-within:flex group-focus-within/head:flex group-hover/head:flex">
        <Menu
          align="end"
          trigger={
            <button
              type="button"
              aria-label={`Column ${title}`}
              className="inline-flex size-5 items-center justify-center rounded-[4px] hover:bg-hover data-[state=open]:bg-hover"
            >
              <ChevronDown className="size-3.5" />
            </button>
          }
        >
          {key !== null && (
            <>
              <MenuItem onSelect={() => deeds.setSort(id, false)}>Ascending</MenuItem>
              <MenuItem onSelect={() => deeds.setSort(id, true)}>Descending</MenuItem>
              {sort !== '' && order === null && (
                <MenuItem onSelect={() => deeds.sort(id, true)}>Order by it besides</MenuItem>
              )}
              {order !== null && <MenuItem onSelect={() => deeds.unsort(id)}>Do not order by it</MenuItem>}
              <MenuLine />
            </>
          )}
          {deeds.groupKey(id) !== null && (
            <MenuItem onSelect={() => deeds.group(id)}>
              {deeds.isGrouped(id) ? 'Do not group by it' : 'Group by it'}
            </MenuItem>
          )}
          {column && (
            <>
              <MenuItem onSelect={() => deeds.pin(id)}>{isFixed ? 'Unpin' : 'Pin to the left'}</MenuItem>
              <MenuItem keys="Alt ←" onSelect={() => deeds.move(id, -1)}>
                Move left
              </MenuItem>
              <MenuItem keys="Alt →" onSelect={() => deeds.move(id, 1)}>
                Move right
              </MenuItem>
            </>
          )}
          <MenuItem keys="Alt ⇧ →" onSelect={() => deeds.resize(id, width + 48)}>
            Wider
          </MenuItem>
          <MenuItem keys="Alt ⇧ ←" onSelect={() => deeds.resize(id, width - 48)}>
            Narrower
          </MenuItem>
          <MenuItem onSelect={() => deeds.resize(id, null)}>Width as it was</MenuItem>
          {column && (
            <>
              <MenuLine />
              <MenuItem onSelect={() => deeds.hide(id)}>Hide the column</MenuItem>
            </>
          )}
        </Menu>
      </span>
      <span
        aria-hidden="true"
        data-resize={id}
        onMouseDown={(event) => {
          // Else the browser drags the header.
          event.preventDefault()
          header.getResizeHandler()(event)
        }}
        onTouchStart={header.getResizeHandler()}
        onDoubleClick={() => deeds.resize(id, null)}
        className={`absolute inset-y-1 -right-[3px] z-10 w-[6px] cursor-col-resize touch-none border-transparent border-r-2 hover:border-accent ${isResizing ? 'border-accent' : ''}`}
      />
    </div>
  )
}
