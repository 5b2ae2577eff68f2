import type { SpoolDocument } from './spool-format.ts'

/** Fewer hold no more levels than JSON.stringify can do. */
const deepBytes = 4096

/** A document of a spool; undefined when it is none. */
export function parseDocument(bytes: Uint8Array): SpoolDocument | undefined {
  try {
    const document = JSON.parse(new TextDecoder().decode(bytes))
    // One with too many levels can be read, and never be written again.
    if (bytes.length > deepBytes) JSON.stringify(document)
    return isDocument(document) ? document : undefined
  } catch {
    return undefined
  }
}

/** Whether it says what one of its type has to say to whoever reads a spool; the rest is the tracker's to judge. */
function isDocument({ type, number, keys, count, project }: SpoolDocument): boolean {
  if (type === 'shape') {
    return Number.isSafeInteger(number) && Array.isArray(keys) && keys.every((key) => typeof key === 'string')
  }
  return type === 'lost' ? Number.isSafeInteger(count) : type !== 'run' || typeof project === 'string'
}
