import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { releaseLock, takeLock, touchLock, touchMs } from './file-lock.ts'
import { httpTransport } from './http-transport.ts'
import type { Keeper } from './keeper.ts'
import { makeFolder } from './make-folder.ts'
import { MemoryQueue } from './memory-queue.ts'
import type { Mode } from './options.ts'
import type { RunParts } from './run-parts.ts'
import { Sender } from './sender.ts'
import { SpoolWriter } from './spool.ts'
import { allowance, dropAcknowledged } from './spool-folder.ts'
import { aliveName, lockName, type RunDocument } from './spool-format.ts'
import { makeTemporarySpoolFolder, temporarySpoolFolder } from './spool-places.ts'
import { SpoolSender } from './spool-sender.ts'

export interface StorageOptions {
  /** The spool folder, in which the writer gets its own. */
  root: string
  writer: string
  description: RunDocument & { id: string }
  mode: Mode
  trackerUri: string
  token: string | undefined
  bytesMax: number
  stats: () => Record<string, unknown>
  warn: (sentence: string) => void
}

/** Where a run is kept until it is sent, and who sends it. */
export interface Storage {
  kind: NonNullable<RunParts['storage']>
  /** The writer's; none in memory. */
  folder?: string
  keeper: Keeper
  sender?: Sender
  close(): void
}

/** A spool in the folder; where that can't be, one in the temporary folder; else memory. Says once what that means. */
export function openStorage(options: StorageOptions): Storage {
  const { root, warn } = options
  let troubles = ''
  // A user without a home has no other: then the temporary folder is as little a disk, and as much to be checked.
  if (root !== temporarySpoolFolder()) {
    try {
      return openSpool('disk', root, options)
    } catch (error) {
      troubles = `cannot write to ${root} (${(error as Error).message})`
    }
  }
  try {
    const temporary = makeTemporarySpoolFolder()
    const storage = openSpool('temporary', temporary, options)
    const why = troubles && `${troubles}: `
    warn(`${why}the run is kept in ${temporary}, and is lost if the machine restarts before it is sent`)
    return storage
  } catch (error) {
    troubles = `${troubles ? `${troubles}, nor` : 'cannot write'} to the temporary folder (${(error as Error).message})`
    warn(`${troubles}: the run is kept in memory only, and what is not sent when the process ends is lost`)
    return openMemory(options)
  }
}

/** @throws what the file system says; then nothing is left of it */
function openSpool(kind: 'disk' | 'temporary', root: string, options: StorageOptions): Storage {
  const { writer, description, mode, trackerUri, token, bytesMax, stats, warn } = options
  const folder = join(root, writer)
  const alive = join(folder, aliveName)
  // For its user alone: a config can have secrets.
  makeFolder(folder, 0o700)
  let spool: SpoolWriter | undefined
  let sender: SpoolSender | undefined
  try {
    // Before the first record: who finds a spool without it takes its process for dead.
    if (!takeLock(alive)) throw new Error(`${alive} cannot be written`)
    let freed = 0
    spool = new SpoolWriter({
      ...{ folder, writer, run: description },
      allowance(wanted, own) {
        const allowed = allowance(folder, bytesMax, wanted)
        if (own - freed + wanted > allowed) freed += dropAcknowledged(folder)
        return allowed + freed
      },
      onLoss: (reason) => warn(`what is logged can't be kept, and is dropped and counted: ${reason}`),
    })
    if (mode === 'online') {
      sender = new SpoolSender({
        ...{ folder, run: description, stats, server: trackerUri, isNew: true, onWarning: warn },
        transport: httpTransport(trackerUri, token),
      })
    }
  } catch (error) {
    spool?.close()
    releaseLock(alive)
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
  const kept = spool
  const touching = setInterval(() => {
    touchLock(alive)
    touchLock(join(folder, lockName))
  }, touchMs).unref()
  const close = () => {
    clearInterval(touching)
    kept.close()
    sender?.close()
    releaseLock(alive)
  }
  return { kind, folder, keeper: kept, sender: sender?.sender, close }
}

function openMemory({ writer, description, mode, trackerUri, token, stats, warn }: StorageOptions): Storage {
  const queue = new MemoryQueue(() => warn('the queue in memory is full: further rows are dropped and counted'))
  const transport = httpTransport(trackerUri, token)
  const sender =
    mode === 'online'
      ? new Sender({ ...{ writer, stats, transport, source: queue, run: description, isNew: true, onWarning: warn } })
      : undefined
  return { kind: 'memory', keeper: queue, sender, close() {} }
}
