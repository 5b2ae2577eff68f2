const iso = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d{1,9}))?(Z|[+-]\d{2}:?\d{2})?)?$/

/** What JavaScript's Date can hold, and so what every reader of ours can show. */
const timestampMsMax = 8.64e15

/**
 * A timestamp in milliseconds since the epoch, with its microseconds as a fraction.
 * Takes milliseconds, or ISO 8601 as Python's `isoformat()` and `str()` write it. Without an offset it is the tracker's
 * local time: on one machine that is what `datetime.now()` means.
 * @returns undefined when it is neither
 */
export function parseTimestamp(timestamp: string | number): number | undefined {
  if (typeof timestamp === 'number') return Math.abs(timestamp) <= timestampMsMax ? timestamp : undefined
  const parts = iso.exec(timestamp)
  if (!parts) return undefined
  const [, year, month, day, time = '00:00', fraction = '', offset = ''] = parts
  // Date.parse takes 30 February for 2 March.
  if (Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()) return undefined
  const seconds = Date.parse(
    `${year}-${month}-${day}T${time}${offset === '' || offset === 'Z' ? offset : withColon(offset)}`,
  )
  if (Number.isNaN(seconds)) return undefined
  // Rounded to microseconds: 1.7e12 ms leave a double 2^-12 ms, just enough for them.
  return fraction === '' ? seconds : seconds + Math.round(Number(`0.${fraction}`) * 1e6) / 1e3
}

const withColon = (offset: string) => (offset.includes(':') ? offset : `${offset.slice(0, 3)}:${offset.slice(3)}`)
