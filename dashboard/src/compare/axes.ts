import { formatDuration, formatMoment, formatValue } from '../data/format.ts'
import type { PlotValue } from './fields.ts'

export type AxisKind = 'linear' | 'log' | 'category'
/** `auto`: a logarithmic one where values spread over powers of ten. */
export type WantedScale = 'auto' | 'linear' | 'log'

/** How a field's values become places between 0 (bottom, left) and 1 (top, right). */
export interface Axis {
  id: string
  kind: AxisKind
  /** The ends of a number axis. */
  min: number
  max: number
  /** What a category axis has, from 0 to 1. */
  categories: string[]
  /** Nothing has a place between the ends, which then mean nothing. */
  isEmpty: boolean
  /** Whole numbers alone, which have no ticks between them. */
  isWhole: boolean
  /** How many runs have no place between the ends: shown at marks of their own. */
  offScale: number
  unset: number
}

/** Where a value goes that has no place between the ends: NaN, ∞ and, on logarithmic axes, what is not above 0; or nothing. */
export type Mark = 'off' | 'unset'

/** Values at least so many times apart are read better by powers of ten. */
const logRatio = 50

export function axisOf(id: string, values: readonly PlotValue[], wanted: WantedScale): Axis {
  const there = values.filter((value) => value !== undefined)
  const unset = values.length - there.length
  if (there.some((value) => typeof value === 'string')) {
    const categories = [...new Set(there.map(String))].sort(byNumberOrText)
    return { id, kind: 'category', min: 0, max: 1, categories, isEmpty: false, isWhole: false, offScale: 0, unset }
  }
  const finite = (there as number[]).filter(Number.isFinite)
  const positive = finite.filter((value) => value > 0)
  const isSpread = () =>
    positive.length === finite.length &&
    new Set(finite).size > 2 &&
    greatest(finite) / least(finite) >= logRatio &&
    id !== 'created'
  const isLog = wanted === 'log' ? positive.length > 0 : wanted === 'auto' && isSpread()
  const shown = isLog ? positive : finite
  const offScale = there.length - shown.length
  const [min, max] = ends(shown, isLog)
  const isWhole = shown.every(Number.isInteger)
  const kind = isLog ? 'log' : 'linear'
  return { id, kind, min, max, categories: [], isEmpty: shown.length === 0, isWhole, offScale, unset }
}

/** `Math.min(...values)` overflows the stack of long lists. */
const least = (values: number[]) => values.reduce((one, other) => Math.min(one, other))
const greatest = (values: number[]) => values.reduce((one, other) => Math.max(one, other))

function byNumberOrText(one: string, other: string): number {
  const difference = Number(one) - Number(other)
  if (!Number.isNaN(difference) && difference !== 0) return difference
  return one < other ? -1 : one > other ? 1 : 0
}

/** An axis of one value has it in its middle. */
function ends(values: number[], isLog: boolean): [number, number] {
  if (values.length === 0) return isLog ? [1, 10] : [0, 1]
  const [min, max] = [least(values), greatest(values)]
  if (min < max) return [min, max]
  const { MAX_VALUE } = Number
  if (isLog) return [min / 2 || min, Math.min(max * 2, MAX_VALUE)]
  const air = Math.abs(min) / 2 || 1
  return [Math.max(min - air, -MAX_VALUE), Math.min(max + air, MAX_VALUE)]
}

/** The part of the axis at which a value stands, or its mark. */
export function placeOf(axis: Axis, value: PlotValue): number | Mark {
  if (value === undefined) return 'unset'
  if (axis.kind === 'category') {
    const at = axis.categories.indexOf(String(value))
    if (at < 0) return 'unset'
    return axis.categories.length === 1 ? 0.5 : at / (axis.categories.length - 1)
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'off'
  if (axis.kind === 'linear') {
    // Halves first: from -1e308 to 1e308 is further than a number goes.
    return (value / 2 - axis.min / 2) / (axis.max / 2 - axis.min / 2)
  }
  if (value <= 0) return 'off'
  return (Math.log10(value) - Math.log10(axis.min)) / (Math.log10(axis.max) - Math.log10(axis.min) || 1)
}

/** The value at a part of a number axis. */
export function valueAt(axis: Axis, part: number): number {
  if (axis.kind === 'log') {
    const low = Math.log10(axis.min)
    return 10 ** (low + (Math.log10(axis.max) - low) * part)
  }
  return axis.min * (1 - part) + axis.max * part
}

/** A value that is read off at a pixel, with no more digits than the pixel knows; the ends stay what they are. */
export function roundedAt(axis: Axis, part: number): number {
  if (part <= 0) return axis.min
  if (part >= 1) return axis.max
  const value = valueAt(axis, part)
  if (axis.kind === 'log') return Number(value.toPrecision(3))
  const decimals = 3 - Math.floor(Math.log10(axis.max / 2 - axis.min / 2))
  return decimals > 100 || decimals < 0 ? Math.round(value) : Number(value.toFixed(decimals))
}

export interface Tick {
  at: number
  label: string
}

/** At most about `most` ticks at round values. Of many categories only as many are named as there is room for. */
export function ticksOf(axis: Axis, most: number): Tick[] {
  if (axis.kind === 'category') {
    const every = Math.max(1, Math.ceil(axis.categories.length / most))
    return axis.categories.flatMap((label, at) =>
      at % every === 0 ? [{ at: placeOf(axis, axis.categories[at]) as number, label }] : [],
    )
  }
  if (axis.isEmpty) return []
  const values = axis.kind === 'log' ? decades(axis, most) : roundValues(axis, most)
  return values.map((value) => ({ at: placeOf(axis, value) as number, label: tickLabel(axis, value) }))
}

function tickLabel({ id }: Axis, value: number): string {
  if (id === 'created') return formatMoment(value).slice(5, 16)
  if (id === 'duration') return formatDuration(value)
  return formatValue(value)
}

function roundValues({ min, max, isWhole }: Axis, most: number): number[] {
  const rough = Math.max((max / 2 - min / 2) * (2 / Math.max(1, most)), isWhole && max - min >= 1 ? 1 : 0)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough)
  // Beyond what numbers hold (1e308), or between two that are neighbours.
  const isTooFine = max / 2 - min / 2 < 1e-9 * Math.max(Math.abs(min), Math.abs(max))
  if (!step || !Number.isFinite(step) || isTooFine) return [min, max]
  const values: number[] = []
  for (let at = Math.ceil(min / step - 1e-9); at * step <= max * (1 + Math.sign(max) * 1e-12); at++)
    values.push(Number((at * step).toPrecision(12)))
  return values
}

function decades({ min, max }: Axis, most: number): number[] {
  const [first, last] = [Math.ceil(Math.log10(min) - 1e-9), Math.floor(Math.log10(max) + 1e-9)]
  const every = Math.max(1, Math.ceil((last - first + 1) / most))
  const values: number[] = []
  for (let power = first; power <= last; power += every) values.push(Number(`1e${power}`))
  if (values.length > 1) return values
  return [min, max]
}

/** What an axis could not place, in words: "3 NaN or ∞, 1 not set"; '' when it placed all. */
export function leftOver({ kind, offScale, unset }: Axis): string {
  const off = offScale > 0 ? `${offScale} ${kind === 'log' ? 'NaN, ∞ or ≤ 0' : 'NaN or ∞'}` : ''
  return [off, unset > 0 ? `${unset} not set` : ''].filter(Boolean).join(', ')
}
