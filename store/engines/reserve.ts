import { randomBytes } from 'node:crypto'
import { closeSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

const MiB = 1024 * 1024
/** The write-ahead log when it is moved (32 MiB), the largest commit (8), and as much again before a write fails. */
const bytesMax = 64 * MiB
const bytesPerTurn = 1 * MiB
/** Opening a database needs some hundred KiB, and a migration a little of everything. */
const bytesScarce = 8 * MiB

/**
 * A file that does nothing but take room. On a full disk not even a deletion can be written down, and what stands in the
 * write-ahead log can't be moved into the database, which grows by it: giving this file up makes both possible.
 */
export class Reserve {
  #path: string
  /** How large it is to be: never more than half of what was free when it was begun. */
  #bytesWanted: number | undefined

  constructor(path: string) {
    this.#path = path
  }

  get bytes(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0
  }

  /** Gives its room to whoever writes next. @returns whether there was any */
  give(): boolean {
    const { bytes } = this
    if (bytes === 0) return false
    this.#bytesWanted ??= bytes
    rmSync(this.#path)
    return true
  }

  /** The same when there is hardly any left: what comes next has to be able to begin. */
  giveIfScarce(): void {
    if (freeBytes(this.#path) < bytesScarce) this.give()
  }

  /** Takes a little more room, in about a millisecond. @returns whether more is to be taken */
  keep(): boolean {
    const { bytes } = this
    this.#bytesWanted ??= Math.max(bytes, Math.min(bytesMax, Math.floor((bytes + freeBytes(this.#path)) / 2)))
    const missing = this.#bytesWanted - bytes
    if (missing <= 0) return false
    try {
      const file = openSync(this.#path, 'a')
      try {
        // Zeros would take no room on a file system that compresses.
        writeSync(file, randomBytes(Math.min(missing, bytesPerTurn)))
      } finally {
        closeSync(file)
      }
    } catch {
      return false // No room, a quota, a disk that has become read-only: what there is has to do.
    }
    return missing > bytesPerTurn
  }
}

/** What a file in this folder could take. */
function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(dirname(path))
  return bavail * bsize
}
