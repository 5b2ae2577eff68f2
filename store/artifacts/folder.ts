import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { problem } from '@aspara/protocol/errors.ts'
import { StoreUnavailable } from '../engines/engine.ts'

/** A file that is here and not yet kept: it goes with `discard`, or becomes one of the store with `keep`. */
export interface IncomingFile {
  readonly sha256: string
  /** Bytes. */
  readonly size: number
  readonly path: string
}

/** Errors of a file system that has no room: none left, a quota, a limit on the file's size. */
const noRoom = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/**
 * Artifacts in a folder: `incoming/` while they arrive, `sha256/ab/ab…` from then on, so that the same bytes are kept once.
 */
export class ArtifactFolder {
  #folder: string
  #incoming: string
  #kept: string
  /** Files that somebody is keeping or dropping right now, by sha256: the two must not cross. */
  #turns = new Map<string, Promise<void>>()

  constructor(folder: string) {
    this.#folder = folder
    this.#incoming = join(folder, 'incoming')
    this.#kept = join(folder, 'sha256')
  }

  /** Makes the folders, and clears what a crash left half-way. @throws StoreUnavailable */
  async open(): Promise<void> {
    try {
      await mkdir(this.#kept, { recursive: true })
      await mkdir(this.#incoming, { recursive: true })
      for (const name of await readdir(this.#incoming)) await rm(join(this.#incoming, name))
    } catch (cause) {
      const why = (cause as NodeJS.ErrnoException).code
      throw new StoreUnavailable(`The artifact folder ${this.#folder} can't be written to (${why})`, { cause })
    }
  }

  /** Takes a stream in, hashed on the way, and on disk when it resolves. @throws diskFull, and what the stream throws */
  async receive(source: Readable): Promise<IncomingFile> {
    const path = join(this.#incoming, randomUUID())
    const hash = createHash('sha256')
    let size = 0
    let file: FileHandle | undefined
    try {
      file = await open(path, 'wx')
      for await (const bytes of source as AsyncIterable<Buffer>) {
        hash.update(bytes)
        size += bytes.length
        await file.writeFile(bytes)
      }
      await file.sync()
      await file.close()
    } catch (error) {
      await file?.close().catch(() => {}) // The error to report is the first one.
      await rm(path, { force: true })
      throw noRoom.has((error as NodeJS.ErrnoException).code ?? '') ? problem('diskFull') : error
    }
    return { path, size, sha256: hash.digest('hex') }
  }

  async discard(file: IncomingFile): Promise<void> {
    await rm(file.path, { force: true })
  }

  /**
   * Puts a received file in its place and then does `name`, which says in the catalog what it is. No drop comes between.
   */
  async keep(file: IncomingFile, name: () => Promise<void>): Promise<void> {
    await this.#inTurn(file.sha256, async () => {
      const place = this.#place(file.sha256)
      if (await exists(place)) {
        await unlink(file.path)
      } else {
        await mkdir(dirname(place), { recursive: true })
        await rename(file.path, place)
        // The names are on disk only when their folders are.
        await syncFolder(dirname(place))
        await syncFolder(this.#kept)
      }
      await name()
    })
  }

  /** Removes a file unless it is still named. `isNamed` is asked when no keep of it is under way. */
  async drop(sha256: string, isNamed: () => Promise<boolean>): Promise<void> {
    await this.#inTurn(sha256, async () => {
      if (!(await isNamed())) await rm(this.#place(sha256), { force: true })
    })
  }

  /** Reads a kept file, or the bytes from `start` to `end`, both included. */
  read(sha256: string, range?: { start: number; end: number }): Readable {
    return createReadStream(this.#place(sha256), range)
  }

  #place(sha256: string): string {
    return join(this.#kept, sha256.slice(0, 2), sha256)
  }

  async #inTurn(sha256: string, deed: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(sha256) ?? Promise.resolve()
    const mine = before.then(deed)
    const settled = mine.catch(() => {}) // The next in turn does not care how this one went.
    this.#turns.set(sha256, settled)
    await mine.finally(() => {
      if (this.#turns.get(sha256) === settled) this.#turns.delete(sha256)
    })
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
