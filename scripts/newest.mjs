import { readdirSync, statSync } from 'node:fs'

/** When anything in a folder, or a file, was changed last: milliseconds since the epoch. What is built or installed in it is left out. */
export function newest(path) {
  const stats = statSync(path)
  if (!stats.isDirectory()) return stats.mtimeMs
  const inside = readdirSync(path).filter((name) => name !== 'dist' && name !== 'node_modules')
  return Math.max(0, ...inside.map((name) => newest(`${path}/${name}`)))
}
