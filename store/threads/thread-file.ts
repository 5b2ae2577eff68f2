import { extname } from 'node:path'

/** The file of a thread beside this one: TypeScript as it is written, JavaScript as it is built. */
export function threadFile(name: 'writer-thread' | 'reader-thread' | 'compactor-thread'): URL {
  return new URL(`./${name}${extname(import.meta.url)}`, import.meta.url)
}
