import { formatValue } from '../data/format.ts'
import { placeText } from './axis-text.ts'
import { byValue, type Reading } from './nearest.ts'
import { chartTheme } from './theme.ts'

export interface Told {
  axis: string
  /** Nearest to the pointer first. */
  readings: readonly Reading[]
  /** The line that has come forward. */
  nearest: string | null
  at: { px: number; py: number; over: HTMLElement }
}

const rowsMax = 8
/** Away from the pointer, pixels. */
const gap = 14

let element: HTMLElement | null = null
let release: (() => void) | null = null

export const isTooltipPinned = (): boolean => release !== null

/**
 * What stands at the pointer, beside it and never under it. One for the page, and made by hand rather than by React: it
 * changes with every frame.
 */
export function showTooltip(told: Told): void {
  if (told.readings.length === 0) {
    hideTooltip()
    return
  }
  element ??= makeElement()
  element.hidden = false
  element.replaceChildren(headOf(told), ...rowsOf(told))
  place(element, told.at)
}

export function hideTooltip(): void {
  release = null
  if (!element) return
  element.hidden = true
  element.classList.remove('is-pinned')
}

/** It stays until a click or Escape. */
export function pinTooltip(onRelease: () => void): void {
  if (!element || element.hidden) return
  if (release) {
    unpin()
    return
  }
  release = onRelease
  element.classList.add('is-pinned')
  const stop = new AbortController()
  const unpinOn = (event: Event) => {
    if (event instanceof KeyboardEvent && event.key !== 'Escape') return
    if (event.target instanceof Node && element?.contains(event.target)) return
    stop.abort()
    unpin()
  }
  // Not for the click that pins.
  setTimeout(() => {
    document.addEventListener('pointerdown', unpinOn, { signal: stop.signal })
    document.addEventListener('keydown', unpinOn, { signal: stop.signal })
  })
}

function unpin(): void {
  const onRelease = release
  hideTooltip()
  onRelease?.()
}

function makeElement(): HTMLElement {
  const made = document.createElement('div')
  made.className = 'chart-tooltip'
  made.setAttribute('role', 'status')
  document.body.append(made)
  return made
}

function headOf({ axis, readings }: Told): HTMLElement {
  const head = document.createElement('div')
  head.className = 'chart-tooltip-head'
  const [nearest] = readings
  const bucket = nearest!.line.bucket
  const words = [placeText(axis, nearest!.x)]
  if (bucket > 1) words.push(`${bucket.toLocaleString('en-US')} steps a bucket`)
  head.textContent = words.join(' · ')
  return head
}

function rowsOf({ readings, nearest }: Told): HTMLElement[] {
  const listed = readings.slice(0, rowsMax).toSorted(byValue)
  const rows = listed.map((reading) => rowOf(reading, reading.line.id === nearest))
  const more = readings.length - listed.length
  if (more > 0) {
    const rest = document.createElement('div')
    rest.className = 'chart-tooltip-more'
    rest.textContent = `and ${more} more`
    rows.push(rest)
  }
  return rows
}

function rowOf({ line, row, y }: Reading, isNearest: boolean): HTMLElement {
  const element = document.createElement('div')
  element.className = isNearest ? 'chart-tooltip-row is-nearest' : 'chart-tooltip-row'
  const swatch = document.createElement('span')
  swatch.className = 'chart-swatch'
  const colour = chartTheme().isDark ? line.style.dark : line.style.light
  swatch.style.borderTop = `2px ${line.style.dash.length > 0 ? 'dashed' : 'solid'} ${colour}`
  const name = document.createElement('span')
  name.className = 'chart-tooltip-name'
  name.textContent = line.title
  const value = document.createElement('span')
  value.className = Number.isFinite(y) ? 'chart-tooltip-value' : 'chart-tooltip-value text-failed'
  // A bucket of nothing but NaN has no mean: that is what it holds.
  value.textContent = formatValue(y)
  const note = document.createElement('span')
  note.className = 'chart-tooltip-note'
  note.textContent = noteOf(line, row)
  element.append(swatch, name, value, note)
  return element
}

function noteOf({ low, high, members, nonfinite, raw }: Reading['line'], row: number): string {
  const notes: string[] = []
  if (raw) notes.push(`raw ${formatValue(raw[row]!)}`)
  if (low && high && Number.isFinite(low[row]!) && low[row] !== high[row]) {
    notes.push(`${formatValue(low[row]!, 3)} to ${formatValue(high[row]!, 3)}`)
  }
  if (members) notes.push(`n = ${members[row]}`)
  if (nonfinite?.[row] && low) notes.push(`${nonfinite[row]} not finite`)
  return notes.join(' · ')
}

function place(element: HTMLElement, { px, py, over }: Told['at']): void {
  const box = over.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = element
  const x = box.left + px
  const isRight = x + gap + width <= innerWidth - 4
  const left = isRight ? x + gap : Math.max(4, x - gap - width)
  const top = Math.min(Math.max(4, box.top + py - height / 2), innerHeight - height - 4)
  element.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`
}
