import { type KeyboardEvent, type PointerEvent, useRef } from 'react'
import { tableWidthMin } from './table-width.ts'

interface Props {
  /** Pixels of what is before it; 0: hidden. */
  width: number
  max: number
  onChange: (width: number) => void
}

const usual = 360

/** The border between runs and charts: dragged, or moved by the arrow keys. Far to the left it hides the list. */
export function Splitter({ width, max, onChange }: Props) {
  const from = useRef<{ x: number; width: number } | null>(null)
  const set = (wanted: number) => {
    if (wanted < tableWidthMin / 2) onChange(0)
    else onChange(Math.round(Math.min(max, Math.max(tableWidthMin, wanted))))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.shiftKey ? 80 : 16
    const moves: Record<string, number> = {
      ArrowLeft: width <= tableWidthMin ? 0 : width - step,
      ArrowRight: Math.max(tableWidthMin, width + step),
      Home: 0,
      End: max,
      Enter: width === 0 ? usual : 0,
    }
    const wanted = moves[event.key]
    if (wanted === undefined) return
    event.preventDefault()
    event.stopPropagation()
    set(wanted)
  }
  const onPointerMove = (event: PointerEvent) => {
    if (from.current) set(from.current.width + event.clientX - from.current.x)
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: an hr takes no keys
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the run list"
      aria-valuenow={width}
      aria-valuemin={0}
      aria-valuemax={max}
      aria-valuetext={width === 0 ? 'hidden' : `${width} pixels`}
      tabIndex={0}
      title={width === 0 ? 'Drag to show the runs' : 'Drag to resize; double-click for the usual width'}
      onKeyDown={onKeyDown}
      onDoubleClick={() => onChange(usual)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        from.current = { x: event.clientX, width }
      }}
      onPointerMove={onPointerMove}
      onPointerUp={() => {
        from.current = null
      }}
      onPointerCancel={() => {
        from.current = null
      }}
      className="group/split relative z-30 w-px shrink-0 cursor-col-resize touch-none bg-line outline-none after:absolute after:inset-y-0 after:-left-[3px] after:w-[7px] after:content-[''] hover:after:bg-accent/40 focus-visible:after:bg-accent active:after:bg-accent/60"
    />
  )
}
