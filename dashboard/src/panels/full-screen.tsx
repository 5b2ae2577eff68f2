import { ChevronLeft, ChevronRight, Ellipsis, X } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { byValue, type Reading } from '../charts/nearest.ts'
import { formatValue } from '../data/format.ts'
import { colourOf } from '../data/run-style.ts'
import type { ShownRun } from '../data/shown-runs.ts'
import { IconButton } from '../ui/button.tsx'
import { highlightRun } from '../view/highlight.ts'
import type { PanelLook } from './panel-look.ts'
import { PanelMenu } from './panel-menu.tsx'
import type { RangeLink } from './range-link.ts'
import { useChart } from './use-chart.ts'

const ChartTable = lazy(async () => ({ default: (await import('./chart-table.tsx')).ChartTable }))

interface Props {
  metric: string
  /** All there are to go through, in the order of the page. */
  metrics: readonly string[]
  runs: readonly ShownRun[]
  look: PanelLook
  link: RangeLink
  onRange: (range: [number, number] | null) => void
  onYRange: (metric: string, range: [number, number] | null) => void
  onOpen: (metric: string | null) => void
}

/** One chart over the whole page, with a legend; ← and → go to the next one. */
export function FullScreen(props: Props) {
  const { metric, metrics, onOpen } = props
  const at = metrics.indexOf(metric)
  const go = (by: number) => {
    const next = metrics[at + by]
    if (next) onOpen(next)
  }
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onOpen(null)}>
      <Dialog.Portal>
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-0 z-40 flex flex-col bg-page outline-none"
          onKeyDown={(event) => {
            // On the chart itself arrows read values.
            if (event.target instanceof Element && event.target.closest('.chart-root')) return
            if (event.key === 'ArrowLeft') go(-1)
            else if (event.key === 'ArrowRight') go(1)
            else if (event.key === 'f') onOpen(null)
          }}
        >
          <div className="flex h-11 items-center gap-1 border-line border-b px-3">
            <Dialog.Title className="min-w-0 truncate font-medium text-lg">{metric}</Dialog.Title>
            <span className="ml-2 shrink-0 text-ink-3 text-sm">
              {at + 1} of {metrics.length}
            </span>
            <span className="ml-auto flex">
              <IconButton label="Previous chart" disabled={at <= 0} onClick={() => go(-1)}>
                <ChevronLeft />
              </IconButton>
              <IconButton label="Next chart" disabled={at >= metrics.length - 1} onClick={() => go(1)}>
                <ChevronRight />
              </IconButton>
              <Dialog.Close asChild>
                <IconButton label="Close full screen">
                  <X />
                </IconButton>
              </Dialog.Close>
            </span>
          </div>
          <LargeChart key={metric} {...props} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function LargeChart({ metric, runs, look, link, onRange, onYRange, onOpen }: Props) {
  const root = useRef<HTMLDivElement>(null)
  const [readings, setReadings] = useState<Reading[]>([])
  const [isTable, setIsTable] = useState(false)
  const { state, view, lines } = useChart(root, { ...look, metric, runs }, link, {
    onRange,
    onYRange: (range) => onYRange(metric, range),
    onReadings: (_, next) => setReadings(next),
  })
  // Without a cursor the legend tells the last values.
  const [ends, setEnds] = useState<Reading[]>([])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the state changes when other lines have been drawn
  useEffect(() => {
    const drawn = view.current?.model?.lines ?? []
    setEnds(
      drawn.map((line) => ({ line, row: line.length - 1, x: line.x[line.length - 1]!, y: line.y[line.length - 1]! })),
    )
  }, [state, view])
  const listed = useMemo(() => (readings.length > 0 ? readings : ends).toSorted(byValue), [readings, ends])
  return (
    <div className="flex min-h-0 flex-1 max-sm:flex-col">
      <div className="relative min-h-0 min-w-0 flex-1">
        <div
          ref={root}
          role="img"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows read the chart
          tabIndex={0}
          aria-label={`Chart of ${metric}`}
          className="chart-root absolute inset-2"
        />
        <p className="pointer-events-none absolute right-5 bottom-9 text-ink-3 text-sm">
          {[state.leftOut, state.badge].filter(Boolean).join(' · ')}
        </p>
        <span className="absolute top-1 right-3">
          <PanelMenu
            metric={metric}
            look={look}
            view={view}
            lines={lines}
            onTable={() => setIsTable(true)}
            onOpen={onOpen}
          >
            <IconButton label={`More: ${metric}`}>
              <Ellipsis />
            </IconButton>
          </PanelMenu>
        </span>
      </div>
      <section
        aria-label="Legend"
        className="w-72 overflow-y-auto border-line border-l py-2 max-sm:h-48 max-sm:w-full max-sm:border-t max-sm:border-l-0"
      >
        <ul>
          {listed.map(({ line, row, y }) => (
            <li
              key={line.id}
              className="flex items-center gap-2 px-3 py-0.5 text-sm hover:bg-hover"
              onPointerEnter={() => highlightRun(line.id)}
              onPointerLeave={() => highlightRun(null)}
            >
              <span
                className="w-4 shrink-0"
                style={{ borderTop: `2px ${line.style.dash.length > 0 ? 'dashed' : 'solid'} ${colourOf(line.style)}` }}
              />
              <span className="min-w-0 flex-1 truncate" title={line.title}>
                {line.title}
              </span>
              <span className={Number.isFinite(y) ? '' : 'text-failed'}>{formatValue(y)}</span>
              {line.members && <span className="text-ink-3">n = {line.members[row]}</span>}
            </li>
          ))}
        </ul>
      </section>
      {isTable && lines.current && (
        <Suspense>
          <ChartTable metric={metric} axis={look.x} lines={lines.current} onClose={() => setIsTable(false)} />
        </Suspense>
      )}
    </div>
  )
}
