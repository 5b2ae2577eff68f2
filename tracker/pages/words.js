// How numbers, times and documents are written on the page.

/** Four significant digits, so that a column of them lines up; a power of ten only where plain digits would not fit. */
export function numberText(value) {
  if (value === null) return '–'
  if (typeof value === 'string') return { NaN: 'NaN', Infinity: '+∞', '-Infinity': '−∞' }[value] ?? value
  const size = Math.abs(value)
  return (size !== 0 && (size < 1e-4 || size >= 1e7) ? powerText(value) : plainText(value)).replaceAll('-', '−')
}

function plainText(value) {
  if (Number.isInteger(value) || Math.abs(value) >= 1e4) return String(Math.round(value))
  // A learning rate of 0.0003 is not 0.0003000.
  return Math.abs(value) < 0.1 ? String(Number(value.toPrecision(4))) : value.toPrecision(4)
}

function powerText(value) {
  return value.toExponential(3).replace(/\.?0*e\+?/, 'e')
}

/** Of a long metric's name the end tells most: `…encoder/loss`. */
export function metricText(metric) {
  return metric.length <= 14 ? metric : `…${metric.slice(-12)}`
}

/** Exact to 9,999, then three digits: 12.5k, 3.2M. */
export function countText(count) {
  if (count < 10_000) return String(count)
  const [size, unit] = count < 999_500 ? [1e3, 'k'] : count < 999_500_000 ? [1e6, 'M'] : [1e9, 'G']
  return `${Number((count / size).toPrecision(3))}${unit}`
}

export function wholeText(count) {
  return count.toLocaleString('en')
}

export function bytesText(size) {
  const power = Math.min(4, Math.floor(Math.log2(Math.max(1, size)) / 10))
  const text = power === 0 ? size : Number((size / 1024 ** power).toPrecision(3))
  return `${text} ${['bytes', 'KiB', 'MiB', 'GiB', 'TiB'][power]}`
}

/** Coarse enough to change seldom: what counts the seconds draws the eye and says nothing. */
export function agoText(moment, nowMs) {
  const seconds = (nowMs - Date.parse(moment)) / 1000
  if (seconds < 10) return 'just now'
  if (seconds < 60) return `${Math.floor(seconds / 10) * 10} s ago`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`
  return `${Math.floor(seconds / 86_400)} d ago`
}

export function durationText(fromMoment, toMoment) {
  const seconds = Math.max(0, Math.round((Date.parse(toMoment) - Date.parse(fromMoment)) / 1000))
  const minutes = Math.floor(seconds / 60)
  if (minutes >= 60) return `${Math.floor(minutes / 60)}h ${minutes % 60}m`
  return minutes > 0 ? `${minutes}m ${seconds % 60}s` : `${seconds}s`
}

export function momentText(moment) {
  return new Date(moment).toLocaleString([], { dateStyle: 'medium', timeStyle: 'medium' })
}

export function clockText(date) {
  return date.toTimeString().slice(0, 5)
}

/** A nested document as lines: `['optimizer/lr', '0.001']`. */
export function documentLines(value, path = '') {
  const isBranch = value !== null && typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length > 0
  if (!isBranch) return path === '' ? [] : [[path, typeof value === 'string' ? value : JSON.stringify(value)]]
  return Object.entries(value).flatMap(([key, inner]) => documentLines(inner, path ? `${path}/${key}` : key))
}

export function documentPreview(value) {
  const lines = documentLines(value).slice(0, 12)
  return lines.map(([key, text]) => `${key} ${text.slice(0, 80)}`).join('  ')
}
