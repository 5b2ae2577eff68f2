// Rows in sight alone, of columns in sight alone, can't be a table of the browser's; they are one by their roles.
// biome-ignore-all lint/a11y/useSemanticElements: as above
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and names its current row
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid listens to the keys of all its rows

import { Link } from '@tanstack/react-router'
import { Ellipsis, Pin } from 'lucide-react'
import { type MouseEvent, memo } from 'react'
import type { RunStyle } from '../data/run-style.ts'
import { titleOf } from '../data/shown-runs.ts'
import type { RunLine } from '../data/table-lines.ts'
import { StatusMark } from '../ui/status-mark.tsx'
import { highlightRun, useIsHighlighted } from '../view/highlight.ts'
import { CurrentMark, EyeButton } from './row-parts.tsx'
import { RunCell } from './run-cell.tsx'
import { eyesWidth, type LaidColumn } from './use-column-layout.ts'

/** What rows need to know of the table. The same object from one drawing to the next: rows are drawn anew for what is theirs. */
export interface RowHands {
  project: string
  press: (line: RunLine, event: MouseEvent) => void
  toggleEye: (line: RunLine) => void
  toggleChosen: (line: RunLine, event: MouseEvent) => void
  menu: (line: RunLine, x: number, y: number) => void
}

interface Props {
  line: RunLine
  /** From the top, pixels; and its place among all rows, from 1, the header being the first. */
  top: number
  rowIndex: number
  fixed: LaidColumn[]
  fixedWidth: number
  /** Those of the other columns that are in sight. */
  rest: LaidColumn[]
  restFrom: number
  hasMark: boolean
  style: RunStyle
  isOn: boolean
  isChosen: boolean
  isCurrent: boolean
  hands: RowHands
}

export const rowHeight = 28
export const cellLook = 'flex h-full shrink-0 items-center px-2'

/** One run. Its buttons are no stops of the Tab key: the grid is one, and its keys do what they do. */
export const RunRow = memo(function RunRow(props: Props) {
  const { line, top, rowIndex, fixed, fixedWidth, rest, restFrom, hasMark, style, isOn, isChosen, isCurrent, hands } =
    props
  const { run } = line
  const isHighlighted = useIsHighlighted(run.name)
  const title = titleOf(run)
  const surface = isChosen ? 'bg-chosen' : isHighlighted ? 'bg-hover' : 'bg-page'
  return (
    <div
      role="row"
      id={`run-row-${run.name}`}
      data-run={run.name}
      data-current={isCurrent || undefined}
      aria-rowindex={rowIndex}
      aria-selected={isChosen}
      onClick={(event) => hands.press(line, event)}
      onContextMenu={(event) => {
        event.preventDefault()
        hands.menu(line, event.clientX, event.clientY)
      }}
      onPointerEnter={() => highlightRun(run.name)}
      onPointerLeave={() => highlightRun(null)}
      className={`group/row absolute top-0 left-0 flex w-full contain-layout contain-paint text-sm ${surface} hover:bg-hover`}
      style={{ height: rowHeight, transform: `translateY(${top}px)` }}
    >
      <div
        role="presentation"
        className={`sticky left-0 z-10 flex h-full ${surface} group-hover/row:bg-hover`}
        style={{ width: fixedWidth }}
      >
        {isCurrent && <CurrentMark />}
        <div
          role="gridcell"
          aria-colindex={1}
          className="flex h-full shrink-0 items-center pl-1"
          style={{ width: eyesWidth }}
        >
          <EyeButton
            style={style}
            isOn={isOn}
            label={`${isOn ? 'Hide' : 'Show'} ${title} in charts`}
            title={isOn ? 'Hide in charts (x)' : 'Show in charts (x)'}
            onToggle={() => hands.toggleEye(line)}
          />
          <input
            type="checkbox"
            tabIndex={-1}
            checked={isChosen}
            readOnly
            aria-label={`Choose ${title}`}
            onClick={(event) => {
              event.stopPropagation()
              hands.toggleChosen(line, event)
            }}
            className={`size-3.5 accent-accent ${isChosen ? '' : 'opacity-35 group-hover/row:opacity-100'}`}
          />
        </div>
        {fixed.map(({ id, column, isNumber, width }, at) => (
          <div
            key={id}
            role="gridcell"
            aria-colindex={at + 2}
            className={`${cellLook} ${at === fixed.length - 1 ? 'border-line border-r' : ''}`}
            style={{ width }}
          >
            {column ? (
              <span className="min-w-0 flex-1">
                <RunCell run={run} column={column} isNumber={isNumber} />
              </span>
            ) : (
              <span className={`flex min-w-0 flex-1 items-center gap-1.5 ${line.isIndented ? 'pl-3' : ''}`}>
                {hasMark && <StatusMark status={run.status} reason={run.finish_reason} />}
                {line.isPinned && <Pin className="size-3 shrink-0 text-ink-3" aria-label="pinned" />}
                <Link
                  to="/projects/$project/runs/$run"
                  params={{ project: hands.project, run: run.name }}
                  search={(before) => before}
                  tabIndex={-1}
                  title={title === run.name ? title : `${title} (${run.name})`}
                  onClick={(event) => event.stopPropagation()}
                  className={`truncate hover:underline ${isOn ? '' : 'text-ink-2'}`}
                >
                  {title}
                </Link>
                <button
                  type="button"
                  tabIndex={-1}
                  aria-label={`More for ${title}`}
                  aria-haspopup="menu"
                  onClick={(event) => {
                    event.stopPropagation()
                    const { left, bottom } = event.currentTarget.getBoundingClientRect()
                    hands.menu(line, left, bottom)
                  }}
                  className={`ml-auto size-5 shrink-0 items-center justify-center rounded-[4px] text-ink-2 hover:bg-line ${isCurrent ? 'inline-flex' : 'hidden group-hover/row:inline-flex'} [@media(hover:none)]:inline-flex`}
                >
                  <Ellipsis className="size-3.5" />
                </button>
              </span>
            )}
          </div>
        ))}
      </div>
      {rest.map(({ id, column, isNumber, width, left }, at) => (
        <div
          key={id}
          role="gridcell"
          aria-colindex={fixed.length + 2 + restFrom + at}
          className={`${cellLook} absolute top-0`}
          style={{ width, left: fixedWidth + left }}
        >
          <span className="min-w-0 flex-1">{column && <RunCell run={run} column={column} isNumber={isNumber} />}</span>
        </div>
      ))}
    </div>
  )
})
