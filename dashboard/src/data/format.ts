/** Numbers, times and sizes as the page writes them. Each answers text of bounded length. */

const minus = '\u2212'
const trim = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)

/** A value with up to `digits` significant digits: 0.9432, 1.234e−7, 12.35M is not used (steps have their own), NaN, +∞, −∞. */
export function formatValue(value: number, digits = 4): string {
  if (Number.isNaN(value)) return 'NaN'
  if (value === Number.POSITIVE_INFINITY) return '+∞'
  if (value === Number.NEGATIVE_INFINITY) return `${minus}∞`
  if (value === 0) return '0'
  const size = Math.abs(value)
  const sign = value < 0 ? minus : ''
  if (size >= 1e-4 && size < 1e6) {
    // Whole numbers are said whole: an epoch of 12345 is not 12350.
    if (Number.isInteger(size)) return sign + String(size)
    const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)))
    return sign + trim(size.toFixed(Math.min(decimals, 20)))
  }
  const [mantissa = '', exponent = ''] = size.toExponential(digits - 1).split('e')
  const power = Number(exponent)
  return `${sign}${trim(mantissa)}e${power < 0 ? minus : ''}${Math.abs(power)}`
}

/** A value as the API has it: non-finite ones are words, null is what is not there. */
export function readValue(value: number | string | null | undefined): number | null {
  if (value === null || value === undefined) return null
  return typeof value === 'number' ? value : Number(value)
}

const units = ['', 'k', 'M', 'G', 'T', 'P']

/** A count or a step: 950, 12.5k, 3.2M. Three significant digits; whole below 1000. */
export function formatCount(count: number): string {
  const size = Math.abs(count)
  if (size < 1000) return (count < 0 ? minus : '') + trim(size.toFixed(Number.isInteger(size) ? 0 : 2))
  let power = Math.floor(Math.log10(size) / 3)
  let scaled = size / 1000 ** power
  // 999,950 is 1M, not 1000k.
  if (Number(scaled.toPrecision(3)) >= 1000) scaled = size / 1000 ** ++power
  if (power >= units.length) return formatValue(count)
  return `${count < 0 ? minus : ''}${trim(scaled.toPrecision(3))}${units[power]}`
}

/** Bytes in powers of 1024: 512 B, 12.5 KiB. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const power = Math.min(4, Math.floor(Math.log2(bytes) / 10))
  return `${trim((bytes / 1024 ** power).toPrecision(3))} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][power]}`
}

/** A span of time in its two largest units: 2h 14m, 45s, 320ms. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return '–'
  if (ms < 0) return minus + formatDuration(-ms)
  if (ms < 1000) return `${Math.round(ms)}ms`
  const seconds = Math.floor(ms / 1000)
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ]
  const first = parts.findIndex(([amount]) => amount > 0)
  return parts
    .slice(first, first + 2)
    .filter(([amount], at) => at === 0 || amount > 0)
    .map(([amount, unit]) => amount + unit)
    .join(' ')
}

/** How long ago, in one unit: just now, 5m ago, 3d ago. */
export function formatAgo(thenMs: number, nowMs: number): string {
  const ms = nowMs - thenMs
  if (ms < 10_000) return 'just now'
  const first = formatDuration(ms).split(' ')[0]
  return `${first} ago`
}

/** A moment in the reader's time zone, to be shown on hover: 2026-01-31 09:41:07. */
export function formatMoment(ms: number): string {
  const at = new Date(ms)
  const two = (part: number) => String(part).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

/** Anything a config or summary holds, on one line. */
export function formatDocumentValue(value: unknown): string {
  if (typeof value === 'number') return formatValue(value)
  if (typeof value === 'string') return value
  if (value === undefined) return ''
  return JSON.stringify(value)
}
