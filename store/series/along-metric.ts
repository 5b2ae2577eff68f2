import { lastValues, type OneSeries, type SeriesLine, type SeriesRequest, sumOf } from './read-series.ts'
import { everything, type Range } from './stored-series.ts'

/**
 * Puts a line, of which x is steps, along another metric of the same run: at each step that one's value, or the last
 * before it; for a bucket the mean of that one's values in it, or of the last bucket before that has any. What comes
 * before its first value is left out, and so is what lies outside the range that is asked for.
 * @param bucket steps of a bucket, for a line of buckets
 */
export async function alongMetric(
  line: SeriesLine,
  along: OneSeries,
  range: Range,
  { from = -Infinity, to = Infinity }: SeriesRequest,
  bucket?: number,
): Promise<SeriesLine | undefined> {
  const values =
    bucket === undefined
      ? await along.valuesAt(line.x)
      : // What stands before the range holds until the next one: it is looked for as far back as need be.
        lastValues(meansOf(await along.rollups({ ...everything, toStep: range.toStep }, bucket)), line.x)
  const rows = Array.from(values.keys()).filter((row) => values[row] >= from && values[row] <= to)
  if (rows.length === 0) return undefined
  const pick = (column: Float64Array) => Float64Array.from(rows, (row) => column[row])
  const { buckets } = line
  return {
    ...line,
    count: buckets ? sumOf(pick(buckets.counts)) : rows.length,
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

function meansOf(rollups: Awaited<ReturnType<OneSeries['rollups']>>) {
  const rows = Array.from({ length: rollups.length }, (_, row) => row).filter(
    (row) => rollups.count[row] > rollups.nonfinite[row],
  )
  return {
    steps: Float64Array.from(rows, (row) => rollups.start[row]),
    values: Float64Array.from(rows, (row) => rollups.mean(row)),
  }
}
