import type { View } from '../view/view.ts'
import type { LinearPattern } from './linear-pattern.ts'
import { readPattern } from './metric-pattern.ts'

/** Panels under one prefix: `train/loss` and `train/acc` are in `train`. */
export interface Section {
  /** '' for metrics without a prefix. */
  prefix: string
  metrics: string[]
}

/** Where a metric's section ends: at its first slash. */
export function prefixOf(metric: string): string {
  const slash = metric.indexOf('/')
  return slash <= 0 ? '' : metric.slice(0, slash)
}

/** What is written over a panel: the metric without its section. */
export const titleOf = (metric: string): string => {
  const prefix = prefixOf(metric)
  return prefix === '' ? metric : metric.slice(prefix.length + 1) || metric
}

const order = new Intl.Collator('en', { numeric: true })

/** Whether it learns is what one comes for; what machines do is looked at last. */
const rank = (prefix: string) => {
  if (/^(train(ing)?|val(id(ation)?)?|eval|test)$/i.test(prefix)) return 0
  if (/^(system|time|perf)$/i.test(prefix)) return 2
  return prefix === '' ? 0.5 : 1
}

/** A search that takes longer would be felt as a page that stands still. */
const searchMs = 250

/** Sections by name; `pattern` is a regular expression that each metric has to match, whatever the case. */
export function sectionsOf(metrics: readonly string[], pattern: LinearPattern | null): Section[] {
  const untilMs = performance.now() + searchMs
  // What is not tried in time does not fit.
  const fits = (metric: string) => pattern === null || (performance.now() < untilMs && pattern.test(metric))
  const groups = Map.groupBy(metrics.filter(fits), prefixOf)
  return [...groups]
    .map(([prefix, inside]) => ({ prefix, metrics: inside.toSorted(order.compare) }))
    .sort((one, other) => rank(one.prefix) - rank(other.prefix) || order.compare(one.prefix, other.prefix))
}

/** The section of panels that were pinned; no prefix of a metric has this name. */
export const pinnedSection = '\u0000pinned'

/** The sections of a view: pinned panels on top, which stand in their own section as well. */
export function sectionsOfView(
  metrics: readonly string[],
  { metrics: search, pinnedPanels }: Pick<View, 'metrics' | 'pinnedPanels'>,
): Section[] {
  const found = sectionsOf(metrics, readPattern(search).pattern)
  const top = pinnedPanels.filter((metric) => found.some(({ metrics }) => metrics.includes(metric)))
  return top.length > 0 ? [{ prefix: pinnedSection, metrics: top }, ...found] : found
}
