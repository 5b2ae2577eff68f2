import { colourOf, type RunStyle } from '../data/run-style.ts'

/** The line that a run is drawn with in every chart; `width` in pixels. */
export const RunLine = ({ style, width = 16 }: { style: RunStyle; width?: number }) => (
  <svg aria-hidden="true" width={width} height="8" className="shrink-0">
    <line
      x1="0"
      y1="4"
      x2={width}
      y2="4"
      strokeWidth="3"
      strokeDasharray={style.dash.join(' ')}
      style={{ stroke: colourOf(style) }}
    />
  </svg>
)
