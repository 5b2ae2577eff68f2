import { type Field, type FieldKind, kindOf, listed, type Span, takeField } from './filter-field.ts'
import { Scanner } from './filter-scanner.ts'
import { type FilterValue, takeValue } from './filter-value.ts'
import { limits } from './limits.ts'

/*
 * The language of `filter=` (docs/api/filter.md): a text becomes a tree, by recursive descent, in one pass. It runs in
 * browsers too.
 */

/** What a run must be. Spans tell where it stands in the text. */
export type Filter =
  | ({ kind: 'and' | 'or'; parts: Filter[] } & Span)
  | ({ kind: 'not'; part: Filter } & Span)
  | ({ kind: 'comparison'; field: Field & Span; operator: Operator; value: FilterValue } & Span)
  /** The field has one of the values. */
  | ({ kind: 'oneOf'; field: Field & Span; values: FilterValue[] } & Span)
  /** The field's text has this part in it, whatever the case. */
  | ({ kind: 'contains'; field: Field & Span; part: string } & Span)
  | ({ kind: 'tagged'; tag: string } & Span)

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>='

/** Reads a filter. @throws FilterError */
export function parseFilter(text: string): Filter {
  return new Parser(text).parse()
}

const operator = /==?|!=|<=?|>=?/y

class Parser {
  readonly #scanner: Scanner
  #comparisons = 0

  constructor(text: string) {
    this.#scanner = new Scanner(text)
    const charsMax = limits.filterCharsMax
    if (text.length > charsMax) this.#scanner.fail(`a filter has at most ${charsMax} characters, and goes on`, charsMax)
  }

  parse(): Filter {
    const filter = this.#takeOr(0)
    this.#scanner.next()
    if (!this.#scanner.isAtEnd) this.#scanner.fail('expected and, or or the end')
    return filter
  }

  #takeOr(depth: number): Filter {
    return this.#takeParts('or', () => this.#takeParts('and', () => this.#takePart(depth)))
  }

  #takeParts(kind: 'and' | 'or', take: () => Filter): Filter {
    const start = this.#scanner.next()
    const parts = [take()]
    let end = this.#scanner.at
    for (;;) {
      this.#scanner.next()
      if (!this.#scanner.takeWord(kind)) break
      parts.push(take())
      end = this.#scanner.at
    }
    this.#scanner.at = end
    return parts.length === 1 ? parts[0] : { kind, parts, start, end }
  }

  #takePart(depth: number): Filter {
    const start = this.#scanner.next()
    if (depth > limits.filterDepthMax) {
      this.#scanner.fail(`parentheses and not go at most ${limits.filterDepthMax} deep, and deeper`)
    }
    if (this.#scanner.takeWord('not')) {
      const part = this.#takePart(depth + 1)
      return { kind: 'not', part, start, end: this.#scanner.at }
    }
    if (!this.#scanner.takeSymbol('(')) return this.#takeComparison(start)
    const filter = this.#takeOr(depth + 1)
    this.#scanner.next()
    if (!this.#scanner.takeSymbol(')')) this.#scanner.fail('expected and, or or )')
    return filter
  }

  #takeComparison(start: number): Filter {
    const scanner: Scanner = this.#scanner
    if (++this.#comparisons > limits.filterComparisonsMax) {
      scanner.fail(`a filter has at most ${limits.filterComparisonsMax} comparisons, and one more`)
    }
    if (scanner.isAtQuote) return this.#takeTagged(start)
    if (scanner.isAtEnd || scanner.text[scanner.at] === ')') {
      scanner.fail('expected a comparison such as config.lr < 0.01 or "baseline" in tags')
    }
    const field = takeField(scanner)
    const kind = kindOf(field)
    scanner.next()
    if (kind === 'tags') scanner.fail('tags are asked for by "baseline" in tags', field.start)
    const at = scanner.at
    if (scanner.takeWord('in')) {
      const values = this.#takeValues(kind)
      return { kind: 'oneOf', field, values, start, end: scanner.at }
    }
    if (scanner.takeWord('contains')) {
      if (kind !== 'text' && kind !== 'any') scanner.fail(`${field.name} is no text, which contains is for,`, at)
      scanner.next()
      if (!scanner.isAtQuote) scanner.fail('expected a text in quotes')
      return { kind: 'contains', field, part: scanner.takeText(), start, end: scanner.at }
    }
    const found = scanner.match(operator)
    const may = ['=', '!=', '<', '<=', '>', '>=', 'in', ...(kind === 'text' || kind === 'any' ? ['contains'] : [])]
    if (found === undefined) scanner.fail(`expected ${listed(kind === 'status' ? ['=', '!=', 'in'] : may)}`)
    const known = found === '==' ? '=' : (found as Operator)
    const isOrder = known !== '=' && known !== '!='
    if (isOrder && kind === 'status') scanner.fail('status has no order: expected =, != or in', at)
    const value = takeValue(scanner, kind, isOrder)
    return { kind: 'comparison', field, operator: known, value, start, end: scanner.at }
  }

  #takeTagged(start: number): Filter {
    const scanner: Scanner = this.#scanner
    const tag = scanner.takeText()
    scanner.next()
    if (!scanner.takeWord('in')) scanner.fail('expected in tags')
    const at = scanner.next()
    if (!scanner.takeWord('tags')) scanner.fail('expected tags', at)
    return { kind: 'tagged', tag, start, end: scanner.at }
  }

  /** `(1, 2)` */
  #takeValues(kind: Exclude<FieldKind, 'tags'>): FilterValue[] {
    const scanner: Scanner = this.#scanner
    scanner.next()
    if (!scanner.takeSymbol('(')) scanner.fail('expected (')
    const values: FilterValue[] = []
    do {
      values.push(takeValue(scanner, kind, false))
      scanner.next()
    } while (scanner.takeSymbol(','))
    if (!scanner.takeSymbol(')')) scanner.fail('expected , or )')
    return values
  }
}
