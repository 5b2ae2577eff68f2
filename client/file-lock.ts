import {
  closeSync,
  constants,
  ftruncateSync,
  futimesSync,
  readFileSync,
  readSync,
  type Stats,
  writeSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { openOwn, readOwn } from './own-file.ts'

/*
 * The lock and alive files of docs/format/spool.md. Node has no flock(2): what this process holds it writes into the
 * file, and whether another program has a flock on it Linux tells in /proc/locks. None of it has to be exact.
 */

interface Holder {
  pid: number
  host: string
  started: number
}

/** A lock of another host counts as long as its file is touched. */
const freshMs = 120_000
export const touchMs = 30_000
/** Far more than its few words. */
const bytesMax = 64 * 1024

/** What this process holds: two parts of it may ask for the same file. */
const own = new Set<string>()

/** @returns false when somebody else holds it, or the file can't be written */
export function takeLock(path: string): boolean {
  if (isHeld(path)) return false
  try {
    const text = JSON.stringify({ pid: process.pid, host: hostname(), started: Date.now() } satisfies Holder)
    // In place: a flock is on the file, not on its name.
    const fd = openOwn(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND)
    try {
      ftruncateSync(fd, 0)
      writeSync(fd, text)
      // Of two who came at once the last one has it.
      const read = Buffer.alloc(256)
      if (read.toString('utf8', 0, readSync(fd, read, 0, 256, 0)) !== text) return false
    } finally {
      closeSync(fd)
    }
  } catch {
    return false
  }
  own.add(path)
  return true
}

/** To be called every `touchMs` while the lock is held. */
export function touchLock(path: string): void {
  withOwnFile(path, (fd) => futimesSync(fd, new Date(), new Date()))
}

export function releaseLock(path: string): void {
  if (own.delete(path)) withOwnFile(path, (fd) => ftruncateSync(fd, 0))
}

function withOwnFile(path: string, act: (fd: number) => void): void {
  try {
    const fd = openOwn(path, constants.O_RDWR)
    try {
      act(fd)
    } finally {
      closeSync(fd)
    }
  } catch {
    // The folder was deleted under us: then there is nothing to hold.
  }
}

/** Whether a process that lives holds it, this one included. What is no file of this user's is nobody's to take. */
export function isHeld(path: string): boolean {
  if (own.has(path)) return true
  let file: { text: string; stats: Stats }
  try {
    file = readOwn(path, bytesMax)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'
  }
  if (isFlocked(file.stats)) return true
  const holder = holderOf(file.text)
  if (typeof holder?.pid !== 'number') return false
  if (holder.host !== hostname()) return Date.now() - file.stats.mtimeMs < freshMs
  return holder.pid !== process.pid && isRunning(holder.pid, holder.started)
}

function holderOf(text: string): Partial<Holder> | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** On Linux, whether anybody has a flock(2) on the file; elsewhere that can't be seen. */
function isFlocked({ dev, ino }: { dev: number; ino: number }): boolean {
  let locks: string
  try {
    locks = readFileSync('/proc/locks', 'latin1')
  } catch {
    return false
  }
  const hex = (number: number) => number.toString(16).padStart(2, '0')
  const major = Math.floor(dev / 256) % 4_096
  const minor = (dev % 256) + Math.floor(dev / 2 ** 20) * 256
  const place = `${hex(major)}:${hex(minor)}:${ino}`
  return locks.split('\n').some((line) => /\bFLOCK\b/.test(line) && line.split(/\s+/).includes(place))
}

/** Whether there is such a process, and, where that can be seen, whether it is not a later one of the same number. */
function isRunning(pid: number, started: number | undefined): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const { state, beganMs } = readProcess(pid)
  // A zombie has ended, and only waits for its parent to hear of it.
  if (state === 'Z') return false
  return beganMs === undefined || typeof started !== 'number' || beganMs <= started + 2_000
}

/** The state of a process, and when it began in milliseconds since the epoch; neither where there is no /proc. */
function readProcess(pid: number): { state?: string; beganMs?: number } {
  try {
    // The name before it may hold anything, in brackets. Ticks are hundredths of a second on every Linux.
    const [, fields = ''] = /\)\s([^)]*)$/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? []
    const [state, ...rest] = fields.split(' ')
    const bootSeconds = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1])
    const beganMs = bootSeconds * 1_000 + Number(rest[18]) * 10
    return { state, beganMs: Number.isFinite(beganMs) ? beganMs : undefined }
  } catch {
    return {}
  }
}
