import { useMemo } from 'react'
import { axisName } from '../charts/axis-text.ts'
import { formatMoment, formatValue } from '../data/format.ts'
import { Dialog } from '../ui/dialog.tsx'
import type { PanelLines } from './panel-lines.ts'

/** More rows are for a file, not for eyes. */
const rowsMax = 1_000

/** The chart behind the picture: each line with its values, for those who can't see it or want to read numbers. */
export function ChartTable({
  metric,
  axis,
  lines: panel,
  onClose,
}: {
  metric: string
  axis: string
  lines: PanelLines
  onClose: () => void
}) {
  const lines = useMemo(() => panel.draw(panel.extent), [panel])
  const rows = lines.flatMap((line) => Array.from({ length: line.length }, (_, row) => ({ line, row })))
  const isBucketed = lines.some(({ low }) => low !== null)
  const place = (x: number) => (axis === 'time' ? formatMoment(x) : formatValue(x, 12))
  return (
    <Dialog title={metric} isOpen onClose={onClose} width="w-200">
      <table className="w-full text-sm">
        <thead className="sticky top-0 bg-raised text-left text-ink-2">
          <tr>
            <th className="py-1 pr-4 font-normal">run</th>
            <th className="py-1 pr-4 text-right font-normal">{axisName(axis)}</th>
            <th className="py-1 pr-4 text-right font-normal">{isBucketed ? 'mean' : 'value'}</th>
            {isBucketed && <th className="py-1 pr-4 text-right font-normal">min</th>}
            {isBucketed && <th className="py-1 pr-4 text-right font-normal">max</th>}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, rowsMax).map(({ line, row }) => (
            <tr key={`${line.id} ${row}`} className="border-line border-t">
              <td className="max-w-60 truncate py-0.5 pr-4">{line.title}</td>
              <td className="py-0.5 pr-4 text-right">{place(line.x[row]!)}</td>
              <td className={`py-0.5 pr-4 text-right ${Number.isFinite(line.y[row]!) ? '' : 'text-failed'}`}>
                {formatValue(line.y[row]!, 6)}
              </td>
              {isBucketed && (
                <td className="py-0.5 pr-4 text-right">{line.low ? formatValue(line.low[row]!, 6) : ''}</td>
              )}
              {isBucketed && (
                <td className="py-0.5 pr-4 text-right">{line.high ? formatValue(line.high[row]!, 6) : ''}</td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > rowsMax && (
        <p className="pt-3 text-ink-3 text-sm">
          The first {rowsMax.toLocaleString('en-US')} of {rows.length.toLocaleString('en-US')} rows. The panel's menu
          downloads them all.
        </p>
      )}
    </Dialog>
  )
}
