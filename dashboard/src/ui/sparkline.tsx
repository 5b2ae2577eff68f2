import { describeActivity, sparkline } from '../data/sparkline.ts'

const width = 120
const height = 18

/** How many runs were made on each of the last days, as small bars. */
export function Sparkline({ counts, className = '' }: { counts: number[]; className?: string }) {
  const words = describeActivity(counts)
  return (
    <svg
      role="img"
      aria-label={words}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      preserveAspectRatio="none"
      className={`text-accent ${className}`}
    >
      <title>{words}</title>
      <path d={sparkline(counts, width, height)} fill="currentColor" />
    </svg>
  )
}
