// biome-ignore-all lint/a11y/useSemanticElements: a table of the browser's can't leave out what is not seen
// biome-ignore-all lint/a11y/useFocusableInteractive: cells are read; what can be done in them has its own buttons
// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
import { Link } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp, ArrowUpDown, Ellipsis } from 'lucide-react'
import { memo, useEffect, useMemo, useRef } from 'react'
import type { Run } from '../api/queries.ts'
import { runStyle } from '../data/run-style.ts'
import { titleOf } from '../data/shown-runs.ts'
import { useFeed } from '../live/use-feed.ts'
import type { Search } from '../router.tsx'
import { IconButton } from '../ui/button.tsx'
import { Menu, MenuItem } from '../ui/menu.tsx'
import { RunLine } from '../ui/run-line.tsx'
import { StatusMark } from '../ui/status-mark.tsx'
import { isSame, type Row, type RowOrder } from './difference.ts'
import { type FieldSection, formatField, type Goal, readMetricField } from './fields.ts'
import { useSize } from './use-size.ts'

const lineHeight = 28
const headerHeight = 36
/** A whole moment fits; on a phone two runs side by side do. */
const columnWidths = { wide: 160, narrow: 124 }

type Line = { kind: 'section'; section: FieldSection; count: number } | { kind: 'row'; row: Row }

interface Props {
  /** In the order in which they are shown. */
  runs: readonly Run[]
  /** Where each of them stands among the values of a row. */
  places: readonly number[]
  rows: readonly Row[]
  order: RowOrder | undefined
  onOrder: (order: RowOrder | undefined) => void
  onGoal: (metric: string, goal: Goal) => void
  onChoose: (names: string[]) => void
}

/** A table of which only what is seen is there, both ways: 500 runs of 500 keys are a quarter of a million cells. */
export function DifferenceGrid({ runs, places, rows, order, onOrder, onGoal, onChoose }: Props) {
  const lines = useMemo(() => linesOf(rows), [rows])
  const scroller = useRef<HTMLDivElement | null>(null)
  const [sizeRef, { width }] = useSize()
  const isNarrow = width < 600
  const firstWidth = isNarrow ? 132 : 240
  const columnWidth = columnWidths[isNarrow ? 'narrow' : 'wide']
  const across = useVirtualizer({
    count: runs.length,
    horizontal: true,
    getScrollElement: () => scroller.current,
    estimateSize: () => columnWidth,
    paddingStart: firstWidth,
    overscan: 2,
  })
  const down = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => lineHeight,
    paddingStart: headerHeight,
    overscan: 8,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: columns are measured anew when their width turns
  useEffect(() => across.measure(), [isNarrow])
  const columns = across.getVirtualItems()
  const names = runs.map(({ name }) => name)
  return (
    <div
      ref={(element) => {
        scroller.current = element
        return element ? sizeRef(element) : undefined
      }}
      role="table"
      aria-label="Runs side by side"
      aria-rowcount={lines.length + 1}
      aria-colcount={runs.length + 1}
      tabIndex={0}
      data-compare-table
      className="relative min-h-0 flex-1 overflow-auto border-line border-t"
    >
      <div role="rowgroup" className="sticky top-0 z-20" style={{ width: across.getTotalSize(), height: 0 }}>
        <div
          role="row"
          aria-rowindex={1}
          className="relative border-line border-b bg-page"
          style={{ height: headerHeight }}
        >
          <div
            role="columnheader"
            aria-colindex={1}
            className="sticky left-0 z-10 flex h-full items-center border-line border-r bg-page px-3 text-ink-3 text-sm"
            style={{ width: firstWidth }}
          >
            {runs.length} run{runs.length === 1 ? '' : 's'}
          </div>
          {columns.map(({ index, start }) => (
            <RunHeader
              key={runs[index]!.name}
              run={runs[index]!}
              at={index}
              left={start}
              width={columnWidth}
              names={names}
              onChoose={onChoose}
            />
          ))}
        </div>
      </div>
      <div role="rowgroup" className="relative" style={{ width: across.getTotalSize(), height: down.getTotalSize() }}>
        {down.getVirtualItems().map(({ index, start }) => {
          const line = lines[index]!
          return (
            <div
              key={line.kind === 'section' ? line.section : line.row.id}
              role="row"
              aria-rowindex={index + 2}
              className="absolute left-0 w-full border-line border-b"
              style={{ top: start, height: lineHeight }}
            >
              {line.kind === 'section' ? (
                <div
                  role="rowheader"
                  aria-colindex={1}
                  className="sticky left-0 flex h-full w-fit items-center gap-2 px-3 font-medium text-sm"
                >
                  {line.section} <span className="font-normal text-ink-3 text-xs">{line.count}</span>
                </div>
              ) : (
                <>
                  <RowHeader row={line.row} width={firstWidth} order={order} onOrder={onOrder} onGoal={onGoal} />
                  {columns.map((column) => (
                    <Cell
                      key={column.index}
                      row={line.row}
                      place={places[column.index]!}
                      first={places[0]!}
                      at={column.index}
                      left={column.start}
                      width={columnWidth}
                    />
                  ))}
                </>
              )}
            </div>
          )
        })}
      </div>
    </div>
  )
}

function linesOf(rows: readonly Row[]): Line[] {
  const lines: Line[] = []
  for (const [section, its] of Map.groupBy(rows, (row) => row.section)) {
    lines.push({ kind: 'section', section, count: its.length })
    lines.push(...its.map((row): Line => ({ kind: 'row', row })))
  }
  return lines
}

interface RunHeaderProps {
  run: Run
  at: number
  left: number
  width: number
  names: readonly string[]
  onChoose: (names: string[]) => void
}

