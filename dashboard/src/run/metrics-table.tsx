import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp, Search } from 'lucide-react'
import { useMemo, useRef, useState } from 'react'
import type { Run } from '../api/queries.ts'
import { formatCount, formatValue, readValue } from '../data/format.ts'
import { TextField } from '../ui/field.tsx'
import { type MetricColumn, metricRows } from './metric-rows.ts'
import { Scroller } from './scroller.tsx'
import { Nothing, Section } from './section.tsx'

type Summary = Run['metrics'][number]

const rowPixels = 28
const fewMetrics = 8

const columns: [column: MetricColumn, title: string][] = [
  ['metric', 'Metric'],
  ['last', 'Last'],
  ['min', 'Min'],
  ['max', 'Max'],
  ['mean', 'Mean'],
  ['count', 'Points'],
]

/** What each metric came to, and at which step. */
export function MetricsTable({ metrics, isRunning }: { metrics: Summary[]; isRunning: boolean }) {
  const [search, setSearch] = useState('')
  const [sort, setSort] = useState<{ column: MetricColumn; isDown: boolean } | null>(null)
  const rows = useMemo(() => metricRows(metrics, { search, sort }), [metrics, search, sort])
  const scroller = useRef<HTMLElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPixels,
    overscan: 10,
  })

  if (metrics.length === 0) {
    return (
      <Section title="Metrics">
        <Nothing>
          {isRunning ? 'Nothing is logged yet; it appears here by itself.' : 'This run has logged no metrics.'}
        </Nothing>
      </Section>
    )
  }

  const next = (column: MetricColumn) => {
    if (sort?.column !== column) setSort({ column, isDown: column !== 'metric' })
    else if (sort.isDown === (column !== 'metric')) setSort({ column, isDown: !sort.isDown })
    else setSort(null)
  }
  const items = virtual.getVirtualItems()
  const above = items[0]?.start ?? 0
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0)

  return (
    <Section
      title="Metrics"
      note={search === '' ? metrics.length.toLocaleString('en') : `${rows.length} of ${metrics.length}`}
      tools={
        metrics.length > fewMetrics && (
          <TextField
            label="Search metrics"
            placeholder="Search metrics"
            icon={<Search />}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            onKeyDown={(event) => event.key === 'Escape' && setSearch('')}
          />
        )
      }
    >
      <Scroller ref={scroller} label="Table of metrics" className="max-h-120 overflow-auto border-line border-t">
        <table aria-rowcount={rows.length + 1} className="w-full min-w-220 table-fixed border-collapse text-sm">
          <thead className="sticky top-0 z-10 bg-page">
            <tr>
              {columns.map(([column, title]) => {
                const isSorted = sort?.column === column
                return (
                  <th
                    key={column}
                    scope="col"
                    aria-sort={isSorted ? (sort.isDown ? 'descending' : 'ascending') : 'none'}
                    className={`h-7 border-line border-b font-normal text-ink-2 ${column === 'metric' ? 'sticky left-0 w-[28%] bg-page text-left' : 'text-right'} ${column === 'count' ? 'w-24' : ''}`}
                  >
                    <button
                      type="button"
                      onClick={() => next(column)}
                      className="inline-flex h-6 items-center gap-1 rounded-[4px] px-1 hover:bg-hover hover:text-ink"
                    >
                      {title}
                      {isSorted &&
                        (sort.isDown ? (
                          <ArrowDown aria-hidden className="size-3" />
                        ) : (
                          <ArrowUp aria-hidden className="size-3" />
                        ))}
                    </button>
                  </th>
                )
              })}
            </tr>
          </thead>
          <tbody>
            {above > 0 && <tr aria-hidden style={{ height: above }} />}
            {items.map(({ index }) => (
              <MetricRow key={rows[index]!.metric} at={index} summary={rows[index]!} />
            ))}
            {below > 0 && <tr aria-hidden style={{ height: below }} />}
          </tbody>
        </table>
      </Scroller>
      {rows.length === 0 && <Nothing>No metric has “{search}” in its name.</Nothing>}
    </Section>
  )
}

function MetricRow({ summary, at }: { summary: Summary; at: number }) {
  const { metric, count, nonfinite, last, last_step, min, min_step, max, max_step, mean } = summary
  return (
    <tr aria-rowindex={at + 2} className="group h-7 hover:bg-hover">
      <th
        scope="row"
        title={metric}
        className="sticky left-0 truncate bg-page px-1 text-left font-mono font-normal group-hover:bg-hover"
      >
        {metric}
      </th>
      <Cell value={last} step={last_step} />
      <Cell value={min} step={min_step} />
      <Cell value={max} step={max_step} />
      <Cell value={mean} />
      <td title={count.toLocaleString('en')} className="px-1 text-right">
        {nonfinite > 0 && (
          <span className="mr-1.5 text-failed" title={`${nonfinite.toLocaleString('en')} of them are NaN or infinite`}>
            {formatCount(nonfinite)} NaN/∞
          </span>
        )}
        {formatCount(count)}
      </td>
    </tr>
  )
}

function Cell({ value, step }: { value: number | string | null; step?: number | null }) {
  const number = readValue(value)
  if (number === null) return <td className="px-1 text-right text-ink-3">–</td>
  return (
    <td
      title={`${value}${step == null ? '' : ` at step ${step.toLocaleString('en')}`}`}
      className="truncate px-1 text-right"
    >
      <span className={Number.isFinite(number) ? '' : 'text-failed'}>{formatValue(number)}</span>
      {step != null && (
        <span className="ml-1.5 inline-block min-w-12 text-left text-ink-3 text-xs">@ {formatCount(step)}</span>
      )}
    </td>
  )
}
