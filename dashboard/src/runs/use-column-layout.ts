import {
  columnOrderingFeature,
  columnPinningFeature,
  columnResizingFeature,
  columnSizingFeature,
  createColumnHelper,
  type Header,
  type Column as TableColumn,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import { useMemo } from 'react'
import type { Run } from '../api/queries.ts'
import { type Column, columnTitle, columnWidth, readColumn, sortedColumn } from '../data/columns.ts'
import { isNumeric } from '../data/run-cells.ts'
import { useView, useViewStore } from '../view/use-view.ts'

const features = tableFeatures({
  columnOrderingFeature,
  columnPinningFeature,
  columnSizingFeature,
  columnResizingFeature,
})
type Features = typeof features
const helper = createColumnHelper<Features, Run>()

/** Below it the table is a list: the name, one value, and the rest to the side. */
export const listWidthMax = 520
/** Eye and check mark. */
export const eyesWidth = 52
const nameWidth = 240
/** The value beside a name in a list takes no more than this; its whole name is in the title. */
const listValueMax = 136

export interface LaidColumn {
  id: string
  /** Undefined of the name. */
  column: Column | undefined
  isNumber: boolean
  width: number
  /** From the left end of its part of the table. */
  left: number
  header: Header<Features, Run, unknown>
}

export interface ColumnLayout {
  /** The name, and what stays beside it when the table scrolls sideways. */
  fixed: LaidColumn[]
  rest: LaidColumn[]
  fixedWidth: number
  width: number
  isList: boolean
  resizing: string | false
}

/** Widths and places of the columns, as TanStack Table has them from the view. */
export function useColumnLayout(runs: Run[], ids: string[], available: number): ColumnLayout {
  const store = useViewStore()
  const { pinned, widths, sort } = useView(({ pinned, widths, sort }) => ({ pinned, widths, sort }))
  const isList = available < listWidthMax
  const known = useMemo(
    () =>
      ids.flatMap((id) => {
        const column = readColumn(id)
        // In a list the sign before the name says it.
        return column && !(isList && id === 'status') ? [column] : []
      }),
    [ids, isList],
  )
  const first = isList ? (sortedColumn(ids, sort, runs) ?? known.find(({ kind }) => kind === 'metric')?.id) : undefined
  const ordered = useMemo(
    () => [...known].sort((one, other) => Number(other.id === first) - Number(one.id === first)),
    [known, first],
  )
  const isStretched = isList && widths.name === undefined
  const firstWidth = ordered[0] ? (widths[ordered[0].id] ?? widthOf(ordered[0], isList)) : 0
  const stretched = Math.max(120, Math.floor(available - eyesWidth - firstWidth))
  const columns = useMemo(
    () => [
      helper.display({ id: 'name', header: 'Name', size: nameWidth, minSize: 100, maxSize: 1200 }),
      ...ordered.map((column) =>
        helper.display({
          id: column.id,
          header: columnTitle(column),
          size: widthOf(column, isList),
          minSize: 48,
          maxSize: 800,
        }),
      ),
    ],
    [ordered, isList],
  )
  const columnPinning = useMemo(
    () => ({ start: ['name', ...(isList ? [] : pinned.filter((id) => ids.includes(id)))], end: [] }),
    [pinned, ids, isList],
  )
  const columnSizing = useMemo(
    () => (isStretched ? { ...widths, name: stretched } : widths),
    [widths, isStretched, stretched],
  )
  const table = useTable({
    features,
    columns,
    data: runs,
    columnResizeMode: 'onChange',
    state: { columnPinning, columnSizing },
    onColumnSizingChange: (change) =>
      store.change('resize a column', ({ widths: before }) => {
        const after = typeof change === 'function' ? change({ ...columnSizing, ...before }) : change
        const { name, ...others } = after
        // A name that fills the list keeps doing so until it is itself resized.
        return { widths: name === undefined || (isStretched && name === stretched) ? others : after }
      }),
  })
  const numeric = useMemo(
    () => new Set(known.filter((column) => isNumeric(column, runs)).map(({ id }) => id)),
    [known, runs],
  )
  const place = (headers: Header<Features, Run, unknown>[]): LaidColumn[] => {
    let left = 0
    return headers.map((header) => {
      const column = readColumn(header.id)
      const isNumber = numeric.has(header.id)
      const laid = { id: header.id, column, isNumber, width: sizeOf(header.column), left, header }
      left += laid.width
      return laid
    })
  }
  const fixed = place(table.getStartLeafHeaders())
  const rest = place(table.getCenterLeafHeaders())
  const fixedWidth = eyesWidth + sum(fixed)
  return {
    fixed,
    rest,
    fixedWidth,
    width: fixedWidth + sum(rest),
    isList,
    resizing: table.state.columnResizing.isResizingColumn,
  }
}

const widthOf = (column: Column, isList: boolean) =>
  isList ? Math.min(columnWidth(column), listValueMax) : columnWidth(column)
const sizeOf = (column: TableColumn<Features, Run, unknown>) => Math.round(column.getSize())
const sum = (columns: LaidColumn[]) => columns.reduce((all, { width }) => all + width, 0)
