import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef } from 'react'
import type { Artifact } from '../api/queries.ts'
import { useFileBeginning } from './artifact-bytes.ts'
import { NoPreview } from './no-preview.tsx'
import { isText } from './preview-kind.ts'
import { Scroller } from './scroller.tsx'
import { ShowMore } from './show-more.tsx'
import { isNumberColumn, readTable } from './table-file.ts'

const rowPixels = 26

/** A CSV or TSV file as a table, of which the rows that are seen are drawn. */
export default function TablePreview({ at, artifact }: { at: string; artifact: Artifact }) {
  const { value, error, isWhole, isReading, more } = useFileBeginning(at, artifact)
  const table = useMemo(() => value && readTable(value.text, { isWhole }), [value, isWhole])
  const isRight = useMemo(() => table?.columns.map((_, at) => isNumberColumn(table.rows, at)) ?? [], [table])
  const scroller = useRef<HTMLElement>(null)
  const virtual = useVirtualizer({
    count: table?.rows.length ?? 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPixels,
    overscan: 10,
  })

  if (error) return <NoPreview>It can’t be read: {error.message}.</NoPreview>
  if (!value || !table) return <NoPreview>On its way …</NoPreview>
  if (!isText(value.head)) return <NoPreview>Its name says that it is a table, and it is not text.</NoPreview>

  const items = virtual.getVirtualItems()
  const above = items[0]?.start ?? 0
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0)
  const leftOut = [
    table.columnsLeftOut > 0 && `${table.columnsLeftOut.toLocaleString('en')} more columns`,
    table.rowsLeftOut > 0 && `${table.rowsLeftOut.toLocaleString('en')} more rows`,
  ].filter((text) => text !== false)
  return (
    <>
      <Scroller
        ref={scroller}
        label={artifact.name}
        className="min-h-0 flex-1 overflow-auto rounded-(--radius) border border-line"
      >
        <table aria-rowcount={table.rows.length + 1} className="table-fixed border-collapse font-mono text-sm">
          <thead className="sticky top-0 z-10 bg-sunken">
            <tr>
              <th scope="col" className="w-16 px-2 text-right font-normal text-ink-3">
                #
              </th>
              {table.columns.map((column, at) => (
                <th
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns may have the same name
                  key={at}
                  scope="col"
                  title={column}
                  style={{ width: `calc(${table.widths[at]}ch + 16px)` }}
                  className={`h-7 truncate px-2 font-medium ${isRight[at] ? 'text-right' : 'text-left'}`}
                >
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {above > 0 && <tr aria-hidden style={{ height: above }} />}
            {items.map(({ index }) => (
              <tr key={index} aria-rowindex={index + 2} className="h-6.5 border-line border-t hover:bg-hover">
                <td className="px-2 text-right text-ink-3">{index + 1}</td>
                {table.columns.map((_, at) => (
                  <td
                    // biome-ignore lint/suspicious/noArrayIndexKey: columns may have the same name
                    key={at}
                    title={table.rows[index]![at]}
                    className={`truncate px-2 ${isRight[at] ? 'text-right' : ''}`}
                  >
                    {table.rows[index]![at]}
                  </td>
                ))}
              </tr>
            ))}
            {below > 0 && <tr aria-hidden style={{ height: below }} />}
          </tbody>
        </table>
      </Scroller>
      <p className="mt-1 text-ink-3 text-sm">
        {table.rows.length.toLocaleString('en')} rows, {table.columns.length} columns
        {leftOut.length > 0 && `; left out: ${leftOut.join(', ')}`}
      </p>
      <ShowMore bytesRead={value.bytesRead} bytes={artifact.file_size} isReading={isReading} onMore={more} />
    </>
  )
}
