import { checkMetric } from './names.ts'

/** What a metric can be: a number, NaN and infinities among them, a boolean (0 or 1), or what `valueOf` makes a number. */
export type MetricValue = number | bigint | boolean | null | undefined | { valueOf(): number | bigint | boolean }
/** Metrics by name; nested ones are joined by `/`. null and undefined are not logged. */
export interface Metrics {
  [name: string]: MetricValue | Metrics
}

const metricsMax = 10_000

/** Adds the numbers of `data` to `row`, names of nested objects joined by `/`. @throws TypeError that names the metric */
export function flatten(data: object, row: Map<string, number>, prefix = '', depth = 0): Map<string, number> {
  if (data === null || typeof data !== 'object' || Array.isArray(data)) {
    throw new TypeError(`log takes an object of metrics, such as { loss: 0.5 }, not ${show(data)}`)
  }
  if (depth > 64) throw new TypeError(`metric ${prefix} is nested more than 64 deep`)
  for (const [key, value] of Object.entries(data)) {
    if (value === undefined || value === null) continue
    const name = prefix + key
    const number = numberOf(value)
    if (number !== undefined) {
      if (!row.has(name)) checkMetric(name)
      row.set(name, number)
    } else if (typeof value === 'object' && !Array.isArray(value)) {
      flatten(value, row, `${name}/`, depth + 1)
    } else {
      throw new TypeError(`metric ${JSON.stringify(name)} is a number or a boolean, not ${show(value)}`)
    }
  }
  if (row.size > metricsMax) throw new TypeError(`a step has at most ${metricsMax} metrics, this one ${row.size}`)
  return row
}

function numberOf(value: unknown): number | undefined {
  const plain = typeof value === 'object' ? value?.valueOf() : value
  return typeof plain === 'number' || typeof plain === 'boolean' || typeof plain === 'bigint'
    ? Number(plain)
    : undefined
}

export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60))
  return Array.isArray(value) ? 'a list' : value !== null && typeof value === 'object' ? 'an object' : String(value)
}

/** @throws TypeError that names all that could be given */
export function checkOne(name: string, value: unknown, known: readonly string[]): void {
  if (!known.includes(value as string)) throw new TypeError(`${name} is one of ${known.join(', ')}, not ${show(value)}`)
}
