import type { View } from '../view/view.ts'

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

/** Sections by name; `pattern` is a regular expression that each metric has to match, whatever the case. */
export function sectionsOf(metrics: readonly string[], pattern: RegExp | null): Section[] {
  const groups = Map.groupBy(
    metrics.filter((metric) => pattern === null || pattern.test(metric)),
    prefixOf,
  )
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

/** What was typed as a regular expression, or why it is none. */
export function readPattern(text: string): { pattern: RegExp | null; problem: string | null } {
  if (text === '') return { pattern: null, problem: null }
  try {
    return { pattern: new RegExp(text, 'i'), problem: null }
  } catch (error) {
    return { pattern: null, problem: (error as Error).message.replace(/^Invalid regular expression: /, '') }
  }
}
