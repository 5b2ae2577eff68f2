import { type Field, kindOf, statOf, takeField } from './filter-field.ts'
import { Scanner } from './filter-scanner.ts'
import { printField } from './filter-text.ts'
import { limits } from './limits.ts'

/** What runs are ordered by: what has no value comes last, in either direction. */
export interface SortKey {
  field: Field
  isDescending: boolean
}

const metricPrefix = 'metric:'

/** Reads `sort=`: keys with commas between them, `-` before one that descends. @throws FilterError */
export function parseSort(text: string): SortKey[] {
  const scanner = new Scanner(text)
  if (text.length > limits.filterCharsMax) {
    scanner.fail(`a sort has at most ${limits.filterCharsMax} characters, and goes on`, limits.filterCharsMax)
  }
  const keys: SortKey[] = []
  do {
    const start = scanner.next()
    if (keys.length === limits.sortKeysMax) scanner.fail(`a sort has at most ${limits.sortKeysMax} keys, and one more`)
    const isDescending = scanner.takeSymbol('-')
    const field = scanner.takeSymbol(metricPrefix) ? takeColonMetric(scanner) : takeField(scanner)
    const kind = kindOf(field)
    if (kind === 'tags' || field.name === 'notes') scanner.fail(`runs can't be sorted by ${field.name}, the key`, start)
    keys.push({ field, isDescending })
    scanner.next()
  } while (scanner.takeSymbol(','))
  if (!scanner.isAtEnd) scanner.fail('expected , or the end')
  return keys
}

/** A sort as a text that `parseSort` reads as the same one. */
export function printSort(keys: SortKey[]): string {
  return keys.map(({ field, isDescending }) => (isDescending ? '-' : '') + printField(field)).join(',')
}

const untilComma = /[^,]*/y

/** `metric:val/acc:max`, after the first colon; a name with a comma is quoted. */
function takeColonMetric(scanner: Scanner): Field {
  const start = scanner.at
  if (scanner.isAtQuote) {
    const metric = scanner.takeText()
    if (!scanner.takeSymbol(':')) scanner.fail('expected : and a stat')
    const statStart = scanner.at
    return { name: 'metric', metric, stat: statOf(scanner, scanner.takeBare() ?? '', statStart) }
  }
  const words = scanner.match(untilComma) as string
  const colon = words.lastIndexOf(':')
  if (colon < 0) scanner.fail("expected a metric's name, : and a stat", start)
  const stat = statOf(scanner, words.slice(colon + 1).trimEnd(), start + colon + 1)
  return { name: 'metric', metric: words.slice(0, colon), stat }
}
