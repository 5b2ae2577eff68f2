import { type Correlation, ranks, spearman } from './correlation.ts'
import type { Goal, PlotValue } from './fields.ts'
import { growForest } from './forest.ts'

/** With fewer runs a forest finds whatever one likes. */
export const importanceRunsMin = 8
/** More values of one key than this are no categories: what is rarer goes together. */
const categoriesMax = 24
const seed = 1

export interface ImportanceRequest {
  /** Keys with the value of each run. */
  keys: readonly { key: string; values: readonly PlotValue[] }[]
  target: readonly PlotValue[]
  goal: Goal
  /** Runs whose target is NaN or infinite count as the worst of all, instead of not at all. */
  isNaNWorst: boolean
}

export interface KeyImportance {
  key: string
  kind: 'number' | 'category'
  /** Of numeric keys with the target. */
  correlation: Correlation | null
  /** What shuffling the key adds to the forest's error, over the target's variance. */
  importance: number
}

export interface Importance {
  /** Runs that were looked at, and those left out for having no target, or one that is not finite. */
  n: number
  unset: number
  nonFinite: number
  /** Null when there are too few runs, or nothing varies. */
  r2: number | null
  /** Most important first. */
  keys: KeyImportance[]
  /** Keys that are the same in all of the runs. */
  constant: number
}

/**
 * Which keys of the config a metric depends on. The forest learns the order of the runs (the target's ranks), not its size:
 * one run that went to 1e30 would otherwise be all there is to learn, and what matters is which run is better.
 */
export function importanceOf({ keys, target, goal, isNaNWorst }: ImportanceRequest): Importance {
  const unset = target.filter((value) => typeof value !== 'number').length
  const nonFinite = target.filter((value) => typeof value === 'number' && !Number.isFinite(value)).length
  const worst = goal === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  const rows = target.flatMap((value, at) =>
    typeof value === 'number' && (Number.isFinite(value) || isNaNWorst) ? [at] : [],
  )
  const y = Float64Array.from(rows, (at) => (Number.isFinite(target[at]) ? (target[at] as number) : worst))
  const order = ranks(y)
  const known = keys.map(({ key, values }) => ({ key, values: rows.map((at) => values[at]) }))
  const varied = known.filter(({ values }) => values.some((value) => !Object.is(value, values[0])))
  const counts = { n: rows.length, unset, nonFinite, constant: keys.length - varied.length }
  const features = varied.map(({ key, values }) => ({ key, values, ...encode(values) }))
  const columns = features.flatMap((feature) => feature.columns)
  let next = 0
  const places = features.map((feature) => feature.columns.map(() => next++))
  const isEnough = rows.length >= importanceRunsMin && columns.length > 0 && order.some((rank) => rank !== order[0])
  const forest = isEnough ? growForest({ columns, features: places, target: order, seed }) : null
  const found = features.map(({ key, kind, values }, at) => ({
    key,
    kind,
    correlation: kind === 'number' ? spearman(values.map(asNumber), Array.from(order)) : null,
    importance: forest?.importance[at] ?? 0,
  }))
  return {
    ...counts,
    r2: forest?.r2 ?? null,
    keys: found.sort((one, other) => other.importance - one.importance || size(other) - size(one)),
  }
}

const size = ({ correlation }: KeyImportance) => Math.abs(correlation?.rho ?? 0)

/** True and false have an order, which texts do not. */
const asNumber = (value: PlotValue): PlotValue => (value === 'true' ? 1 : value === 'false' ? 0 : value)

/**
 * A key as columns of numbers. Numbers stay one column, with another that says which are not set (they stand at the median,
 * where they pull neither way); anything else has a column for each category, of which "not set" is one.
 */
function encode(values: readonly PlotValue[]): { kind: 'number' | 'category'; columns: Float64Array[] } {
  const numbers = values.map(asNumber)
  const there = numbers.filter((value) => value !== undefined)
  if (there.length > 0 && there.every((value) => typeof value === 'number' && Number.isFinite(value))) {
    const sorted = Float64Array.from(there as number[]).sort()
    const median = sorted[sorted.length >> 1]!
    const column = Float64Array.from(numbers, (value) => (value as number | undefined) ?? median)
    if (there.length === values.length) return { kind: 'number', columns: [column] }
    const isUnset = Float64Array.from(numbers, (value) => (value === undefined ? 1 : 0))
    return { kind: 'number', columns: [column, isUnset] }
  }
  const counts = new Map<PlotValue, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  const common = [...counts].sort(([, one], [, other]) => other - one).slice(0, categoriesMax)
  const columns = common.map(([category]) => Float64Array.from(values, (value) => (Object.is(value, category) ? 1 : 0)))
  return { kind: 'category', columns }
}

/** What the forest's R² says about its importances, so that nobody trusts noise. */
export function trustWords(r2: number): string {
  const share = `${Math.max(0, Math.round(r2 * 100))} %`
  if (r2 <= 0.1)
    return `The forest foretells no run it has not seen (R² ${r2.toFixed(2).replace('-', '−')}): take the importances below for noise.`
  if (r2 < 0.5)
    return `The forest explains ${share} of the order of runs it has not seen: take the importances for hints.`
  return `The forest explains ${share} of the order of runs it has not seen.`
}
