import { leftOver } from './axes.ts'
import { noColour, scaleGradient } from './colour-scale.ts'
import type { Colouring } from './colouring.ts'
import { fieldLabel, formatField } from './fields.ts'

const namedMost = 8

/** What the colours mean, from less to more. */
export function ColourLegend({ colouring, isDark }: { colouring: Colouring; isDark: boolean }) {
  const { axis, categories } = colouring
  if (!axis) return null
  const rest = leftOver(axis)
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1 text-ink-2 text-xs">
      <span className="max-w-48 truncate" title={fieldLabel(axis.id)}>
        {fieldLabel(axis.id)}
      </span>
      {axis.isEmpty ? null : axis.kind === 'category' ? (
        categories.slice(0, namedMost).map(({ label, colour }) => (
          <Swatch key={label} colour={colour}>
            {label}
          </Swatch>
        ))
      ) : (
        <span className="flex items-center gap-1.5">
          {formatField(axis.id, axis.min)}
          <span aria-hidden className="h-2 w-28 rounded-[2px]" style={{ background: scaleGradient(isDark) }} />
          {formatField(axis.id, axis.max)}
          {axis.kind === 'log' && <span className="text-ink-3">log</span>}
        </span>
      )}
      {categories.length > namedMost && <span>and {categories.length - namedMost} more</span>}
      {rest !== '' && <Swatch colour={noColour(isDark)}>{rest}</Swatch>}
    </div>
  )
}

const Swatch = ({ colour, children }: { colour: string; children: string }) => (
  <span className="flex min-w-0 max-w-48 items-center gap-1.5" title={children}>
    <span aria-hidden className="size-2 shrink-0 rounded-full" style={{ background: colour }} />
    <span className="truncate">{children}</span>
  </span>
)
