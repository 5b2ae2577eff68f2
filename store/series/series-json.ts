import { finiteCounts } from './buckets.ts'
import type { SeriesAnswer, SeriesLine } from './read-series.ts'

/** An answer as JSON (protocol/series.ts), of lines that are JSON already. */
export function seriesJson({ cursor, bucket, series }: SeriesAnswer<string>): Uint8Array {
  return new TextEncoder().encode(`{"cursor":"${cursor}","bucket":${bucket},"series":[${series.join(',')}]}`)
}

/** Numbers that JSON has no word for are words: `"NaN"`, `"Infinity"`; a bucket without finite values has nulls. */
export function lineJson({ run, metric, count, exact, start, step, x, y, buckets }: SeriesLine): string {
  const said = `{"run":${JSON.stringify(run)},"metric":${JSON.stringify(metric)},"count":${count},"exact":${exact}`
  const head = start === undefined ? said : `${said},"start":${start}`
  const steps = step ? `"step":${numbers(step, null)},` : ''
  const points = `${steps}"x":${numbers(x, 'NaN')},"y":${numbers(y, exact ? 'NaN' : null)}`
  if (!buckets) return `${head},${points}}`
  const { min, max, nonfinite } = buckets
  const extremes = `"min":${numbers(min, null)},"max":${numbers(max, null)}`
  const counts = `"finite":${numbers(finiteCounts(buckets), null)},"nonfinite":${numbers(nonfinite, null)}`
  return `${head},${points},${extremes},${counts}}`
}

/** A plain loop: `Array.from` goes through an iterator, which took as long as writing the numbers. */
function numbers(values: Float64Array, ofNaN: 'NaN' | null): string {
  const cells: (number | string | null)[] = new Array(values.length)
  for (let row = 0; row < values.length; row++) {
    const value = values[row]
    if (Number.isFinite(value)) cells[row] = value
    else cells[row] = Number.isNaN(value) ? ofNaN : String(value)
  }
  return JSON.stringify(cells)
}
