import { useCallback, useMemo, useState } from 'react'
import type { ShownRun } from '../data/shown-runs.ts'
import { highlightRun } from '../view/highlight.ts'
import type { Axis, WantedScale } from './axes.ts'
import type { Brush, Brushes } from './brushing.ts'
import { fieldLabel, formatField, type PlotValue } from './fields.ts'
import { paintParallel, paintRun } from './paint-parallel.ts'
import { AxisHeader, AxisStrip } from './parallel-axis.tsx'
import { linesOf, parallelLayout, parallelWidth, runAt } from './parallel-layout.ts'
import { PlotCanvas } from './plot-canvas.tsx'
import { RunTooltip } from './run-tooltip.tsx'
import { useChartTheme } from './use-chart-theme.ts'
import { useSize } from './use-size.ts'

const headerHeight = 32

interface Props {
  runs: readonly ShownRun[]
  axes: readonly Axis[]
  columns: readonly (readonly PlotValue[])[]
  colours: readonly string[]
  kept: readonly boolean[]
  brushes: Brushes
  scales: Readonly<Record<string, WantedScale>>
  onBrush: (id: string, brush: Brush | undefined) => void
  onScale: (id: string, scale: WantedScale) => void
  onMove: (id: string, by: number) => void
  onRemove: (id: string) => void
}

/** Lines on a canvas, since there may be thousands; everything that is touched or read is HTML and SVG above it. */
export function ParallelPlot({ runs, axes, columns, colours, kept, brushes, scales, ...deeds }: Props) {
  const theme = useChartTheme()
  const [ref, size] = useSize()
  const [pointed, setPointed] = useState<{ run: number; x: number; y: number } | null>(null)
  const width = parallelWidth(size.width, axes.length)
  const height = Math.max(0, size.height - headerHeight)
  const layout = useMemo(() => parallelLayout(axes, width, height), [axes, width, height])
  const lines = useMemo(() => linesOf(layout, axes, columns, runs.length), [layout, axes, columns, runs.length])
  const paint = useCallback(
    (canvas: CanvasRenderingContext2D) => paintParallel(canvas, { layout, lines, colours, kept, dim: theme.grid }),
    [layout, lines, colours, kept, theme],
  )
  const run = pointed?.run
  const paintPointed = useCallback(
    (canvas: CanvasRenderingContext2D) => {
      if (run === undefined || !colours[run]) return
      canvas.lineJoin = 'round'
      // A ground beneath it sets it apart from the lines that it crosses.
      for (const [lineWidth, colour] of [
        [6, theme.isDark ? '#0f1012' : '#ffffff'],
        [3, colours[run]],
      ] as const) {
        canvas.lineWidth = lineWidth
        canvas.strokeStyle = colour
        paintRun(canvas, layout, lines, run)
      }
    },
    [layout, lines, colours, run, theme],
  )
  const point = (next: typeof pointed) => {
    setPointed(next)
    highlightRun(next === null ? null : runs[next.run]!.name)
  }
  const shown = run === undefined ? undefined : runs[run]
  return (
    <div ref={ref} className="h-[52vh] min-h-72 overflow-x-auto overflow-y-hidden" data-parallel>
      <div className="relative" style={{ width }}>
        <div className="relative z-10" style={{ height: headerHeight }}>
          {axes.map((axis, at) => (
            <AxisHeader
              key={axis.id}
              axis={axis}
              at={at}
              layout={layout}
              wanted={scales[axis.id] ?? 'auto'}
              brush={brushes[axis.id]}
              onBrush={(brush) => deeds.onBrush(axis.id, brush)}
              onScale={(scale) => deeds.onScale(axis.id, scale)}
              onMove={(by) => deeds.onMove(axis.id, by)}
              onRemove={() => deeds.onRemove(axis.id)}
            />
          ))}
        </div>
        <div
          className="relative"
          style={{ width, height }}
          onPointerMove={({ clientX, clientY, currentTarget }) => {
            const box = currentTarget.getBoundingClientRect()
            const [x, y] = [clientX - box.left, clientY - box.top]
            const found = runAt(layout, lines, kept, x, y)
            point(found === undefined ? null : { run: found, x, y })
          }}
          onPointerLeave={() => point(null)}
        >
          {size.width > 0 && <PlotCanvas width={width} height={height} paint={paint} />}
          {size.width > 0 && <PlotCanvas width={width} height={height} paint={paintPointed} />}
          {axes.map((axis, at) => (
            <AxisStrip
              key={axis.id}
              axis={axis}
              at={at}
              layout={layout}
              brush={brushes[axis.id]}
              onBrush={(brush) => deeds.onBrush(axis.id, brush)}
            />
          ))}
          {pointed && shown && (
            <RunTooltip
              title={shown.title}
              style={shown.style}
              values={axes.map((axis, at) => ({
                label: fieldLabel(axis.id),
                text: formatField(axis.id, columns[at]![pointed.run]),
              }))}
              x={pointed.x}
              y={pointed.y}
              width={width}
            />
          )}
        </div>
      </div>
    </div>
  )
}
