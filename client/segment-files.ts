import { closeSync, readdirSync, readSync } from 'node:fs'
import { openOwn } from './own-file.ts'

/** Whether anything is written at this place of a segment that can be read. */
export function hasRecord(path: string, offset: number): boolean {
  try {
    const fd = openOwn(path)
    try {
      const size = Buffer.alloc(4)
      return readSync(fd, size, 0, 4, offset) === 4 && size.readUInt32LE(0) !== 0
    } finally {
      closeSync(fd)
    }
  } catch {
    return false
  }
}

/** The numbers of the segments that are there, in order. */
export function listSegments(folder: string): number[] {
  return readdirSync(folder)
    .filter((name) => /^\d{6,}\.spool$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((one, other) => one - other)
}
