import type { RunDocument, SpoolDocument } from './spool-format.ts'

/**
 * What a process said of its run before another one resumed it, where it comes to the tracker after that: it fills in what
 * the run there does not have, as what is there is newer.
 */
export class OlderDocuments {
  /** What came from here, by kind and key: of that the later is the newer. */
  #sent = new Set<string>()

  /** What is to be sent of a document, with the run as the tracker has it; undefined when nothing is. */
  missing(document: SpoolDocument, run: Record<string, unknown> | undefined): SpoolDocument | undefined {
    // The run is made without its config, so that what is filled in of that is known.
    if (document.type === 'run') document = { type: 'config', values: (document as Partial<RunDocument>).config ?? {} }
    const { type, values } = document
    if (type === 'finish') return { ...document, ends_run: false }
    const there = run?.[type]
    if (values) {
      const isNeeded = (key: string) => !(key in ((there ?? {}) as object)) || this.#sent.has(`${type}/${key}`)
      const needed = Object.entries(values).filter(([key]) => isNeeded(key))
      for (const [key] of needed) this.#sent.add(`${type}/${key}`)
      return needed.length > 0 ? { ...document, values: Object.fromEntries(needed) } : undefined
    }
    if (type !== 'tags' && type !== 'notes' && type !== 'display_name') return document
    const hasIt = Array.isArray(there) ? there.length > 0 : Boolean(there)
    if (hasIt && !this.#sent.has(type)) return undefined
    this.#sent.add(type)
    return document
  }
}
