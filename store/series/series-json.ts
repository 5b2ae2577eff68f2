import type { SeriesAnswer, SeriesLine } from './read-series.ts'

/** An answer as JSON (protocol/series.ts). Numbers that JSON has no word for are words: `"NaN"`, `"Infinity"`. */
export function seriesJson({ cursor, bucket, series }: SeriesAnswer): Uint8Array {
  const head = `{"cursor":"${cursor}","bucket":${bucket},"series":[`
  return new TextEncoder().encode(`${head}${series.map(lineJson).join(',')}]}`)
}

function lineJson({ run, metric, count, exact, x, y, buckets }: SeriesLine): string {
  const head = `{"run":${JSON.stringify(run)},"metric":${JSON.stringify(metric)},"count":${count},"exact":${exact}`
  const points = `"x":${numbers(x)},"y":${exact ? numbers(y) : means(y)}`
  if (!buckets) return `${head},${points}}`
  const { min, max, nonfinite } = buckets
  return `${head},${points},"min":${means(min)},"max":${means(max)},"nonfinite":${numbers(nonfinite)}}`
}

/** Every number, whatever it is. */
function numbers(values: Float64Array): string {
  if (values.every(Number.isFinite)) return JSON.stringify(Array.from(values))
  return JSON.stringify(Array.from(values, (value) => (Number.isFinite(value) ? value : String(value))))
}

/** NaN is a bucket without finite values, and becomes null. */
function means(values: Float64Array): string {
  if (values.every((value) => Number.isFinite(value) || Number.isNaN(value))) return JSON.stringify(Array.from(values))
  return JSON.stringify(
    Array.from(values, (value) => (Number.isFinite(value) || Number.isNaN(value) ? value : String(value))),
  )
}
