const iso =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:(Z)|([+-])(\d{2}):?(\d{2}))?)?$/

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
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])]
  const [hour, minute, second] = [Number(parts[4] ?? 0), Number(parts[5] ?? 0), Number(parts[6] ?? 0)]
  // Date takes 30 February for 2 March, 25 o'clock for the next day, and the year 26 for 1926.
  if (year < 100 || month < 1 || month > 12 || day < 1 || day > daysIn(month, year)) return undefined
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const fraction = parts[7] === undefined ? 0 : microsecondsOf(parts[7])
  const isUtc = parts[8] !== undefined
  if (!isUtc && parts[9] === undefined) return new Date(year, month - 1, day, hour, minute, second).getTime() + fraction
  const offset = isUtc ? 0 : offsetMs(parts[9], Number(parts[10]), Number(parts[11]))
  if (offset === undefined) return undefined
  return Date.UTC(year, month - 1, day, hour, minute, second) - offset + fraction
}

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function daysIn(month: number, year: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return month === 2 && isLeap ? 29 : monthDays[month - 1]
}

/** In milliseconds, rounded to microseconds: 1.7e12 ms leave a double steps of 2^-12 ms, just enough for them. */
const microsecondsOf = (digits: string) => Math.round(Number(`0.${digits}`) * 1e6) / 1e3

function offsetMs(sign: string, hours: number, minutes: number): number | undefined {
  if (hours > 23 || minutes > 59) return undefined
  return (sign === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000
}
