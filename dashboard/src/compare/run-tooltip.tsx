import type { RunStyle } from '../data/run-style.ts'
import { RunLine } from '../ui/run-line.tsx'

interface Props {
  title: string
  style: RunStyle
  values: readonly { label: string; text: string }[]
  /** The pointer's place, and the width there is. */
  x: number
  y: number
  width: number
}

/** Beside the pointer, never under it. */
export function RunTooltip({ title, style, values, x, y, width }: Props) {
  const isLeft = x > width / 2
  return (
    <div
      className="pointer-events-none absolute z-30 max-w-72 rounded-(--radius) border border-line-strong bg-raised px-2 py-1 text-sm shadow-black/15 shadow-lg"
      style={{ top: y, ...(isLeft ? { right: width - x + 14 } : { left: x + 14 }), transform: 'translateY(-50%)' }}
    >
      <div className="flex items-center gap-1.5 font-medium">
        <RunLine style={style} />
        <span className="min-w-0 truncate">{title}</span>
      </div>
      {values.slice(0, 12).map(({ label, text }) => (
        <div key={label} className="flex justify-between gap-3 text-ink-2">
          <span className="min-w-0 truncate">{label}</span>
          <span className="max-w-32 truncate text-ink">{text}</span>
        </div>
      ))}
    </div>
  )
}
