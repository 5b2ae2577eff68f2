import { type FieldKind, listed, quoted } from './filter-field.ts'
import type { Scanner } from './filter-scanner.ts'
import { runStatuses } from './run-status.ts'
import { parseTimestamp } from './timestamp.ts'

/** What a field is compared with. */
export type FilterValue = null | boolean | number | string | FilterTime

/** A moment, or so long before the moment of asking; both in milliseconds. */
export type FilterTime = { ms: number } | { beforeNowMs: number }

export const durationUnits: Record<string, number> = {
  w: 7 * 86_400_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
}
/** Nine digits of weeks are 19 million years: nobody needs to be told that no double holds it. */
const duration = /\d{1,9}/y

/** A value that fits a field; one that is compared with < and its like has an order. @throws FilterError */
export function takeValue(scanner: Scanner, kind: Exclude<FieldKind, 'tags'>, isOrder: boolean): FilterValue {
  const start = scanner.next()
  const isAny = kind === 'any'
  const expected: string[] = []

  if (isAny || kind === 'number') {
    expected.push('a number')
    const value = scanner.takeNumber()
    if (value !== undefined) return value
  }
  if (kind === 'time') {
    expected.push('a time in quotes such as "2026-01-31T09:00:00Z"', 'now', 'now - 24h')
    if (scanner.isAtQuote) return takeTime(scanner)
    if (scanner.takeWord('now')) return { beforeNowMs: takeDuration(scanner) }
  } else if (kind !== 'number') {
    expected.push(isAny ? 'a text' : 'a text in quotes')
    if (scanner.isAtQuote) {
      const text = scanner.takeText()
      if (kind === 'status') checkStatus(scanner, text, start)
      return text
    }
  }
  if (!isOrder) {
    if (isAny) {
      expected.push('true', 'false')
      if (scanner.takeWord('true')) return true
      if (scanner.takeWord('false')) return false
    }
    if (kind !== 'status') {
      expected.push('null')
      if (scanner.takeWord('null')) return null
    }
  }
  scanner.fail(`expected ${listed(expected)}`)
}

function checkStatus(scanner: Scanner, text: string, start: number): void {
  if (runStatuses.some((status) => status === text)) return
  scanner.fail(`expected ${listed(runStatuses.map(quoted))}, and no run is ${quoted(text)},`, start)
}

function takeTime(scanner: Scanner): FilterTime {
  const start = scanner.at
  const ms = parseTimestamp(scanner.takeText())
  if (ms === undefined) scanner.fail('expected a time as ISO 8601 has it, such as "2026-01-31T09:00:00Z",', start)
  return { ms }
}

/** The rest of `now - 24h`; nothing is 0. */
function takeDuration(scanner: Scanner): number {
  const end = scanner.at
  scanner.next()
  if (!scanner.takeSymbol('-')) {
    scanner.at = end
    return 0
  }
  scanner.next()
  const count = scanner.match(duration)
  if (count === undefined) scanner.fail('expected a whole number and s, m, h, d or w')
  const unit = Object.keys(durationUnits).find((unit) => scanner.takeWord(unit))
  if (!unit) scanner.fail('expected s, m, h, d or w')
  return Number(count) * durationUnits[unit]
}
