import { chmodSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** What stands in a data folder. */
const ours = /^(aspara\.\w|artifacts$|spool$)/

/** Whatever this process makes from here on is for its user alone, or can be read by its group. */
export function writePrivately(isGroupReadable: boolean): void {
  process.umask(isGroupReadable ? 0o027 : 0o077)
}

/**
 * Tightens what an earlier version has left more open in a data folder; a folder that holds other things besides stays as it is.
 * @returns whether anything was
 */
export function tighten(dataDir: string, isGroupReadable: boolean): boolean {
  const own = process.getuid?.()
  if (own === undefined) return false
  const allowed = isGroupReadable ? 0o750 : 0o700
  let isTightened = false
  const tightenOne = (path: string) => {
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (!stats || stats.isSymbolicLink() || stats.uid !== own || !(stats.mode & 0o777 & ~allowed)) return
    chmodSync(path, stats.mode & allowed)
    isTightened = true
  }
  const names = readdirSync(dataDir)
  for (const name of names.filter((name) => ours.test(name))) tightenOne(join(dataDir, name))
  if (names.every((name) => ours.test(name))) tightenOne(dataDir)
  return isTightened
}
