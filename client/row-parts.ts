/** What the tracker takes of one step in one piece. */
const metricsMax = 10_000
/** JSON of the names of one row, which are one record of the spool. */
const nameBytesMax = 900_000

/** The names of a row in pieces that one record and one batch can hold; mostly it is one. */
export function partsOfRow(keys: string[]): string[][] {
  if (keys.length <= 500) return keys.length > 0 ? [keys] : []
  const encoder = new TextEncoder()
  const parts: string[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const key of keys) {
    const size = encoder.encode(JSON.stringify(key)).length + 1
    bytes += size
    if (bytes > nameBytesMax || parts[parts.length - 1].length >= metricsMax) {
      parts.push([])
      bytes = size
    }
    parts[parts.length - 1].push(key)
  }
  return parts
}
