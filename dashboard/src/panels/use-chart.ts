import { type RefObject, useEffect, useRef, useState } from 'react'
import { ChartView } from '../charts/chart-view.ts'
import type { YExtent } from '../charts/extent.ts'
import type { Reading } from '../charts/nearest.ts'
import { useFeed } from '../live/use-feed.ts'
import type { DrawnLine } from '../series/drawn-line.ts'
import { highlightRun } from '../view/highlight.ts'
import type { Scale } from '../view/view.ts'
import { PanelLines, type PanelRequest } from './panel-lines.ts'
import { badgeText, leftOutText } from './panel-words.ts'
import type { RangeLink } from './range-link.ts'

export interface ChartLook extends Omit<PanelRequest, 'width'> {
  xScale: Scale
  yScale: Scale
  clip: boolean
  y: [number, number] | null
}

/** What stands around a chart, in words. It changes seldom, so it may go through React. */
export interface ChartState {
  badge: string | null
  leftOut: string | null
  isLoading: boolean
  /** So many runs have been drawn, or have nothing to be drawn; fewer than are shown while some are on their way. */
  runs: number
  isDetailLoading: boolean
  isEmpty: boolean
  problem: Error | null
}

const before: ChartState = {
  badge: null,
  leftOut: null,
  isLoading: true,
  runs: 0,
  isDetailLoading: false,
  isEmpty: true,
  problem: null,
}

/** New points are painted so often at most, ms: a chart of a day does not show a tenth of a second. */
const liveMs = 400

export interface ChartHandle {
  state: ChartState
  view: RefObject<ChartView | null>
  lines: RefObject<PanelLines | null>
}

/** A chart in `root` while it is there: its lines, kept true, and the hand's work on it. */
export function useChart(
  root: RefObject<HTMLElement | null>,
  look: ChartLook,
  link: RangeLink,
  hand: {
    onRange: (range: [number, number] | null) => void
    onYRange: (range: [number, number] | null) => void
    onReadings?: (x: number | null, readings: Reading[]) => void
  },
  /** Pixels, where they are known already: asking the page for them makes it lay everything out. */
  width = 0,
): ChartHandle {
  const { series } = useFeed()
  const [state, setState] = useState(before)
  const view = useRef<ChartView | null>(null)
  const lines = useRef<PanelLines | null>(null)
  const latest = useRef({ look, hand, width })
  latest.current = { look, hand, width }
  const update = useRef(() => {})

  useEffect(() => {
    const element = root.current
    if (!element) return
    let timer: ReturnType<typeof setTimeout> | undefined
    let paintedAt = Number.NEGATIVE_INFINITY
    let isAwaited = true
    let drawn: DrawnLine[] = []
    const panel = new PanelLines(series, () => {
      // What was asked for is shown at once, what comes by itself in its time.
      const isAskedFor = isAwaited
      isAwaited = panel.isLoading || panel.isDetailLoading
      const wait = isAskedFor || isAwaited ? 0 : paintedAt + liveMs - performance.now()
      if (wait <= 0) paint()
      else timer ??= setTimeout(paint, wait)
    })
    const chart = new ChartView(element, {
      onRange: (range, isFinal) => {
        link.set(range, chart)
        if (isFinal) latest.current.hand.onRange(range)
      },
      onYRange: (range) => latest.current.hand.onYRange(range),
      onReadings: (x, readings) => latest.current.hand.onReadings?.(x, readings),
      onDrawn: (extent) => describe(extent),
    })
    chart.onNearest = highlightRun
    lines.current = panel
    view.current = chart
    let lookTimer: ReturnType<typeof setTimeout> | undefined
    const unlink = link.listen((range, source) => {
      chart.setRange(range, { isUrgent: source === chart, isMoving: source !== null })
      if (panel.pass(range)) paint()
      // Detail is asked for when the hand rests.
      clearTimeout(lookTimer)
      lookTimer = setTimeout(() => {
        chart.rest()
        panel.look(range)
      }, 120)
    })
    const paint = () => {
      clearTimeout(timer)
      timer = undefined
      paintedAt = performance.now()
      const { look } = latest.current
      drawn = panel.draw(panel.extent)
      // Axes of nothing would be painted twice: their place is kept without them.
      if (drawn.length === 0 && panel.isLoading && !chart.model) return
      chart.set({
        lines: drawn,
        axis: look.x,
        xScale: look.xScale,
        yScale: look.yScale,
        clip: look.clip,
        y: look.y,
      })
    }
    const describe = (extent: YExtent | null) => {
      const next: ChartState = {
        badge: badgeText(drawn),
        leftOut: leftOutText(extent),
        isLoading: panel.isLoading,
        runs: panel.isComplete ? panel.runs.length : 0,
        isDetailLoading: panel.isDetailLoading,
        isEmpty: drawn.length === 0,
        problem: panel.problem,
      }
      setState((state) =>
        JSON.stringify(state) === JSON.stringify(next) && state.problem === next.problem ? state : next,
      )
    }
    update.current = () => {
      panel.set({ ...latest.current.look, width: chart.width || latest.current.width || element.clientWidth })
      paint()
    }
    update.current()
    chart.setRange(link.range, { isUrgent: false, isMoving: false })
    panel.look(link.range)
    return () => {
      clearTimeout(timer)
      clearTimeout(lookTimer)
      unlink()
      panel.close()
      chart.destroy()
      view.current = null
      lines.current = null
    }
  }, [root, series, link])

  const { metric, x, runs, smoothing, aggregate, xScale, yScale, clip, y } = look
  // biome-ignore lint/correctness/useExhaustiveDependencies: what a chart shows is these, by identity
  useEffect(
    () => update.current(),
    [metric, x, runs, smoothing.kind, smoothing.amount, aggregate, xScale, yScale, clip, y],
  )
  return { state, view, lines }
}
