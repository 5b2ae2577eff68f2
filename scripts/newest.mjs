import { readdirSync, statSync } from 'node:fs'

/** What is built or installed in a folder, and what only tests need, is no source of what is built from it. */
const isSource = (name) => !['dist', 'node_modules', 'testing'].includes(name) && !name.endsWith('.test.ts')

/** When a source in a folder, or a file, was changed last: milliseconds since the epoch. */
export function newest(path) {
  const stats = statSync(path)
  if (!stats.isDirectory()) return stats.mtimeMs
  const inside = readdirSync(path).filter(isSource)
  return Math.max(0, ...inside.map((name) => newest(`${path}/${name}`)))
}
