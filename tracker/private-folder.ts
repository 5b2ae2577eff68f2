import { chmodSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** What stands in a data folder. */
const ours = /^(aspara\.\w|artifacts$|spool$)/

/**
 * From here on, whatever this process makes is for its user alone, or can be read by its group. What an earlier version has left
 * more open in a data folder is tightened; a folder that holds other things besides stays as it is.
 */
export function keepPrivate(dataDir: string, isGroupReadable: boolean): void {
  process.umask(isGroupReadable ? 0o027 : 0o077)
  const own = process.getuid?.()
  if (own === undefined) return
  const allowed = isGroupReadable ? 0o750 : 0o700
  const tighten = (path: string) => {
    const { mode, uid } = lstatSync(path)
    if (uid === own && mode & 0o777 & ~allowed) chmodSync(path, mode & allowed)
  }
  try {
    const names = readdirSync(dataDir)
    if (!names.includes('aspara.db')) return
    for (const name of names.filter((name) => ours.test(name))) tighten(join(dataDir, name))
    if (names.every((name) => ours.test(name))) tighten(dataDir)
  } catch {
    // It is not there yet, or can't be read: opening the store says so.
  }
}
