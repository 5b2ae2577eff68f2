import { checkDocument } from './options.ts'

/** The run's config or summary: what is set in it, or by `update`, is logged. */
export type LiveDocument = Record<string, unknown> & { update(values: object): void }

/** An object whose changes are told. What is changed deeper inside of a value is not seen: set the value again. */
export function liveDocument(
  what: string,
  values: Record<string, unknown>,
  onChange: (values: Record<string, unknown>) => void,
): LiveDocument {
  const change = (changed: Record<string, unknown>) => {
    checkDocument(what, changed)
    Object.assign(values, changed)
    onChange(changed)
    return true
  }
  return new Proxy(values, {
    get: (target, key) => (key === 'update' && !('update' in target) ? change : target[key as string]),
    set: (_target, key, value) => change({ [key as string]: value }),
  }) as LiveDocument
}
