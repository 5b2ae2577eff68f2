import { lstatSync, readdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isHeld } from './file-lock.ts'
import { modifiedMs, readOwn } from './own-file.ts'
import { listSegments } from './segment-files.ts'
import { aliveName, lockName, type Sent, segmentName, sentName } from './spool-format.ts'

/** What is sent is kept so long for `aspara verify`, unless its room is needed. */
const keptMs = 7 * 24 * 3_600_000

/** The folders of writers in a spool folder, or the one that is itself one. Of a data folder its spool is meant. */
export function listWriters(folder: string): string[] {
  if (hasSegments(folder)) return [folder]
  const inside = (parent: string) =>
    listFolder(parent)
      .map((name) => join(parent, name))
      .filter(hasSegments)
      .sort()
  const writers = inside(folder)
  return writers.length > 0 ? writers : inside(join(folder, 'spool'))
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

const hasSegments = (folder: string) => listFolder(folder).some((name) => name.endsWith('.spool'))

/** Whether the process that writes it lives, and whether somebody sends it. */
export const isAlive = (folder: string): boolean => isHeld(join(folder, aliveName))
export const isBeingSent = (folder: string): boolean => isHeld(join(folder, lockName))

export const nothingSent: Sent = { segment: 0, offset: 0, rows: 0, refused: [], lost: 0, done: false, server: null }

/** Has room for what a hundred thousand refusals take. */
const sentBytesMax = 16 * 1024 * 1024

/** How far it is known to be sent; a file that is missing, damaged or not this user's says that nothing is. */
export function readSent(folder: string): Sent {
  try {
    const found = { ...nothingSent, ...JSON.parse(readOwn(join(folder, sentName), sentBytesMax).text) }
    return isSent(found) ? found : nothingSent
  } catch {
    return nothingSent
  }
}

function isSent({ segment, offset, rows, refused, lost, done, server, run, id }: Record<keyof Sent, unknown>): boolean {
  const isText = (value: unknown) => value === undefined || value === null || typeof value === 'string'
  return (
    [segment, offset, rows, lost].every(isCount) &&
    [server, run, id].every(isText) &&
    typeof done === 'boolean' &&
    Array.isArray(refused) &&
    refused.every((one) => isCount(one?.row) && isCount(one.count) && typeof one.reason === 'string')
  )
}

const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0

/** Replaces it as a whole. It only spares work: where the disk is full, the tracker still knows. */
export function writeSent(folder: string, sent: Sent): void {
  const path = join(folder, sentName)
  try {
    // What stands there was left by a process that died, or is a link that somebody has put there: it is written anew.
    rmSync(`${path}.new`, { force: true })
    writeFileSync(`${path}.new`, JSON.stringify(sent), { mode: 0o600, flag: 'wx' })
    renameSync(`${path}.new`, path)
  } catch {
    // Who reads it finds what it said before.
  }
}

/** Bytes that a writer's files take on the disk. */
export function bytesOf(folder: string): number {
  let bytes = 0
  for (const name of listFolder(folder)) {
    try {
      const { blocks, size } = lstatSync(join(folder, name))
      bytes += blocks === undefined ? size : blocks * 512
    } catch {
      // Deleted just now.
    }
  }
  return bytes
}

/**
 * How many bytes a writer may take so that all spools of its folder stay below a limit. What is sent is deleted when it
 * is old, or its room is needed: the oldest first, then what is acknowledged of this writer's own.
 */
export function allowance(own: string, bytesMax: number, wanted: number): number {
  let others = 0
  const done: { folder: string; bytes: number; sentMs: number }[] = []
  for (const folder of listWriters(dirname(own))) {
    if (folder === own) continue
    const bytes = bytesOf(folder)
    others += bytes
    if (readSent(folder).done && !isAlive(folder))
      done.push({ folder, bytes, sentMs: modifiedMs(join(folder, sentName)) })
  }
  const ownBytes = bytesOf(own)
  for (const { folder, bytes, sentMs } of done.sort((one, other) => one.sentMs - other.sentMs)) {
    if (Date.now() - sentMs < keptMs && others + ownBytes + wanted <= bytesMax) break
    rmSync(folder, { recursive: true, force: true })
    others -= bytes
  }
  return bytesMax - others
}

/** Deletes segments that are wholly acknowledged. @returns how many bytes that gave */
export function dropAcknowledged(folder: string): number {
  let freed = 0
  const { segment: acknowledged } = readSent(folder)
  for (const segment of listSegments(folder)) {
    if (segment >= acknowledged) continue
    const path = join(folder, segmentName(segment))
    freed += lstatSync(path).size
    unlinkSync(path)
  }
  return freed
}
