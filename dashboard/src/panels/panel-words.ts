import { placeText } from '../charts/axis-text.ts'
import type { YExtent } from '../charts/extent.ts'
import { bestOf } from '../data/columns.ts'
import { formatCount, formatValue } from '../data/format.ts'
import type { DrawnLine } from '../series/drawn-line.ts'

/** What is not every point is said to be: `512 buckets of 10M points`. null when every point is drawn. */
export function badgeText(lines: readonly DrawnLine[]): string | null {
  let rows = 0
  let points = 0
  for (const { bucket, length, count } of lines) {
    points += count
    if (bucket > 1) rows += length
  }
  return rows === 0 ? null : `${formatCount(rows)} buckets of ${formatCount(points)} points`
}

/** What the y axis leaves out, and why. */
export function leftOutText(extent: YExtent | null): string | null {
  if (!extent) return null
  const { above, below, total, notPositive, notPositiveX } = extent
  const words: string[] = []
  const share = (count: number) => {
    const percent = (100 * count) / total
    return percent < 1 ? '< 1 %' : `${Math.round(percent)} %`
  }
  if (above > 0) words.push(`${share(above)} of points above`)
  if (below > 0) words.push(`${share(below)} below`)
  if (notPositive > 0) words.push(`${formatCount(notPositive)} not above 0, which a log axis can't show`)
  if (notPositiveX > 0) words.push(`${formatCount(notPositiveX)} at x of 0 or less, where a log axis has no place`)
  return words.length === 0 ? null : words.join(' · ')
}

/** The chart in a sentence, for those who can't see it: best value, where, of which run, of how many. */
export function sentenceOf(metric: string, axis: string, lines: readonly DrawnLine[]): string {
  const isLower = bestOf(metric) === 'min'
  let best: { value: number; x: number; title: string } | null = null
  let nonfinite = 0
  for (const { title, length, x, y, raw, low, high, nonfinite: marks } of lines) {
    const values = (isLower ? low : high) ?? raw ?? y
    if (marks) nonfinite++
    for (let row = 0; row < length; row++) {
      const value = values[row]!
      if (!Number.isFinite(value)) continue
      if (best === null || (isLower ? value < best.value : value > best.value)) best = { value, x: x[row]!, title }
    }
  }
  const runs = `${lines.length} ${lines.length === 1 ? 'line' : 'lines'}`
  const marks = nonfinite > 0 ? `, ${nonfinite} with values that are not finite` : ''
  if (!best) return `${metric}: ${lines.length === 0 ? 'no data' : `no finite value, ${runs}${marks}`}`
  return `${metric}: best ${formatValue(best.value)} at ${placeText(axis, best.x)} by ${best.title}, ${runs}${marks}`
}
