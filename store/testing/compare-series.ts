import assert from 'node:assert/strict'
import type { SeriesLine } from '../series/read-series.ts'
import type { ModelAnswer } from './series-model.ts'

const columnsOf = ({ step, x, y, buckets }: SeriesLine): Record<string, Float64Array> => ({
  x,
  y,
  ...(step && { step }),
  ...buckets,
})

/**
 * Holds when an answer is that of the model. Means may differ in the last digits, where values cancel each other out in those
 * that two doubles have together; all else is the same to the bit.
 * @param isWild values are so far apart that a mean has only those digits that count beside the largest of them
 */
export function assertSameAnswer(
  actual: ModelAnswer,
  expected: ModelAnswer,
  { points, isAlong, isWild, where }: { points: number; isAlong: boolean; isWild: boolean; where: string },
): void {
  const head = ({ run, metric, count, exact, start, step, x, y, buckets }: SeriesLine) => {
    return {
      run,
      metric,
      count,
      exact,
      start,
      steps: step?.length,
      rows: x.length,
      values: y.length,
      hasBuckets: buckets !== undefined,
    }
  }
  assert.deepEqual(
    { bucket: actual.bucket, series: actual.series.map(head) },
    { bucket: expected.bucket, series: expected.series.map(head) },
    where,
  )
  assert.ok(Number.isSafeInteger(Math.log2(actual.bucket)), `${where}: buckets of ${actual.bucket}`)
  actual.series.forEach((line, index) => {
    const its = columnsOf(line)
    const name = `${where}: ${line.run} ${line.metric}`
    assert.ok(line.x.length <= points && line.x.length > 0, `${name} has ${line.x.length} rows, at most ${points}`)
    for (const [column, values] of Object.entries(columnsOf(expected.series[index]))) {
      const isMean = !line.exact && (column === 'y' || (column === 'x' && isAlong))
      values.forEach((value, row) => {
        const given = its[column][row]
        if (Object.is(given, value)) return
        const { min, max } = line.buckets ?? {}
        const size = isWild && min && max ? Math.max(-min[row], max[row]) : Math.abs(value)
        if (isMean && Math.abs(given - value) <= size * 1e-12) return
        assert.fail(`${name}: ${column} of row ${row} is ${given}, and should be ${value}`)
      })
    }
  })
}