function RunHeader({ run, at, left, width, names, onChoose }: RunHeaderProps) {
  const { project } = useFeed()
  const title = titleOf(run)
  const others = names.filter((name) => name !== run.name)
  return (
    <div
      role="columnheader"
      aria-colindex={at + 2}
      data-run={run.name}
      className="absolute top-0 flex h-full items-center gap-1.5 pr-1 pl-2"
      style={{ left, width }}
    >
      <RunLine style={runStyle(run.number)} />
      <StatusMark status={run.status} />
      <Link
        to="/projects/$project/runs/$run"
        params={{ project, run: run.name }}
        search={({ tab: _, ...rest }: Search) => rest}
        title={title}
        className="min-w-0 flex-1 truncate font-medium text-sm hover:underline"
      >
        {title}
      </Link>
      <Menu
        align="end"
        trigger={
          <IconButton label={`What to do with ${title}`} className="size-6!">
            <Ellipsis />
          </IconButton>
        }
      >
        <MenuItem isDisabled={at === 0} onSelect={() => onChoose([run.name, ...others])}>
          Compare the others with it
        </MenuItem>
        <MenuItem isDisabled={at === 0} onSelect={() => onChoose(moved(names, at, -1))}>
          Move left
        </MenuItem>
        <MenuItem isDisabled={at === names.length - 1} onSelect={() => onChoose(moved(names, at, 1))}>
          Move right
        </MenuItem>
        <MenuItem onSelect={() => onChoose(others)}>Take off</MenuItem>
      </Menu>
    </div>
  )
}

function moved(names: readonly string[], at: number, by: number): string[] {
  const next = [...names]
  next.splice(at + by, 0, ...next.splice(at, 1))
  return next
}

interface RowHeaderProps {
  row: Row
  width: number
  order: RowOrder | undefined
  onOrder: Props['onOrder']
  onGoal: Props['onGoal']
}

const RowHeader = memo(function RowHeader({ row, width, order, onOrder, onGoal }: RowHeaderProps) {
  const metric = readMetricField(row.id)
  const direction = order?.id === row.id ? order.direction : undefined
  const Icon = direction === 'ascending' ? ArrowUp : direction === 'descending' ? ArrowDown : ArrowUpDown
  // The best first, then the other way, then as before.
  const first = row.goal === 'max' ? 'descending' : 'ascending'
  const second = first === 'ascending' ? 'descending' : 'ascending'
  const next = direction === undefined ? first : direction === first ? second : undefined
  const goal = row.goal === 'max' ? 'more' : 'less'
  return (
    <div
      role="rowheader"
      aria-colindex={1}
      aria-sort={direction ?? (row.isNumeric ? 'none' : undefined)}
      className="group/row sticky left-0 z-10 flex h-full items-center gap-1 border-line border-r bg-page pr-1 pl-3 text-sm"
      style={{ width }}
    >
      <span className={`min-w-0 truncate ${row.differs ? '' : 'text-ink-2'}`} title={metric?.metric ?? row.label}>
        {metric?.metric ?? row.label}
      </span>
      {metric && <span className="shrink-0 text-ink-3"> {metric.stat}</span>}
      <span className="flex-1" />
      {metric?.stat === 'best' && (
        <button
          type="button"
          className="shrink-0 rounded-[4px] px-1 text-ink-3 text-xs hover:bg-hover hover:text-ink"
          aria-label={`${metric.metric}: ${goal} is better. Turn it round`}
          title={`${goal} is better, by its name. Click to turn it round`}
          onClick={() => onGoal(metric.metric, row.goal === 'max' ? 'min' : 'max')}
        >
          {goal === 'more' ? '↑' : '↓'}
          <span className="max-sm:hidden"> {goal}</span>
        </button>
      )}
      {row.isNumeric && row.differs && (
        <IconButton
          label={`Order runs by ${row.label}${next === undefined ? ' no more' : `, ${next}`}`}
          className={`size-6! [&_svg]:size-3.5! ${direction ? 'text-accent!' : ''}`}
          onClick={() => onOrder(next && { id: row.id, direction: next })}
        >
          <Icon />
        </IconButton>
      )}
    </div>
  )
})

interface CellProps {
  row: Row
  place: number
  first: number
  at: number
  left: number
  width: number
}

/** What differs from the first run has a sign and weight, and the best of a line a star: nothing by colour alone. */
const Cell = memo(function Cell({ row, place, first, at, left, width }: CellProps) {
  const value = row.values[place]
  const text = formatField(row.id, value)
  const isBest = row.best.includes(place)
  const isOther =
    (row.section === 'Config' || row.section === 'Summary') && place !== first && !isSame(value, row.values[first])
  const isBroken = typeof value === 'number' && !Number.isFinite(value)
  return (
    <div
      role="cell"
      aria-colindex={at + 2}
      title={text}
      className={`absolute top-0 flex h-full items-center gap-1 px-2 text-sm ${row.isNumeric ? 'justify-end' : ''} ${isOther ? 'font-medium' : ''} ${isBest ? 'font-semibold' : ''} ${isBroken ? 'text-failed' : value === undefined ? 'text-ink-3' : ''}`}
      style={{ left, width }}
    >
      {isOther && (
        <span aria-hidden className="shrink-0 text-ink-3">
          ≠
        </span>
      )}
      {isOther && <span className="sr-only">differs:</span>}
      {isBest && (
        <span aria-hidden className="shrink-0 text-accent">
          ★
        </span>
      )}
      {isBest && <span className="sr-only">best:</span>}
      <span className="min-w-0 truncate">{text}</span>
    </div>
  )
})
