import { defaultView, type View } from './view.ts'

/**
 * The view in the address: only what differs from the view it stands on (the default one, or a saved one named by
 * `view=`), under short keys, texts as they are and everything else as JSON. A link shows exactly what its sender saw.
 */
const keys: { [Key in keyof View]: string } = {
  filter: 'f',
  sort: 's',
  columns: 'c',
  pinned: 'cp',
  widths: 'cw',
  group: 'g',
  closedGroups: 'gx',
  pinnedRuns: 'rp',
  colourBy: 'gc',
  shown: 'n',
  eyesOn: 'on',
  eyesOff: 'off',
  solo: 'solo',
  metrics: 'm',
  x: 'x',
  xScale: 'xs',
  yScale: 'ys',
  smoothing: 'sm',
  clipOutliers: 'clip',
  aggregate: 'agg',
  panels: 'p',
  closed: 'closed',
  pinnedPanels: 'pin',
  perRow: 'cols',
  panelHeight: 'h',
  tableWidth: 'w',
  ranges: 'r',
}

const names = Object.keys(keys) as (keyof View)[]

/** The keys of an address that are the view's. */
export const viewKeys: ReadonlySet<string> = new Set(Object.values(keys))

/** What of `view` differs from `base`, by the keys of an address. */
export function writeView(view: View, base: View = defaultView): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const name of names) {
    const value = view[name]
    if (JSON.stringify(value) === JSON.stringify(base[name])) continue
    fields[keys[name]] = typeof value === 'string' ? value : isTexts(value) ? value.join(',') : JSON.stringify(value)
  }
  return fields
}

/** The view that an address describes. What it says that can't be is left out: a link may be older, or cut off. */
export function readView(fields: Record<string, string | undefined>, base: View = defaultView): View {
  const view: Record<string, unknown> = { ...base }
  for (const name of names) {
    const text = fields[keys[name]]
    if (text === undefined) continue
    const value = readValue(name, text)
    if (value !== undefined && isLike(name, value)) view[name] = value
  }
  return view as unknown as View
}

/** A saved view as the tracker has it: of another version, or of somebody's script. */
export function readSaved(saved: Record<string, unknown>): View {
  const view: Record<string, unknown> = { ...defaultView }
  for (const name of names) if (name in saved && isLike(name, saved[name])) view[name] = saved[name]
  return view as unknown as View
}

/** Texts without a comma in them, which then need no JSON. */
function isTexts(value: unknown): value is string[] {
  return (
    Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string' && /^[^,[]+$/.test(one))
  )
}

function readValue(name: keyof View, text: string): unknown {
  const before = defaultView[name]
  if (typeof before === 'string') return text
  if (Array.isArray(before) && !text.startsWith('[')) return text.split(',')
  try {
    return JSON.parse(text)
  } catch {
    // `tableWidth` is a number or a word.
    return text
  }
}

const scales = ['linear', 'log', 'symlog']
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
const isTextList = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === 'string')
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isRange = (value: unknown) =>
  Array.isArray(value) && value.length === 2 && value.every(isNumber) && value[0] < value[1]

function isLike(name: keyof View, value: unknown): boolean {
  switch (name) {
    case 'xScale':
    case 'yScale':
      return scales.includes(value as string)
    case 'x':
      return typeof value === 'string' && /^(step|time|relative|metric:.+)$/.test(value)
    case 'colourBy':
      return value === 'run' || value === 'group'
    case 'smoothing':
      return isSmoothing(value)
    case 'aggregate':
      return (
        isRecord(value) &&
        ['mean', 'median'].includes(value.line as string) &&
        ['none', 'minmax', 'std', 'stderr', 'ci95'].includes(value.band as string)
      )
    case 'tableWidth':
      return value === 'full' || isCount(value)
    case 'shown':
    case 'perRow':
      return isCount(value)
    case 'panelHeight':
      return isNumber(value) && value >= 80 && value <= 2000
    case 'widths':
      return isRecord(value) && Object.values(value).every(isNumber)
    case 'ranges':
      return isRecord(value) && Object.values(value).every(isRange)
    case 'panels':
      return isRecord(value) && Object.values(value).every(isPanel)
    default:
      return Array.isArray(defaultView[name]) ? isTextList(value) : typeof value === typeof defaultView[name]
  }
}

const isCount = (value: unknown) => isNumber(value) && Number.isInteger(value) && value >= 0

const isSmoothing = (value: unknown) =>
  isRecord(value) &&
  ['time-ema', 'ema', 'gaussian', 'mean'].includes(value.kind as string) &&
  isNumber(value.amount) &&
  value.amount >= 0 &&
  value.amount <= 1

function isPanel(value: unknown): boolean {
  if (!isRecord(value)) return false
  const { yScale, smoothing, clipOutliers, y, wide, tall } = value
  return (
    (yScale === undefined || scales.includes(yScale as string)) &&
    (smoothing === undefined || isSmoothing(smoothing)) &&
    (clipOutliers === undefined || typeof clipOutliers === 'boolean') &&
    (y === undefined || isRange(y)) &&
    (wide === undefined || isCount(wide)) &&
    (tall === undefined || isCount(tall))
  )
}
