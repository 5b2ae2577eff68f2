// Rows in sight alone, of columns in sight alone, can't be a table of the browser's; they are one by their roles.
// biome-ignore-all lint/a11y/useSemanticElements: as above
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and names its current row
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid listens to the keys of all its rows

import { useVirtualizer } from '@tanstack/react-virtual'
import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
} from 'react'
import type { Run } from '../api/queries.ts'
import { groupStyles } from '../data/group-styles.ts'
import { groupName } from '../data/run-groups.ts'
import { runStyle } from '../data/run-style.ts'
import { type Eyes, eyeTest } from '../data/shown-runs.ts'
import type { GroupLine, RunLine, TableLine } from '../data/table-lines.ts'
import { GridHeader, headerHeight } from './grid-header.tsx'
import { GroupRow } from './group-row.tsx'
import { type RowHands, RunRow, rowHeight } from './run-row.tsx'
import type { Choice } from './use-choice.ts'
import type { ColumnDeeds } from './use-column-deeds.ts'
import { type ColumnLayout, eyesWidth, type LaidColumn } from './use-column-layout.ts'

interface Props {
  scroller: RefObject<HTMLDivElement | null>
  /** All that are in the list, closed groups too. */
  runs: readonly Run[]
  lines: TableLine[]
  layout: ColumnLayout
  eyes: Eyes
  sort: string
  choice: Choice
  hands: RowHands
  columnDeeds: ColumnDeeds
  /** The line at `scroller`'s current row is to be seen. */
  onGroup: (line: GroupLine) => void
  onGroupEye: (line: GroupLine) => void
  onKeyDown: (event: KeyboardEvent<HTMLDivElement>) => void
  corner: ReactNode
  /** In the place of rows when there are none. */
  children: ReactNode
}

