import { expect, isPromise, show } from './expect.ts'
import { metricNameFault } from './names.ts'

/** What a metric can be: a number, NaN and infinities among them, a boolean (0 or 1), or what `valueOf` makes a number. */
export type MetricValue = number | bigint | boolean | null | undefined | { valueOf(): number | bigint | boolean }
/** Metrics by name; nested ones are joined by `/`. What is no number is left out, and said once. */
export interface Metrics {
  [name: string]: MetricValue | Metrics
}

/** Is called for each value that is no metric. */
export type LeaveOut = (name: string, reason: string) => void

/** Names of which it is said that they are left out. */
const saidMax = 1_000

/** Says of each name once that it is left out. */
export function sayingOnce(warn: (sentence: string) => void): LeaveOut {
  const said = new Set<string>()
  return (name, reason) => {
    if (said.has(name) || said.size >= saidMax) return
    said.add(name)
    warn(`${show(name)} is left out of what is logged: ${reason}`)
  }
}

const depthMax = 32

/** The numbers of `data` by their names, `/` between the names of nested objects and Maps. @throws TypeError for what has no names */
export function flatten(data: unknown, leaveOut: LeaveOut): Map<string, number> {
  if (isPromise(data)) throw new TypeError('log takes an object of numbers, got a Promise: await it first')
  const isGood = typeof data === 'object' && data && !isNoNames(data)
  expect(isGood, 'what log takes', 'an object of numbers, such as { loss: 0.5 }', data)
  const row = new Map<string, number>()
  take(data as object, '', [], row, leaveOut)
  return row
}

function take(data: object, prefix: string, within: object[], row: Map<string, number>, leaveOut: LeaveOut): void {
  const entries: Iterable<[unknown, unknown]> = data instanceof Map ? data : Object.entries(data)
  for (const [key, value] of entries) {
    const name = prefix ? `${prefix}/${String(key)}` : String(key)
    if (typeof key !== 'string') leaveOut(name, `${metricNameFault(key)}, got ${show(key)}`)
    else if (isNested(value)) {
      if (within.includes(value) || value === data) leaveOut(name, 'it contains itself')
      else if (within.length >= depthMax) leaveOut(name, `it is nested more than ${depthMax} deep`)
      else take(value, name, [...within, data], row, leaveOut)
    } else {
      const number = numberOf(value)
      const fault = typeof number === 'string' ? number : metricNameFault(name)
      if (fault) leaveOut(name, fault)
      else {
        if (row.has(name)) leaveOut(name, 'it was given twice under this name; the later value is logged')
        row.set(name, number as number)
      }
    }
  }
}

/** Objects without entries by name. */
const isNoNames = (value: object): boolean =>
  Array.isArray(value) ||
  ArrayBuffer.isView(value) ||
  isPromise(value) ||
  value instanceof Date ||
  value instanceof Set ||
  value instanceof RegExp ||
  value instanceof Error ||
  typeof plainOf(value) !== 'object'

/** What stands for one value, such as a Number; one without a prototype has no `valueOf`. */
const plainOf = (value: object): unknown => (typeof value.valueOf === 'function' ? value.valueOf() : value)

/** What has metrics of its own: an object or a Map, and none that stands for one value. */
const isNested = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !isNoNames(value) && !isTensor(value) && !isOpaque(value)

const isTensor = (value: object): boolean => typeof (value as { dataSync?: unknown }).dataSync === 'function'

/** An object of some class that shows nothing of itself, such as a Blob. */
const isOpaque = (value: object): boolean =>
  !(value instanceof Map) && !isPlain(value) && Object.keys(value).length === 0

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** The number that a value is; or why it is none, and what to write. */
function numberOf(value: unknown): number | string {
  const is = (what: string, advice = '') => `${what} is not a number${advice && `: ${advice}`}`
  switch (typeof value) {
    case 'number':
      return value
    case 'boolean':
      return Number(value)
    case 'bigint':
      return Number.isFinite(Number(value)) ? Number(value) : 'it is too large for a double'
    case 'string':
      return is(show(value), value.trim() !== '' && !Number.isNaN(+value) ? 'log Number(value)' : '')
    case 'function':
      return is('a function', 'log what it returns')
    case 'object':
      break
    default:
      return is(String(value))
  }
  if (value === null) return is('null')
  if (isPromise(value)) return is('a Promise', 'await it')
  if (value instanceof Date) return is('a Date', 'log value.getTime()')
  if (isTensor(value)) return is('a tensor', 'log value.dataSync()[0]')
  if (Array.isArray(value)) return is(`a list of ${value.length}`, 'log one of its elements')
  if (ArrayBuffer.isView(value)) {
    const { length = 0 } = value as Float64Array
    // Bytes are no numbers, however few they are.
    return length === 1 && !(value instanceof Uint8Array)
      ? Number((value as Float64Array)[0])
      : is(`a ${value.constructor.name} of ${length} elements`, 'log one of them, such as value[0]')
  }
  const plain = plainOf(value)
  return typeof plain === 'object' || typeof plain === 'string' ? is(show(value)) : numberOf(plain)
}
