import { type Fault, invalidField } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import { parseTimestamp } from '@aspara/protocol/timestamp.ts'

/** A time as a request gives it, in milliseconds since the epoch. @throws invalidField */
export function checkTime(loc: Fault['loc'], time: string | number, allowed = 'ISO 8601 or milliseconds'): number {
  const parsed = parseTimestamp(time)
  if (parsed === undefined) throw invalidField(loc, `must be ${allowed} since the epoch`)
  if (typeof time === 'number' && Math.abs(time) < limits.timestampMsMin) {
    throw invalidField(loc, `must be ${allowed} since the epoch: ${time} looks like seconds`)
  }
  return parsed
}

/** The same for one that may be missing. @throws invalidField */
export function checkTimeIfAny(loc: Fault['loc'], time: string | number | null | undefined): number | undefined {
  return time === undefined || time === null ? undefined : checkTime(loc, time)
}
