import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, type Stats } from 'node:fs'

// Windows has neither: there 0 changes nothing.
const { O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants

/**
 * Opens a file that must be this user's own, whatever somebody has put in its place: a link is not followed, and a pipe is not
 * waited for.
 * @throws Error with a sentence
 */
export function openOwn(path: string, flags: number = constants.O_RDONLY): number {
  let fd: number
  try {
    fd = openSync(path, flags | O_NOFOLLOW | O_NONBLOCK, 0o600)
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ELOOP' ? new Error(`${path} is a link`) : error
  }
  const stats = fstatSync(fd)
  const fault = stats.isFile() ? foreignness(path, stats.uid) : `${path} is not a file`
  if (fault === undefined) return fd
  closeSync(fd)
  throw new Error(fault)
}

/** The text of such a file, and what the file system says of it. @throws as `openOwn`, and where it is larger than `bytesMax` */
export function readOwn(path: string, bytesMax: number): { text: string; stats: Stats } {
  const fd = openOwn(path)
  try {
    const stats = fstatSync(fd)
    if (stats.size > bytesMax) throw new Error(`${path} has ${stats.size} bytes, which is more than any has`)
    return { text: readFileSync(fd, 'utf8'), stats }
  } finally {
    closeSync(fd)
  }
}

/** When what has this name was last changed, in milliseconds since the epoch; 0 where there is nothing. Follows no link. */
export function modifiedMs(path: string): number {
  try {
    return lstatSync(path).mtimeMs
  } catch {
    return 0
  }
}

/**
 * Why a spool is none of this user's, as a sentence; undefined when it is. Its documents name files to upload: whoever wrote
 * them must be whoever reads those files.
 */
export function foreignSpool(folder: string): string | undefined {
  const stats = lstatSync(folder)
  return stats.isDirectory() ? foreignness(folder, stats.uid) : `${folder} is not a folder`
}

function foreignness(path: string, owner: number): string | undefined {
  const own = process.geteuid?.()
  if (own === undefined || owner === own) return undefined
  return `${path} belongs to another user (uid ${owner}): run aspara sync as that user`
}
