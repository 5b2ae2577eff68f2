import { show } from './expect.ts'

const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:(Z)|([+-]\d\d):?(\d\d))?)?$/i

/**
 * Milliseconds since the epoch, with microseconds as a fraction. Text without an offset is local time, a day alone too.
 * @throws TypeError that says the unit where it is likely to be another
 */
export function timeOf(timestamp: unknown): number {
  const time =
    typeof timestamp === 'number'
      ? timestamp
      : timestamp instanceof Date
        ? timestamp.getTime()
        : typeof timestamp === 'string'
          ? timeOfText(timestamp.trim())
          : Number.NaN
  // As far as a Date goes.
  if (!(Math.abs(time) <= 8.64e15)) {
    throw new TypeError(`timestamp must be milliseconds since the epoch, a Date or ISO 8601, got ${show(timestamp)}`)
  }
  if (Math.abs(time) < secondsMax) {
    throw new TypeError(
      `timestamp must be milliseconds since the epoch, such as Date.now(): ${show(timestamp)} looks like seconds`,
    )
  }
  return time
}

/** As milliseconds March 1973, as seconds the year 5138. */
const secondsMax = 1e11

function timeOfText(text: string): number {
  const [isIso, day, minute = '00:00', second = '00', digits = '', utc = '', hours, minutes] = iso.exec(text) ?? []
  if (!isIso) return Number.NaN
  // Date would cut off what is less than a millisecond.
  const fraction = digits && Math.round(Number(`0.${digits}`) * 1e6) / 1e3
  // A day that the month does not have would be taken as one of the next.
  const midnight = new Date(`${day}T00:00Z`)
  const isDay = !Number.isNaN(+midnight) && midnight.toISOString().startsWith(day)
  const offset = hours ? `${hours}:${minutes}` : utc.toUpperCase()
  return isDay ? Date.parse(`${day}T${minute}:${second}${offset}`) + Number(fraction) : Number.NaN
}
