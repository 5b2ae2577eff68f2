import { Ellipsis, Maximize2, Pin } from 'lucide-react'
import { lazy, memo, Suspense, useEffect, useId, useRef, useState } from 'react'
import type { ShownRun } from '../data/shown-runs.ts'
import { Button, IconButton } from '../ui/button.tsx'
import type { markDrawn } from './drawn-marks.ts'
import type { PanelLook } from './panel-look.ts'
import { PanelMenu } from './panel-menu.tsx'
import { sentenceOf } from './panel-words.ts'
import type { RangeLink } from './range-link.ts'
import { ResizeHandle } from './resize-handle.tsx'
import { useChart } from './use-chart.ts'

const ChartTable = lazy(async () => ({ default: (await import('./chart-table.tsx')).ChartTable }))

interface Props {
  metric: string
  title: string
  runs: readonly ShownRun[]
  /** More of them are on their way. */
  isWaiting: boolean
  /** It is seen at once, as far as can be told before it is there. */
  isInSight: boolean
  look: PanelLook
  link: RangeLink
  height: number
  onRange: (range: [number, number] | null) => void
  onYRange: (metric: string, range: [number, number] | null) => void
  onOpen: (metric: string) => void
  onDrawn: typeof markDrawn
}

/** A place for a chart in the grid: the chart itself is there only when it is seen, or nearly. */
export const Panel = memo(function Panel(props: Props) {
  const root = useRef<HTMLElement>(null)
  const [isNear, setIsNear] = useState(props.isInSight)
  const width = useRef(0)
  useEffect(() => {
    const observer = new IntersectionObserver(
      ([entry]) => {
        width.current = entry!.boundingClientRect.width
        setIsNear(entry!.isIntersecting)
      },
      {
        rootMargin: '200px 0px',
      },
    )
    observer.observe(root.current!)
    return () => observer.disconnect()
  }, [])
  const { metric, height, look } = props
  return (
    <section
      ref={root}
      data-panel={metric}
      aria-label={metric}
      className="group/panel relative min-w-0 border-line border-r border-b"
      style={{ height: height * Math.max(1, look.tall), gridColumn: `span ${Math.max(1, look.wide)}` }}
    >
      {isNear ? <LivePanel {...props} width={width.current} /> : <h3 className="sr-only">{props.title}</h3>}
    </section>
  )
})

function LivePanel(props: Omit<Props, 'isInSight'> & { width: number }) {
  const { metric, title, runs, isWaiting, look, link, onRange, onYRange, onOpen, onDrawn, width } = props
  const root = useRef<HTMLDivElement>(null)
  const hint = useId()
  const [isTable, setIsTable] = useState(false)
  const hand = { onRange, onYRange: (range: [number, number] | null) => onYRange(metric, range) }
  const { state, view, lines } = useChart(root, { ...look, metric, runs }, link, hand, width)
  const { badge, leftOut, isLoading, isDetailLoading, isEmpty, problem } = state
  const isComplete = runs.length > 0 && state.runs === runs.length
  useEffect(() => onDrawn(metric, { isComplete, hasLines: !isEmpty }), [metric, isComplete, isEmpty, onDrawn])
  const missing = !isEmpty && problem ? `some runs are missing: ${problem.message}` : null
  const notes = [missing, leftOut, badge].filter(Boolean).join(' · ')
  const sentence = () => sentenceOf(metric, look.x, view.current?.model?.lines ?? [])
  return (
    <>
      <header className="flex h-7 items-center gap-1 pr-1 pl-3">
        <h3 className="max-w-[65%] shrink-0 truncate font-medium text-sm" title={metric}>
          {look.isPinned && <Pin aria-label="pinned" className="mr-1 inline size-3 text-ink-3" />}
          {title}
        </h3>
        {look.yScale !== 'linear' && <span className="shrink-0 text-ink-3 text-xs">{look.yScale}</span>}
        <span className="ml-auto min-w-0 shrink-[2] truncate pl-2 text-right text-ink-3 text-xs" title={notes}>
          {notes}
        </span>
        <span className="flex shrink-0 items-center opacity-0 focus-within:opacity-100 group-focus-within/panel:opacity-100 group-hover/panel:opacity-100 pointer-coarse:opacity-100">
          <IconButton label={`Full screen: ${metric}`} onClick={() => onOpen(metric)} className="size-6!">
            <Maximize2 />
          </IconButton>
          <PanelMenu
            metric={metric}
            look={look}
            view={view}
            lines={lines}
            onTable={() => setIsTable(true)}
            onOpen={onOpen}
          >
            <IconButton label={`More: ${metric}`} className="size-6!">
              <Ellipsis />
            </IconButton>
          </PanelMenu>
        </span>
      </header>
      <div
        ref={root}
        role="img"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows read the chart
        tabIndex={0}
        aria-label={`Chart of ${metric}`}
        aria-describedby={hint}
        onFocus={(event) => event.currentTarget.setAttribute('aria-label', sentence())}
        className="chart-root absolute inset-x-0 top-7 bottom-1"
      />
      <span id={hint} className="sr-only">
        Arrow keys read values, plus and minus zoom, 0 goes back. The menu shows it as a table.
      </span>
      {isEmpty && (
        <EmptyPanel
          isLoading={isLoading || isWaiting}
          runs={runs.length}
          problem={problem}
          onRetry={() => lines.current?.retry()}
        />
      )}
      {isDetailLoading && <div className="absolute inset-x-0 top-7 h-0.5 bg-accent motion-safe:animate-pulse" />}
      <ResizeHandle metric={metric} />
      {isTable && lines.current && (
        <Suspense>
          <ChartTable metric={metric} axis={look.x} lines={lines.current} onClose={() => setIsTable(false)} />
        </Suspense>
      )}
    </>
  )
}

function EmptyPanel(props: { isLoading: boolean; runs: number; problem: Error | null; onRetry: () => void }) {
  const { isLoading, runs, problem, onRetry } = props
  if (problem) {
    return (
      <div
        role="alert"
        className="absolute inset-0 top-7 grid place-content-center justify-items-center gap-1 px-4 text-center text-sm"
      >
        <span className="text-failed">{problem.message}</span>
        <Button look="outline" onClick={onRetry}>
          Try again
        </Button>
      </div>
    )
  }
  const words = isLoading ? '' : runs === 0 ? 'No run is shown' : 'No shown run has points here'
  return (
    <p
      className="pointer-events-none absolute inset-0 top-7 grid place-content-center text-ink-3 text-sm"
      aria-live="polite"
    >
      {words}
    </p>
  )
}