/** The table itself: only the rows and columns in sight are there. */
export function RunGrid(props: Props) {
  const { scroller, runs, lines, layout, eyes, sort, choice, hands, columnDeeds, onGroup, onGroupEye, onKeyDown } =
    props
  const { fixed, rest, fixedWidth, width, isList, resizing } = layout
  const sizes = signatureOf(rest)
  const styles = useMemo(() => groupStyles(runs, eyes.group), [runs, eyes.group])
  const styleOf = (run: Run) => {
    const group = eyes.colourBy === 'group' ? groupName(run, eyes.group) : undefined
    return (group === undefined ? undefined : styles.get(group)) ?? runStyle(run.number)
  }
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    // A function of its own for each drawing would have all places computed anew.
    getItemKey: useCallback((at: number) => lines[at]!.id, [lines]),
    paddingStart: headerHeight,
    scrollPaddingStart: headerHeight,
    // What is done with the chosen runs stands over the foot.
    paddingEnd: choice.chosen.size > 0 ? 52 : 0,
    overscan: 12,
    // Both of these read where it is scrolled to: drawn in between, the browser would lay all of it out twice.
    useFlushSync: false,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: `sizes` stands for the columns
  const restIds = useMemo(() => rest.map(({ id }) => id), [sizes])
  const columns = useVirtualizer({
    horizontal: true,
    count: rest.length,
    getScrollElement: () => scroller.current,
    estimateSize: (at) => rest[at]!.width,
    getItemKey: useCallback((at: number) => restIds[at]!, [restIds]),
    paddingStart: fixedWidth,
    overscan: 2,
    useFlushSync: false,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: it measures when what it measures has changed
  useLayoutEffect(() => columns.measure(), [sizes, fixedWidth])
  const inSight = columns.getVirtualItems()
  const restFrom = inSight[0]?.index ?? 0
  const restTo = (inSight.at(-1)?.index ?? -1) + 1
  // biome-ignore lint/correctness/useExhaustiveDependencies: `sizes` stands for the columns
  const restInSight = useMemo(() => rest.slice(restFrom, restTo), [sizes, restFrom, restTo])
  const fixedSizes = signatureOf(fixed)
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  const fixedInSight = useMemo(() => fixed, [fixedSizes])

  useKeptPlace(scroller, lines)

  const at = choice.current === null ? -1 : lines.findIndex(({ id }) => id === choice.current)
  // biome-ignore lint/correctness/useExhaustiveDependencies: it follows the current line, not the list
  useEffect(() => {
    if (at >= 0) rows.scrollToIndex(at, { align: 'auto' })
  }, [choice.current])

  const isOn = useMemo(() => eyeTest(eyes), [eyes])
  const hasMark = isList || !fixed.concat(rest).some(({ id }) => id === 'status')
  const isAnyGrouped = lines.some(({ kind }) => kind === 'group')

  const drawRun = (line: RunLine, top: number, rowIndex: number) => (
    <RunRow
      key={line.id}
      line={line}
      top={top}
      rowIndex={rowIndex}
      fixed={fixedInSight}
      fixedWidth={fixedWidth}
      rest={restInSight}
      restFrom={restFrom}
      hasMark={hasMark}
      style={styleOf(line.run)}
      isOn={isOn(line.run.name, line.at)}
      isChosen={choice.chosen.has(line.run.name)}
      isCurrent={choice.current === line.id}
      hands={hands}
    />
  )
  const drawGroup = (line: GroupLine, top: number, rowIndex: number) => (
    <GroupRow
      key={line.id}
      line={line}
      top={top}
      rowIndex={rowIndex}
      fixed={fixedInSight}
      fixedWidth={fixedWidth}
      rest={restInSight}
      restFrom={restFrom}
      style={styles.get(line.name) ?? runStyle(1)}
      isOn={eyeOfGroup(line, isOn)}
      isCurrent={choice.current === line.id}
      onToggle={onGroup}
      onEye={onGroupEye}
    />
  )

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the role is one of two, which is not seen here
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: as above
    <div
      ref={scroller}
      data-run-table
      role={isAnyGrouped ? 'treegrid' : 'grid'}
      aria-label="Runs"
      aria-multiselectable="true"
      aria-rowcount={lines.length + 1}
      aria-colcount={fixed.length + rest.length + 1}
      aria-activedescendant={at >= 0 ? `run-row-${choice.current}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      // The row that keys act on shows the focus; before there is one, the grid does.
      className={`group/grid relative min-h-0 flex-1 overflow-auto overscroll-contain ${at >= 0 ? 'outline-none focus-visible:outline-none' : '-outline-offset-2'}`}
    >
      <div role="presentation" className="relative min-w-full" style={{ width, height: rows.getTotalSize() }}>
        <GridHeader
          fixed={fixed}
          fixedWidth={fixedWidth}
          rest={restInSight}
          restFrom={restFrom}
          sort={sort}
          resizing={resizing}
          deeds={columnDeeds}
        >
          {props.corner}
        </GridHeader>
        {rows.getVirtualItems().map(({ index, start }) => {
          const line = lines[index]!
          return line.kind === 'run' ? drawRun(line, start, index + 2) : drawGroup(line, start, index + 2)
        })}
      </div>
      {props.children}
    </div>
  )
}

const signatureOf = (columns: LaidColumn[]) =>
  columns.map(({ id, width, isNumber }) => `${id}:${width}:${isNumber}`).join()

function eyeOfGroup(line: GroupLine, isOn: (name: string, at: number) => boolean): boolean | 'some' {
  const on = line.members.filter(({ run, at }) => isOn(run.name, at)).length
  return on === line.members.length ? true : on > 0 ? 'some' : false
}

/** What one looks at stays under the eyes when runs come or go above it; at the very top new ones are seen coming. */
function useKeptPlace(scroller: RefObject<HTMLDivElement | null>, lines: TableLine[]): void {
  const before = useRef<TableLine[]>(lines)
  useLayoutEffect(() => {
    const element = scroller.current
    const old = before.current
    before.current = lines
    if (!element || old === lines || element.scrollTop < rowHeight) return
    const top = Math.floor(element.scrollTop / rowHeight)
    const anchor = old[top]?.id
    if (anchor === undefined || lines[top]?.id === anchor) return
    const now = lines.findIndex(({ id }) => id === anchor)
    if (now >= 0) element.scrollTop += (now - top) * rowHeight
  }, [lines, scroller])
}

/** The grid in the shape that it will have, while the runs are on their way. */
export function GridSkeleton() {
  return (
    <div role="status" aria-label="Loading runs" className="min-h-0 flex-1 overflow-hidden">
      <div className="border-line border-b" style={{ height: headerHeight }} />
      {Array.from({ length: 40 }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
        <div key={at} className="flex items-center gap-2 pl-1" style={{ height: rowHeight }}>
          <span className="size-3.5 rounded-full bg-hover" style={{ marginLeft: 5, marginRight: eyesWidth - 34 }} />
          <span className="h-2.5 rounded-full bg-hover" style={{ width: 90 + ((at * 37) % 70) }} />
          <span className="mr-4 ml-auto h-2.5 w-12 rounded-full bg-hover" />
        </div>
      ))}
    </div>
  )
}

export const runsOf = (lines: readonly TableLine[]): Run[] =>
  lines.flatMap((line) => (line.kind === 'run' ? [line.run] : line.isClosed ? line.members.map(({ run }) => run) : []))
