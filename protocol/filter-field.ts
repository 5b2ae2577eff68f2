import type { Scanner } from './filter-scanner.ts'

/** A place in the text: UTF-16 units from 0, the end not included. */
export interface Span {
  start: number
  end: number
}

export const stats = ['count', 'nonfinite', 'first', 'last', 'min', 'max', 'mean'] as const
export type Stat = (typeof stats)[number]

/** What a field's values are: `any` is what JSON can hold. */
const kinds = {
  name: 'text',
  display_name: 'text',
  id: 'text',
  group: 'text',
  job_type: 'text',
  notes: 'text',
  tags: 'tags',
  status: 'status',
  exit_code: 'number',
  created: 'time',
  heard: 'time',
  finished: 'time',
  duration: 'number',
  config: 'any',
  summary: 'any',
  metric: 'number',
} as const
export type FieldName = keyof typeof kinds
export type FieldKind = (typeof kinds)[FieldName]

/** A value nested in an object of the run: `config.optimizer.lr` has the path `['optimizer', 'lr']`. */
export interface DocumentField {
  name: 'config' | 'summary'
  path: string[]
}

/** What a metric came to. */
export interface MetricField {
  name: 'metric'
  metric: string
  stat: Stat
}

/** What is asked of a run. */
export type Field = DocumentField | MetricField | { name: Exclude<FieldName, 'config' | 'summary' | 'metric'> }

export const kindOf = (field: Field): FieldKind => kinds[field.name]

/** A field as it is written: `name`, `config.<path>`, `metric.<name>.<stat>`. @throws FilterError */
export function takeField(scanner: Scanner): Field & Span {
  const start = scanner.next()
  const name = scanner.takeBare()
  if (name === undefined) scanner.fail('expected a field')
  if (!isFieldName(name)) scanner.fail(`expected a field (${fieldList}), and ${quoted(name)} is none`, start)
  if (name === 'metric') return { name, ...takeMetric(scanner), start, end: scanner.at }
  if (name !== 'config' && name !== 'summary') return { name, start, end: scanner.at }
  const path = takePieces(scanner, name, 'a key').map((piece) => piece.text)
  return { name, path, start, end: scanner.at }
}

/** The metric's name may have dots of its own: what follows the last one is the stat. */
function takeMetric(scanner: Scanner): { metric: string; stat: Stat } {
  const pieces = takePieces(scanner, 'metric', "a metric's name")
  const last = pieces.pop() as Piece
  if (pieces.length === 0) scanner.fail(`expected ., and after it ${statList}`)
  return { metric: pieces.map((piece) => piece.text).join('.'), stat: statOf(scanner, last.text, last.start) }
}

/** The stat with a name. @throws FilterError that points at it */
export function statOf(scanner: Scanner, name: string, start: number): Stat {
  const stat = stats.find((stat) => stat === name)
  if (!stat) scanner.fail(`expected ${statList}, and not ${quoted(name)},`, start)
  return stat
}

interface Piece {
  text: string
  start: number
}

function takePieces(scanner: Scanner, name: string, what: string): Piece[] {
  const pieces: Piece[] = []
  while (scanner.takeSymbol('.')) {
    const start = scanner.at
    const text = scanner.isAtQuote ? scanner.takeText() : scanner.takeBare()
    if (text === undefined) scanner.fail(`expected ${what}: letters, digits, _, - and /, or anything in quotes,`)
    pieces.push({ text, start })
  }
  if (pieces.length === 0) scanner.fail(`expected . and ${what} after ${name}`)
  return pieces
}

/** The items as part of a sentence: `a, b or c`. */
export function listed(items: readonly string[], last = 'or'): string {
  if (items.length === 1) return items[0]
  return `${items.slice(0, -1).join(', ')} ${last} ${items[items.length - 1]}`
}

export const statList = listed(stats)
const fieldList = listed(
  Object.keys(kinds).map((name) => (['config', 'summary', 'metric'].includes(name) ? `${name}.…` : name)),
)

const isFieldName = (name: string): name is FieldName => Object.hasOwn(kinds, name)

const quotedCharsMax = 40
/** A word of the user's as part of a sentence. */
export const quoted = (word: string): string =>
  JSON.stringify(word.length > quotedCharsMax ? `${word.slice(0, quotedCharsMax)}…`.toWellFormed() : word)
