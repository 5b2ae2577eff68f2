import { documentText } from './document-text.ts'
import { expect, isPromise } from './expect.ts'

/** The tracker takes 64; what is deeper becomes its text. */
const depthMax = 60
const textCharsMax = 10_000
/** A little less than the 1 MiB that the tracker takes, for what stands around it. */
const documentCharsMax = 1_047_000

/**
 * A config or summary as JSON can hold it: Maps and objects of classes become objects, Sets and typed arrays lists, Dates
 * ISO 8601; what has no data (functions, symbols, regular expressions) becomes its text.
 * @throws TypeError when it is no object, contains itself, or is too large
 */
export function plainObject(option: string, values: unknown): Record<string, unknown> {
  const isObject = typeof values === 'object' && values && !isList(values) && !isPromise(values) && !isText(values)
  expect(isObject, option, 'an object', values)
  const plain = plainValue(values, option, []) as Record<string, unknown>
  const { length } = documentText(plain)
  expect(length < documentCharsMax, option, 'at most 1 MiB of JSON', `${length} characters`)
  return plain
}

const isList = (value: unknown): boolean => Array.isArray(value) || value instanceof Set || ArrayBuffer.isView(value)
const isText = (value: unknown): boolean => value instanceof Date || value instanceof RegExp || value instanceof Error

function plainValue(value: unknown, path: string, within: object[]): unknown {
  switch (typeof value) {
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
    case 'function':
      return `[function ${value.name || 'without a name'}]`
    case 'symbol':
      return String(value)
    case 'object':
      return value && plainOf(value, path, within)
    default:
      return value
  }
}

function plainOf(value: object, path: string, within: object[]): unknown {
  if (within.includes(value)) throw new TypeError(`${path}: cyclic, it contains itself`)
  const inside = (item: unknown, key: unknown) => plainValue(item, `${path}.${String(key)}`, [...within, value])
  const { toJSON } = value as { toJSON?: unknown }
  if (typeof toJSON === 'function') return inside(toJSON.call(value, ''), 'toJSON')
  if (within.length >= depthMax || value instanceof RegExp || value instanceof Error || isPromise(value)) {
    return textOf(value)
  }
  if (isList(value)) {
    const items = value instanceof DataView ? [] : Array.from(value as Iterable<unknown>)
    return items.map((item, index) => inside(item, index))
  }
  if (value instanceof Number || value instanceof Boolean || value instanceof String) return value.valueOf()
  const entries: Iterable<[unknown, unknown]> = value instanceof Map ? value : Object.entries(value)
  return Object.fromEntries(Array.from(entries, ([key, item]) => [String(key), inside(item, key)]))
}

function textOf(value: object): string {
  try {
    return String(value).slice(0, textCharsMax)
  } catch {
    return '[object]'
  }
}
