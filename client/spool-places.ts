import { lstatSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { makeFolder } from './make-folder.ts'

/** Where spools are kept when the data folder can't be written: a folder of this user in the machine's temporary one. */
export function temporarySpoolFolder(): string {
  return join(tmpdir(), `aspara-${process.getuid?.() ?? userInfo().username}`, 'spool')
}

/** Makes the temporary folder, for this user alone. @throws when it belongs to somebody else, or others may read it */
export function makeTemporarySpoolFolder(): string {
  const folder = temporarySpoolFolder()
  const parent = join(folder, '..')
  makeFolder(parent, 0o700)
  const stats = lstatSync(parent)
  const isOwn = process.getuid === undefined || stats.uid === process.getuid()
  const isPrivate = process.platform === 'win32' || (stats.mode & 0o077) === 0
  if (!stats.isDirectory() || !isOwn || !isPrivate) throw new Error(`${parent} is not a private folder of this user`)
  makeFolder(folder, 0o700)
  return folder
}

/** Whether a folder is there and belongs to this user: what others leave is none of ours. */
export function isOwnFolder(folder: string): boolean {
  try {
    const stats = lstatSync(folder)
    return stats.isDirectory() && (process.geteuid === undefined || stats.uid === process.geteuid())
  } catch {
    return false
  }
}
