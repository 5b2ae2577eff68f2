import type { Buckets } from './buckets.ts'
import { bucketFor, lastValues, type OneSeries, type SeriesLine, type SeriesRequest, sumOf } from './read-series.ts'
import { everything, type Range } from './stored-series.ts'

/**
 * Puts a line, of which x is steps, along another metric of the same run: at each step that one's value, or the last
 * before it; for a bucket the mean of that one's values in it, or of the last bucket before that has any. What comes
 * before its first value is left out, and so is what lies outside the range that is asked for, or where it is not finite:
 * that is no place on an axis.
 * @param bucket steps of a bucket, for a line of buckets
 */
export async function alongMetric(
  line: SeriesLine,
  along: OneSeries,
  range: Range,
  { from = -Infinity, to = Infinity }: SeriesRequest,
  bucket?: number,
): Promise<SeriesLine | undefined> {
  const values = bucket === undefined ? await along.valuesAt(line.x) : await meansAt(line.x, along, range, bucket)
  const isShown = (value: number) => Number.isFinite(value) && value >= from && value <= to
  const rows = Array.from(values.keys()).filter((row) => isShown(values[row]))
  if (rows.length === 0) return undefined
  const pick = (column: Float64Array) => Float64Array.from(rows, (row) => column[row])
  const { buckets } = line
  return {
    ...line,
    count: buckets ? sumOf(pick(buckets.counts)) : rows.length,
    step: pick(line.x),
    x: pick(values),
    y: pick(line.y),
    ...(buckets && {
      buckets: {
        min: pick(buckets.min),
        max: pick(buckets.max),
        nonfinite: pick(buckets.nonfinite),
        counts: pick(buckets.counts),
      },
    }),
  }
}

/** At the start of each bucket the mean of a series in it, or in the last one before that has finite values. */
async function meansAt(starts: Float64Array, along: OneSeries, range: Range, bucket: number): Promise<Float64Array> {
  const within = meansOf(await along.buckets({ ...everything, fromStep: starts[0], toStep: range.toStep }, bucket))
  const values = lastValues(within, starts)
  const known = values.findIndex((value) => !Number.isNaN(value))
  if (known === 0) return values
  return values.fill(await lastMeanBefore(starts[0], along, bucket), 0, known < 0 ? values.length : known)
}

/** Spans that are looked through at a time, back from a step. */
const spansLookedThrough = 256

/** The mean of the last bucket before a step that has finite values; NaN without one. What is empty is passed in long spans. */
async function lastMeanBefore(step: number, along: OneSeries, bucket: number): Promise<number> {
  let range = { ...everything, toStep: step - 1 }
  for (;;) {
    const extent = await along.extent(range)
    if (!extent) return Number.NaN
    const span = Math.max(bucket, bucketFor(extent, spansLookedThrough))
    const buckets = await along.buckets(range, span)
    const row = rowsWithValues(buckets).at(-1)
    if (row === undefined) return Number.NaN
    if (span === bucket) return buckets.mean(row)
    range = { ...everything, fromStep: buckets.start[row], toStep: Math.min(buckets.start[row] + span, step) - 1 }
  }
}

const rowsWithValues = ({ length, count, nonfinite }: Buckets) =>
  Array.from({ length }, (_, row) => row).filter((row) => count[row] > nonfinite[row])

function meansOf(buckets: Buckets) {
  const rows = rowsWithValues(buckets)
  return {
    steps: Float64Array.from(rows, (row) => buckets.start[row]),
    values: Float64Array.from(rows, (row) => buckets.mean(row)),
  }
}
