/**
 * Bars for a row of counts, as the `d` of one SVG path: the highest as high as the box, anything above zero at least
 * 1.5 px, zeros a thin foot that shows where the days are. All zeros have no bars.
 */
export function sparkline(counts: number[], width: number, height: number): string {
  const most = Math.max(0, ...counts)
  const step = width / counts.length
  const bar = Math.max(1, step - 1)
  return counts
    .map((count, at) => {
      const tall = count > 0 ? Math.max(1.5, (count / most) * height) : 0.5
      return `M${round(at * step)} ${round(height - tall)}h${round(bar)}v${round(tall)}h${round(-bar)}z`
    })
    .join('')
}

const round = (length: number) => Math.round(length * 100) / 100

/** The same in words: "42 runs in the last 30 days, 3 of them today". */
export function describeActivity(counts: number[]): string {
  const all = counts.reduce((sum, count) => sum + count, 0)
  const today = counts.at(-1) ?? 0
  if (all === 0) return `no runs in the last ${counts.length} days`
  return `${all} ${all === 1 ? 'run' : 'runs'} in the last ${counts.length} days, ${today} of them today`
}
