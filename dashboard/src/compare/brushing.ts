import { type Axis, type Mark, placeOf, roundedAt } from './axes.ts'
import type { PlotValue } from './fields.ts'

/** What is let through on an axis: values between two, some categories, or those at a mark. In values, not pixels: it outlasts both. */
export type Brush = { from: number; to: number } | { categories: string[] } | { mark: Mark }

/** By field. */
export type Brushes = Readonly<Record<string, Brush>>

export function passes(axis: Axis, brush: Brush, value: PlotValue): boolean {
  const place = placeOf(axis, value)
  if ('mark' in brush) return place === brush.mark
  if (typeof place !== 'number') return false
  if ('categories' in brush) return brush.categories.includes(String(value))
  return typeof value === 'number' && value >= brush.from && value <= brush.to
}

/** For each run whether every brush lets it through. `columns` are the values of each axis, in the runs' order. */
export function brushed(
  axes: readonly Axis[],
  columns: readonly (readonly PlotValue[])[],
  brushes: Brushes,
  count: number,
): boolean[] {
  const kept = Array.from({ length: count }, () => true)
  for (const [at, axis] of axes.entries()) {
    const brush = brushes[axis.id]
    if (!brush) continue
    for (let run = 0; run < count; run++) kept[run] &&= passes(axis, brush, columns[at]![run])
  }
  return kept
}

/** The brush that two parts of an axis span; undefined when it would let nothing through by its very shape. */
export function brushBetween(axis: Axis, one: number, other: number): Brush | undefined {
  const from = Math.max(0, Math.min(one, other))
  const to = Math.min(1, Math.max(one, other))
  if (axis.kind !== 'category') return from < to ? { from: roundedAt(axis, from), to: roundedAt(axis, to) } : undefined
  // A category stands at a point, so half of the way to its neighbours is its own.
  const reach = axis.categories.length > 1 ? 0.25 / (axis.categories.length - 1) : 0.5
  const categories = axis.categories.filter((category) => {
    const at = placeOf(axis, category) as number
    return at >= from - reach && at <= to + reach
  })
  return categories.length > 0 ? { categories } : undefined
}

/** The parts of the axis that a brush covers, lowest first; a mark covers none. */
export function brushParts(axis: Axis, brush: Brush): [number, number][] {
  if ('mark' in brush) return []
  if ('categories' in brush) {
    const reach = axis.categories.length > 1 ? 0.4 / (axis.categories.length - 1) : 0.1
    return brush.categories
      .map((category) => placeOf(axis, category))
      .filter((at) => typeof at === 'number')
      .map((at) => [Math.max(0, at - reach), Math.min(1, at + reach)])
  }
  const part = (value: number, beyond: number) => {
    const at = placeOf(axis, value)
    return typeof at === 'number' ? Math.min(1, Math.max(0, at)) : beyond
  }
  return [[part(brush.from, 0), part(brush.to, 1)]]
}

/**
 * A brush after an arrow key: `move` goes along, `grow` makes it wider (or, with `by` < 0, narrower). Without a brush the
 * first key makes one: the upper half for up, the lower for down. `by` is a part of the axis.
 */
export function nudged(axis: Axis, brush: Brush | undefined, how: 'move' | 'grow', by: number): Brush | undefined {
  if (axis.kind === 'category') return nudgedCategory(axis, brush, how, by)
  const [part] = brush ? brushParts(axis, brush) : []
  if (!part) return by > 0 ? brushBetween(axis, 0.5, 1) : brushBetween(axis, 0, 0.5)
  const [from, to] = part
  if (how === 'move') {
    const moved = Math.min(1 - to, Math.max(-from, by))
    return moved === 0 ? brush : brushBetween(axis, from + moved, to + moved)
  }
  return to - from + 2 * by <= 0 ? brush : brushBetween(axis, from - by, to + by)
}

function nudgedCategory(axis: Axis, brush: Brush | undefined, how: 'move' | 'grow', by: number): Brush | undefined {
  const { categories } = axis
  if (categories.length === 0) return undefined
  const chosen = brush && 'categories' in brush ? brush.categories.map((one) => categories.indexOf(one)) : []
  const there = chosen.filter((at) => at >= 0)
  if (there.length === 0) return { categories: [by > 0 ? categories.at(-1)! : categories[0]!] }
  const [low, high] = [Math.min(...there), Math.max(...there)]
  const step = Math.sign(by)
  const clamp = (at: number) => Math.min(categories.length - 1, Math.max(0, at))
  if (how === 'grow') {
    const upper = clamp(high + step)
    return { categories: categories.slice(low, Math.max(low, upper) + 1) }
  }
  const from = low + step < 0 || high + step >= categories.length ? low : low + step
  return { categories: categories.slice(from, from + high - low + 1) }
}

/** Brushes as an address has them: a pair of numbers, a list of texts, or a mark. */
export function writeBrushes(brushes: Brushes): string | undefined {
  const entries = Object.entries(brushes).map(([id, brush]) => [
    id,
    'mark' in brush ? brush.mark : 'categories' in brush ? brush.categories : [brush.from, brush.to],
  ])
  return entries.length > 0 ? JSON.stringify(Object.fromEntries(entries)) : undefined
}

/** What can't be a brush is left out: a link may be older, or cut off. */
export function readBrushes(text: string | undefined): Brushes {
  let written: unknown
  try {
    written = JSON.parse(text ?? '{}')
  } catch {
    // Cut off.
    return {}
  }
  if (typeof written !== 'object' || written === null) return {}
  return Object.fromEntries(
    Object.entries(written).flatMap(([id, value]): [string, Brush][] => {
      if (value === 'off' || value === 'unset') return [[id, { mark: value }]]
      if (!Array.isArray(value)) return []
      if (value.length === 2 && value.every((one) => typeof one === 'number') && value[0] <= value[1])
        return [[id, { from: value[0], to: value[1] }]]
      if (value.length > 0 && value.every((one) => typeof one === 'string')) return [[id, { categories: value }]]
      return []
    }),
  )
}
