import { GripVertical } from 'lucide-react'
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react'
import { Popover } from '../ui/popover.tsx'
import { type Axis, leftOver, placeOf, ticksOf, type WantedScale } from './axes.ts'
import { BrushPanel } from './brush-panel.tsx'
import { type Brush, brushBetween, brushParts, nudged } from './brushing.ts'
import { fieldLabel, formatField } from './fields.ts'
import { type ParallelLayout, partAt, yOf } from './parallel-layout.ts'

export interface AxisDeeds {
  onBrush: (brush: Brush | undefined) => void
  onScale: (scale: WantedScale) => void
  /** So many places to the right. */
  onMove: (by: number) => void
  onRemove: () => void
}

interface Props extends AxisDeeds {
  axis: Axis
  at: number
  layout: ParallelLayout
  wanted: WantedScale
  brush: Brush | undefined
}

/** Less than this is a click that trembled. */
const dragMin = 4

/** Its name above, which is dragged to another place and opens what can be set. */
export function AxisHeader({ axis, at, layout, wanted, brush, ...deeds }: Props) {
  const x = layout.xs[at]!
  const gap = layout.xs.length > 1 ? layout.xs[1]! - layout.xs[0]! : layout.width
  const width = Math.min(gap, 220, 2 * x, 2 * (layout.width - x))
  const [by, setBy] = useState(0)
  const drag = useRef<{ from: number; hasMoved: boolean } | null>(null)
  const label = fieldLabel(axis.id)
  const onPointerMove = ({ clientX }: PointerEvent) => {
    if (!drag.current) return
    const moved = clientX - drag.current.from
    if (Math.abs(moved) > dragMin) drag.current.hasMoved = true
    if (drag.current.hasMoved) setBy(moved)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (!event.shiftKey || (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight')) return
    event.preventDefault()
    deeds.onMove(event.key === 'ArrowLeft' ? -1 : 1)
  }
  return (
    <div
      className={`absolute top-0.5 flex justify-center ${by === 0 ? '' : 'z-20'}`}
      style={{
        left: x - width / 2,
        width,
        transform: `translateX(${by}px)`,
      }}
    >
      <Popover
        label={`Axis ${label}`}
        trigger={
          <button
            type="button"
            title={`${label}: drag to move, click to set`}
            className="flex h-7 min-w-0 max-w-full touch-none items-center gap-1 rounded-(--radius) px-1 text-sm hover:bg-hover data-[state=open]:bg-hover"
            onKeyDown={onKeyDown}
            onPointerDown={({ clientX, currentTarget, pointerId, button }) => {
              if (button !== 0) return
              currentTarget.setPointerCapture(pointerId)
              drag.current = { from: clientX, hasMoved: false }
            }}
            onPointerMove={onPointerMove}
            onPointerUp={() => {
              const places = Math.round(by / gap)
              setBy(0)
              if (places !== 0) deeds.onMove(places)
            }}
            onPointerCancel={() => {
              drag.current = null
              setBy(0)
            }}
            onClick={(event) => {
              // The end of a drag is no click.
              if (drag.current?.hasMoved) event.preventDefault()
              drag.current = null
            }}
          >
            <GripVertical aria-hidden className="size-3 shrink-0 text-ink-3" />
            <span className="sr-only">Axis </span>
            <span className={`truncate ${brush ? 'font-medium' : ''}`}>{label}</span>
            {axis.kind === 'log' && <span className="shrink-0 text-ink-3 text-xs"> log</span>}
            <span className="sr-only">{brush ? ', brushed' : ''}. Shift with an arrow key moves it</span>
          </button>
        }
      >
        <BrushPanel
          axis={axis}
          wanted={wanted}
          brush={brush}
          isFirst={at === 0}
          isLast={at === layout.xs.length - 1}
          {...deeds}
        />
      </Popover>
    </div>
  )
}

/** Line, ticks and brush. It is dragged over, and takes arrow keys as a slider does. */
export function AxisStrip({
  axis,
  at,
  layout,
  brush,
  onBrush,
}: Omit<Props, 'wanted' | 'onScale' | 'onMove' | 'onRemove'>) {
  const x = layout.xs[at]!
  const { top, bottom } = layout
  const [drawn, setDrawn] = useState<{ from: number; to: number } | null>(null)
  const shown = drawn ? brushBetween(axis, drawn.from, drawn.to) : brush
  const parts = shown ? brushParts(axis, shown) : []
  const label = fieldLabel(axis.id)
  const partOf = ({ clientY, currentTarget }: PointerEvent) =>
    partAt(layout, clientY - currentTarget.getBoundingClientRect().top + top - stripPadding)
  const onKeyDown = (event: KeyboardEvent) => {
    const up = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[event.key]
    if (event.key === 'Escape' || event.key === 'Delete' || event.key === 'Backspace') onBrush(undefined)
    else if (up) onBrush(nudged(axis, brush, event.shiftKey ? 'grow' : 'move', up * keyStep))
    else return
    event.preventDefault()
  }
  return (
    <>
      <svg
        aria-hidden="true"
        className="pointer-events-none absolute inset-0 overflow-visible"
        width={layout.width}
        height={layout.height}
      >
        <line x1={x} x2={x} y1={top} y2={bottom} stroke="var(--line-strong)" />
        {ticksOf(axis, Math.max(2, Math.floor((bottom - top) / 36))).map((tick) => (
          <g key={tick.label + tick.at}>
            <line x1={x - 4} x2={x} y1={yOf(layout, tick.at)} y2={yOf(layout, tick.at)} stroke="var(--line-strong)" />
            <text
              x={x - 7}
              y={yOf(layout, tick.at)}
              textAnchor="end"
              dominantBaseline="central"
              className="fill-(--ink-2) text-xs"
              stroke="var(--page)"
              strokeWidth={3}
              paintOrder="stroke"
            >
              {shortened(tick.label)}
            </text>
          </g>
        ))}
        {layout.offY !== null && axis.offScale > 0 && (
          <MarkSign x={x} y={layout.offY} text={`${axis.kind === 'log' ? 'NaN, ≤ 0' : 'NaN'} ${axis.offScale}`} />
        )}
        {layout.unsetY !== null && axis.unset > 0 && (
          <MarkSign x={x} y={layout.unsetY} text={`not set ${axis.unset}`} colour="var(--ink-2)" />
        )}
        {parts.map(([low, high]) => (
          <rect
            key={low}
            x={x - 7}
            width={14}
            y={yOf(layout, high)}
            height={Math.max(3, yOf(layout, low) - yOf(layout, high))}
            rx={2}
            fill="var(--accent)"
            fillOpacity={0.25}
            stroke="var(--accent)"
          />
        ))}
      </svg>
      <div
        role="slider"
        tabIndex={0}
        aria-label={`Brush of ${label}`}
        aria-orientation="vertical"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={parts.length > 0 ? Math.round(50 * (parts[0]![0] + parts.at(-1)![1])) : 50}
        aria-valuetext={brushWords(axis, brush)}
        title={`${leftOver(axis)}${leftOver(axis) ? '. ' : ''}Drag to brush; arrow keys move it, with Shift its size`}
        data-brush={axis.id}
        className="absolute cursor-ns-resize touch-pan-x"
        style={{ left: x - 14, width: 28, top: top - stripPadding, height: bottom - top + 2 * stripPadding }}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          if (event.button !== 0) return
          event.currentTarget.setPointerCapture(event.pointerId)
          setDrawn({ from: partOf(event), to: partOf(event) })
        }}
        onPointerMove={(event) => {
          if (drawn) setDrawn({ from: drawn.from, to: partOf(event) })
        }}
        onPointerUp={() => {
          setDrawn(null)
          if (!drawn) return
          const isClick = Math.abs(drawn.to - drawn.from) * (bottom - top) < dragMin
          // A click beside categories chooses one; on a number axis it takes the brush away.
          if (!isClick || axis.kind === 'category') onBrush(brushBetween(axis, drawn.from, drawn.to))
          else onBrush(undefined)
        }}
        onPointerCancel={() => setDrawn(null)}
      />
    </>
  )
}

const stripPadding = 6
/** Part of the axis that an arrow key goes. */
const keyStep = 0.05

const shortened = (label: string) => (label.length > 14 ? `${label.slice(0, 13)}…` : label)

const MarkSign = ({
  x,
  y,
  text,
  colour = 'var(--failed)',
}: {
  x: number
  y: number
  text: string
  colour?: string
}) => (
  <>
    <circle cx={x} cy={y} r={2.5} fill={colour} />
    <text
      x={x + 7}
      y={y}
      dominantBaseline="central"
      fill={colour}
      className="text-xs"
      stroke="var(--page)"
      strokeWidth={4}
      paintOrder="stroke"
    >
      {text}
    </text>
  </>
)

function brushWords(axis: Axis, brush: Brush | undefined): string {
  if (!brush) return 'all'
  if ('mark' in brush) return brush.mark === 'off' ? 'only NaN or ∞' : 'only not set'
  if ('categories' in brush) return brush.categories.filter((one) => placeOf(axis, one) !== 'unset').join(', ')
  return `${formatField(axis.id, brush.from)} to ${formatField(axis.id, brush.to)}`
}
