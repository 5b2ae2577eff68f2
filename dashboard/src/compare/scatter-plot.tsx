import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { ShownRun } from '../data/shown-runs.ts'
import { useFeed } from '../live/use-feed.ts'
import type { Search } from '../router.tsx'
import { highlightRun } from '../view/highlight.ts'
import { type Axis, ticksOf } from './axes.ts'
import { fieldLabel, formatField, type PlotValue } from './fields.ts'
import { RunTooltip } from './run-tooltip.tsx'
import { type ScatterPoint, scatterLine } from './scatter-data.ts'
import { useSize } from './use-size.ts'

const padding = { left: 64, right: 20, top: 12, bottom: 44 }
/** Of the strips beside the axes where NaN is. */
const markSize = 22
/** How far from a point the pointer still means it, px. */
const reach = 24

interface Props {
  runs: readonly ShownRun[]
  x: Axis
  y: Axis
  points: readonly ScatterPoint[]
  colours: readonly string[]
  /** What the tooltip tells, by field. */
  told: readonly { id: string; values: readonly PlotValue[] }[]
  /** The same in a sentence. */
  words: string
}

export function ScatterPlot({ runs, x, y, points, colours, told, words }: Props) {
  const { project } = useFeed()
  const navigate = useNavigate()
  const [ref, { width, height }] = useSize()
  const [pointed, setPointed] = useState<number | null>(null)
  const hasLeft = points.some((point) => point.x === null)
  const hasBelow = points.some((point) => point.y === null)
  const left = padding.left + (hasLeft ? markSize : 0)
  const bottom = height - padding.bottom - (hasBelow ? markSize : 0)
  const right = width - padding.right
  const placeX = (part: number | null) => (part === null ? padding.left + 6 : left + 8 + (right - left - 16) * part)
  const placeY = (part: number | null) =>
    part === null ? height - padding.bottom - 8 : bottom - 8 - (bottom - padding.top - 16) * part
  const line = x.kind === 'category' || y.kind === 'category' ? null : scatterLine(points)
  const found = pointed === null ? undefined : points[pointed]
  const run = found && runs[found.at]
  const point = (next: number | null) => {
    if (next === pointed) return
    setPointed(next)
    highlightRun(next === null ? null : runs[points[next]!.at]!.name)
  }
  const nearest = (clientX: number, clientY: number, box: DOMRect): number | null => {
    let best: number | null = null
    let least = reach
    for (const [at, one] of points.entries()) {
      const away = Math.hypot(placeX(one.x) - (clientX - box.left), placeY(one.y) - (clientY - box.top))
      if (away <= least) [least, best] = [away, at]
    }
    return best
  }
  const open = () =>
    run &&
    void navigate({
      to: '/projects/$project/runs/$run',
      params: { project, run: run.name },
      search: ({ tab: _, ...rest }: Search) => rest,
    })
  return (
    <div ref={ref} className="relative h-[56vh] min-h-72" data-scatter>
      {width > 0 && (
        // biome-ignore lint/a11y/noStaticElementInteractions: the table below opens the same runs by keys
        // biome-ignore lint/a11y/useKeyWithClickEvents: as above
        <div
          className={`absolute inset-0 ${run ? 'cursor-pointer' : ''}`}
          onPointerMove={({ clientX, clientY, currentTarget }) =>
            point(nearest(clientX, clientY, currentTarget.getBoundingClientRect()))
          }
          onPointerLeave={() => point(null)}
          onClick={open}
        >
          <svg role="img" aria-label={words} width={width} height={height} className="text-xs">
            {ticksOf(y, Math.max(2, Math.floor((bottom - padding.top) / 44))).map(({ at, label }) => (
              <g key={label + at}>
                <line x1={left} x2={right} y1={placeY(at)} y2={placeY(at)} stroke="var(--line)" />
                <text
                  x={padding.left - 6}
                  y={placeY(at)}
                  textAnchor="end"
                  dominantBaseline="central"
                  fill="var(--ink-2)"
                >
                  {shortened(label)}
                </text>
              </g>
            ))}
            {ticksOf(x, Math.max(2, Math.floor((right - left) / 96))).map(({ at, label }) => (
              <g key={label + at}>
                <line x1={placeX(at)} x2={placeX(at)} y1={padding.top} y2={bottom} stroke="var(--line)" />
                <text
                  x={placeX(at)}
                  y={height - padding.bottom + 14}
                  textAnchor={placeX(at) > width - 48 ? 'end' : 'middle'}
                  fill="var(--ink-2)"
                >
                  {shortened(label)}
                </text>
              </g>
            ))}
            <text x={(left + right) / 2} y={height - 8} textAnchor="middle" fill="var(--ink)" className="text-sm">
              {named(x, width - 100)}
            </text>
            <text
              transform={`translate(14 ${(padding.top + bottom) / 2}) rotate(-90)`}
              textAnchor="middle"
              fill="var(--ink)"
              className="text-sm"
            >
              {named(y, height - 80)}
            </text>
            {hasLeft && (
              <>
                <line
                  x1={left}
                  x2={left}
                  y1={padding.top}
                  y2={bottom}
                  stroke="var(--line-strong)"
                  strokeDasharray="3 3"
                />
                <text x={padding.left + 6} y={padding.top} textAnchor="middle" fill="var(--failed)">
                  NaN
                </text>
              </>
            )}
            {hasBelow && (
              <>
                <line x1={left} x2={right} y1={bottom} y2={bottom} stroke="var(--line-strong)" strokeDasharray="3 3" />
                <text
                  x={padding.left - 6}
                  y={height - padding.bottom - 8}
                  textAnchor="end"
                  dominantBaseline="central"
                  fill="var(--failed)"
                >
                  {y.kind === 'log' ? 'NaN, ≤ 0' : 'NaN'}
                </text>
              </>
            )}
            {line && (
              // A picture in the picture: what goes beyond the plot is cut off.
              <svg
                aria-hidden="true"
                x={left}
                y={padding.top}
                width={right - left}
                height={Math.max(0, bottom - padding.top)}
              >
                <line
                  x1={placeX(0) - left}
                  x2={placeX(1) - left}
                  y1={placeY(line.left) - padding.top}
                  y2={placeY(line.right) - padding.top}
                  stroke="var(--ink-3)"
                  strokeDasharray="6 4"
                />
              </svg>
            )}
            {points.map((one) => (
              <circle
                key={runs[one.at]!.name}
                cx={placeX(one.x)}
                cy={placeY(one.y)}
                r={points.length > 200 ? 3.5 : 4.5}
                fill={colours[one.at]}
                fillOpacity={0.85}
                stroke="var(--page)"
                strokeWidth={0.75}
              />
            ))}
            {found && (
              <circle
                cx={placeX(found.x)}
                cy={placeY(found.y)}
                r={7}
                fill={colours[found.at]}
                stroke="var(--ink)"
                strokeWidth={1.5}
              />
            )}
          </svg>
          {found && run && (
            <RunTooltip
              title={run.title}
              style={run.style}
              values={told.map(({ id, values }) => ({
                label: fieldLabel(id),
                text: formatField(id, values[found.at]),
              }))}
              x={placeX(found.x)}
              y={placeY(found.y)}
              width={width}
            />
          )}
        </div>
      )}
    </div>
  )
}

const shortened = (label: string) => (label.length > 14 ? `${label.slice(0, 13)}…` : label)

/** Some eight pixels a letter. */
function named(axis: Axis, pixels: number): string {
  const text = `${fieldLabel(axis.id)}${axis.kind === 'log' ? ' (log)' : ''}`
  const most = Math.max(8, Math.floor(pixels / 8))
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}
