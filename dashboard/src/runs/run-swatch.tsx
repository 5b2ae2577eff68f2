import { colourOf, type RunStyle } from '../data/run-style.ts'

/** The sign of an eye in a run's colour: full when its line is drawn, a ring when not, with the line's strokes around it. */
export function RunSwatch({ style, isOn }: { style: RunStyle; isOn: boolean | 'some' }) {
  const colour = colourOf(style)
  return (
    <svg viewBox="0 0 14 14" className="size-3.5" aria-hidden="true">
      {isOn !== false && (
        <circle
          cx="7"
          cy="7"
          r={style.dash.length > 0 ? 3 : 4.5}
          style={{ fill: colour }}
          opacity={isOn === 'some' ? 0.45 : 1}
        />
      )}
      <circle
        cx="7"
        cy="7"
        r="5.25"
        fill="none"
        strokeWidth="1.25"
        style={{ stroke: isOn === false ? 'var(--line-strong)' : colour }}
        strokeDasharray={
          isOn !== false && style.dash.length > 0 ? style.dash.map((one) => one / 1.8).join(' ') : undefined
        }
      />
    </svg>
  )
}
