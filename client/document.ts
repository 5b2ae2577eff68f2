import { plainObject } from './plain-value.ts'

/** The run's config or summary: what is set in it, or by `update`, is logged. */
export type LiveDocument = Record<string, unknown> & { update(values: object): void }

/**
 * An object whose changes are recorded. What is changed deeper inside of a value is not seen: set the value again.
 * `derived` are values that are there as long as nobody sets others.
 */
export function liveDocument(
  what: string,
  values: Record<string, unknown>,
  onChange: (values: Record<string, unknown>) => void,
  derived?: () => Record<string, unknown>,
): LiveDocument {
  const change = (changed: unknown, at = what) => {
    const plain = plainObject(at, changed)
    Object.assign(values, plain)
    onChange(plain)
    return true
  }
  const read = (target: Record<string, unknown>, key: string | symbol) =>
    Object.hasOwn(target, key) ? target[key as string] : derived?.()[key as string]
  return new Proxy(values, {
    get: (target, key) =>
      read(target, key) ?? (key === 'update' ? (changed: unknown) => void change(changed) : target[key as string]),
    set: (_target, key, value) => change({ [key as string]: value }),
    has: (target, key) => key in target || read(target, key) !== undefined,
    ownKeys: (target) => [...new Set([...Reflect.ownKeys(target), ...Object.keys(derived?.() ?? {})])],
    getOwnPropertyDescriptor(target, key) {
      const value = read(target, key)
      return value === undefined ? undefined : { value, writable: true, enumerable: true, configurable: true }
    },
  }) as LiveDocument
}
