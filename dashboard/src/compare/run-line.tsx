import { colourOf, type RunStyle } from '../data/run-style.ts'

/** The line that a run is drawn with in every chart. */
export const RunLine = ({ style }: { style: RunStyle }) => (
  <svg aria-hidden="true" width="16" height="8" className="shrink-0">
    <line
      x1="0"
      y1="4"
      x2="16"
      y2="4"
      strokeWidth="3"
      strokeDasharray={style.dash.join(' ')}
      style={{ stroke: colourOf(style) }}
    />
  </svg>
)
