import Papa from 'papaparse'

/** A CSV or TSV file, as far as it is read, as rows of a table. */
export interface TableFile {
  /** The first row; made up where the file has none. */
  columns: string[]
  rows: string[][]
  /** Columns that are left out of `columns` and `rows`, since nobody reads so many side by side. */
  columnsLeftOut: number
  rowsLeftOut: number
  /** The width of each column in characters, for all rows the same. */
  widths: number[]
}

/** A table of more columns is for a program. */
export const columnsMax = 200
export const rowsMax = 200_000
/** So many rows say how wide a column is; of what is longer the beginning is shown. */
const measuredRows = 200
const widthMin = 4
const widthMax = 48

/**
 * @param text the file, or its beginning
 * @param isWhole false: the last line may be cut off, and is left out
 */
export function readTable(text: string, { isWhole }: { isWhole: boolean }): TableFile {
  const { data } = Papa.parse<string[]>(text.replace(/^\uFEFF/, ''), { skipEmptyLines: 'greedy' })
  if (!isWhole && data.length > 1) data.pop()
  const [header = [], ...rows] = data
  const width = data.slice(0, measuredRows).reduce((most, row) => Math.max(most, row.length), 0)
  const shownWidth = Math.min(width, columnsMax)
  const columns = Array.from({ length: shownWidth }, (_, at) => header[at] || `column ${at + 1}`)
  const shown = rows.slice(0, rowsMax)
  return {
    columns,
    rows: shown,
    columnsLeftOut: width - shownWidth,
    rowsLeftOut: rows.length - shown.length,
    widths: columns.map((column, at) => {
      const longest = shown.slice(0, measuredRows).reduce((most, row) => Math.max(most, row[at]?.length ?? 0), 0)
      return Math.min(widthMax, Math.max(widthMin, column.length, longest))
    }),
  }
}

/** Whether a column holds numbers, which then stand at its right. */
export function isNumberColumn(rows: string[][], at: number): boolean {
  const cells = rows.slice(0, measuredRows).map((row) => (row[at] ?? '').trim())
  const filled = cells.filter((cell) => cell !== '')
  return (
    filled.length > 0 &&
    filled.every((cell) => /^nan$/i.test(cell) || /^[+-]?inf(inity)?$/i.test(cell) || !Number.isNaN(Number(cell)))
  )
}
