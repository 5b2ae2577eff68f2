import { expect, isRecord, show } from './expect.ts'
import { checkMetric } from './names.ts'

/** What a metric can be: a number, NaN and infinities among them, a boolean (0 or 1), or what `valueOf` makes a number. */
export type MetricValue = number | bigint | boolean | null | undefined | { valueOf(): number | bigint | boolean }
/** Metrics by name; nested ones are joined by `/`. null and undefined are not logged. */
export interface Metrics {
  [name: string]: MetricValue | Metrics
}

/** Adds the numbers of `data` to `row`, names of nested objects joined by `/`. @throws TypeError that names the metric */
export function flatten(data: object, row: Map<string, number>, prefix = ''): Map<string, number> {
  const isGood = isRecord(data) && prefix.length < 600
  expect(isGood, `what log takes${prefix && ` as ${prefix}`}`, 'an object of numbers', data)
  for (const [key, value] of Object.entries(data)) {
    const name = prefix + key
    const plain = value?.valueOf() ?? undefined
    if (typeof plain === 'object') {
      flatten(plain, row, `${name}/`)
    } else if (plain !== undefined) {
      expect(/^[nb]/.test(typeof plain), `metric ${show(name)}`, 'a number or a boolean', value)
      checkMetric(name)
      row.set(name, Number(plain))
    }
  }
  expect(row.size <= 10_000, 'a step', 'at most 10000 metrics', row.size)
  return row
}
