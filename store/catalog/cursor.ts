import { invalidField } from '@aspara/protocol/errors.ts'

/** A cursor is the key of the last row, so that a page after it costs the same however far it is. */
export function writeCursor(key: unknown): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

/** The key in a cursor that `writeCursor` made; undefined without one. @throws invalidField when it is of another list */
export function readCursor<Key>(cursor: string | undefined, isKey: (key: unknown) => key is Key): Key | undefined {
  if (cursor === undefined) return undefined
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (isKey(key) && writeCursor(key) === cursor) return key
  } catch {
    // Not ours: the same answer as for one of another list.
  }
  throw invalidField(['query', 'cursor'], 'not a next_cursor of this list')
}

export const isText = (key: unknown): key is string => typeof key === 'string'
export const isNumber = (key: unknown): key is number => typeof key === 'number'
