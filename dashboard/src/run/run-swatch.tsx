import { colourOf, runStyle } from '../data/run-style.ts'

/** The line that a run is drawn with in every chart. */
export function RunSwatch({ number }: { number: number }) {
  const style = runStyle(number)
  return (
    <svg aria-hidden width="20" height="8" className="shrink-0">
      <line
        x1="0"
        y1="4"
        x2="20"
        y2="4"
        strokeWidth="3"
        strokeDasharray={style.dash.join(' ')}
        style={{ stroke: colourOf(style) }}
      />
    </svg>
  )
}
