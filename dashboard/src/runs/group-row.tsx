// Rows in sight alone, of columns in sight alone, can't be a table of the browser's; they are one by their roles.
// biome-ignore-all lint/a11y/useSemanticElements: as above
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and names its current row
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid listens to the keys of all its rows

import { ChevronDown, ChevronRight } from 'lucide-react'
import { memo } from 'react'
import type { Column } from '../data/columns.ts'
import { cellValue, groupCell } from '../data/run-cells.ts'
import type { RunStyle } from '../data/run-style.ts'
import type { GroupLine } from '../data/table-lines.ts'
import { CurrentMark, EyeButton } from './row-parts.tsx'
import { cellLook, rowHeight } from './run-row.tsx'
import { eyesWidth, type LaidColumn } from './use-column-layout.ts'

interface Props {
  line: GroupLine
  top: number
  rowIndex: number
  fixed: LaidColumn[]
  fixedWidth: number
  rest: LaidColumn[]
  restFrom: number
  style: RunStyle
  isOn: boolean | 'some'
  isCurrent: boolean
  onToggle: (line: GroupLine) => void
  onEye: (line: GroupLine) => void
}

/** The line of a group: what its runs came to together, and one eye for all of them. */
export const GroupRow = memo(function GroupRow(props: Props) {
  const { line, top, rowIndex, fixed, fixedWidth, rest, restFrom, style, isOn, isCurrent, onToggle, onEye } = props
  const Chevron = line.isClosed ? ChevronRight : ChevronDown
  return (
    <div
      role="row"
      id={`run-row-${line.id}`}
      data-group={line.name}
      data-current={isCurrent || undefined}
      aria-rowindex={rowIndex}
      aria-expanded={!line.isClosed}
      onClick={() => onToggle(line)}
      className="group/row absolute top-0 left-0 flex w-full contain-layout contain-paint border-line border-b bg-sunken text-sm hover:bg-hover"
      style={{ height: rowHeight, transform: `translateY(${top}px)` }}
    >
      <div
        role="presentation"
        className="sticky left-0 z-10 flex h-full bg-sunken group-hover/row:bg-hover"
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
            label={`${isOn === true ? 'Hide' : 'Show'} all of ${line.name} in charts`}
            title={isOn === true ? 'Hide the group in charts (x)' : 'Show the group in charts (x)'}
            onToggle={() => onEye(line)}
          />
          <Chevron className="ml-0.5 size-3.5 text-ink-3" aria-hidden="true" />
        </div>
        {fixed.map(({ id, column, width }, at) => (
          <div
            key={id}
            role="gridcell"
            aria-colindex={at + 2}
            className={`${cellLook} ${at === fixed.length - 1 ? 'border-line border-r' : ''}`}
            style={{ width }}
          >
            {column ? (
              <Together line={line} column={column} />
            ) : (
              <span className="flex min-w-0 flex-1 items-center gap-1.5">
                <span className="truncate font-medium" title={line.name}>
                  {line.label}
                </span>
                <span className="shrink-0 text-ink-3">{line.members.length}</span>
              </span>
            )}
          </div>
        ))}
      </div>
      {rest.map(({ id, column, width, left }, at) => (
        <div
          key={id}
          role="gridcell"
          aria-colindex={fixed.length + 2 + restFrom + at}
          className={`${cellLook} absolute top-0`}
          style={{ width, left: fixedWidth + left }}
        >
          {column && <Together line={line} column={column} />}
        </div>
      ))}
    </div>
  )
})

function Together({ line, column }: { line: GroupLine; column: Column }) {
  // Of moments a count says nothing.
  if (column.kind === 'own' && ['created', 'finished', 'heard', 'notes', 'run'].includes(column.own)) return null
  const cells = line.members.map(({ run }) => cellValue(run, column))
  const { text, title } = groupCell(cells)
  const isNumber = cells.some(({ number }) => number !== null)
  return (
    <span className={`min-w-0 flex-1 truncate text-ink-2 ${isNumber ? 'text-right' : ''}`} title={title || undefined}>
      {text}
    </span>
  )
}
