import type { RunStyle } from '../data/run-style.ts'
import { RunSwatch } from './run-swatch.tsx'

/** What rows of runs and of groups have alike. */

/** At the left edge of the row that keys work on. */
export const CurrentMark = () => (
  <span
    aria-hidden="true"
    className="absolute inset-y-0 left-0 w-0.5 bg-ink-3 group-focus-visible/grid:w-[3px] group-focus-visible/grid:bg-accent"
  />
)

interface EyeProps {
  style: RunStyle
  /** `some`: of a group, of which some are drawn. */
  isOn: boolean | 'some'
  label: string
  title: string
  onToggle: () => void
}

/** Opens and closes an eye, without opening the row. */
export const EyeButton = ({ style, isOn, label, title, onToggle }: EyeProps) => (
  <button
    type="button"
    tabIndex={-1}
    aria-pressed={isOn === 'some' ? 'mixed' : isOn}
    aria-label={label}
    title={title}
    onClick={(event) => {
      event.stopPropagation()
      onToggle()
    }}
    className="inline-flex size-6 items-center justify-center rounded-[4px] hover:bg-line"
  >
    <RunSwatch style={style} isOn={isOn} />
  </button>
)
