import { chmodSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** What stands in a data folder. */
const ours = /^(aspara\.\w|artifacts$|spool$)/

/**
 * From here on, whatever this process makes is for its user alone, or can be read by its group. What an earlier version has left
 * more open in a data folder is tightened; a folder that holds other things besides stays as it is.
 * @returns whether anything was
 */
export function keepPrivate(dataDir: string, isGroupReadable: boolean): boolean {
  process.umask(isGroupReadable ? 0o027 : 0o077)
  const own = process.getuid?.()
  if (own === undefined) return false
  const allowed = isGroupReadable ? 0o750 : 0o700
  let isTightened = false
  const tighten = (path: string) => {
    const stats = lstatSync(path)
    if (stats.isSymbolicLink() || stats.uid !== own || !(stats.mode & 0o777 & ~allowed)) return
    chmodSync(path, stats.mode & allowed)
    isTightened = true
  }
  try {
    const names = readdirSync(dataDir)
    if (!names.includes('aspara.db')) return false
    for (const name of names.filter((name) => ours.test(name))) tighten(join(dataDir, name))
    if (names.every((name) => ours.test(name))) tighten(dataDir)
  } catch {
    // It is not there yet, or can't be read: opening the store says so.
  }
  return isTightened
}
