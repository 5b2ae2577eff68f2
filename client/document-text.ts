/** JSON of a document: non-finite numbers by their names, bigints as numbers. @throws TypeError for what has a circle */
export const documentText = (document: object): string => JSON.stringify(document, jsonValue)

function jsonValue(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return typeof value === 'bigint' ? Number(value) : value
}
