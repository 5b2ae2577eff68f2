import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decideResume, type FoundRun, type Resuming } from './run-search.ts'
import { isAlive } from './spool-folder.ts'
import { findSpooledRun } from './spool-search.ts'
import type { Transport } from './transport.ts'

export interface ResumeOptions extends Omit<Resuming, 'offline'> {
  /** The spool folder. */
  root: string
  /** None when the run is offline. */
  transport?: Transport
}

/**
 * The run that is gone on with: what the tracker has of it, or, where that does not answer, this machine's spools.
 * @returns undefined for a new one
 * @throws TypeError when `must` finds none, or `never` finds one
 */
export async function resumedRun(options: ResumeOptions): Promise<FoundRun | undefined> {
  const { root, transport } = options
  return decideResume({ ...options, offline: (wanted) => findSpooledRun(root, wanted) }, transport)
}

/**
 * Remembers the last run of a project that was begun with resume "auto" on this machine, until it ends well: a small file
 * beside the spools, which the Python client reads and writes alike.
 */
export class AutoResume {
  #path: string
  #id: string | undefined

  constructor(root: string, project: string) {
    this.#path = join(root, `resume-${project}.json`)
  }

  /** The id of a run to go on with: it did not end well, and no process writes it now. */
  get lastId(): string | undefined {
    const { id, writer } = this.#read()
    if (typeof id !== 'string' || typeof writer !== 'string') return undefined
    return isAlive(join(this.#path, '..', writer)) ? undefined : id
  }

  /** This run goes on next time, unless it ends well. */
  remember(id: string, writer: string): void {
    this.#id = id
    try {
      writeFileSync(`${this.#path}.new`, JSON.stringify({ id, writer }))
      renameSync(`${this.#path}.new`, this.#path)
    } catch {
      // The next one is new.
    }
  }

  /** This run has ended well. */
  forget(): void {
    if (this.#read().id === this.#id) rmSync(this.#path, { force: true })
  }

  #read(): { id?: unknown; writer?: unknown } {
    try {
      return JSON.parse(readFileSync(this.#path, 'utf8')) ?? {}
    } catch {
      return {}
    }
  }
}
