import { type FSWatcher, mkdirSync, watch } from 'node:fs'
import { basename } from 'node:path'
import { isAlive, isBeingSent, listWriters, readSent } from 'aspara/spool-folder.ts'
import type { RunDocument } from 'aspara/spool-format.ts'
import { hasWaiting, readRunOf, syncSpool } from 'aspara/spool-sync.ts'
import { isLoopback } from '../config.ts'

export interface IntakeOptions {
  /** The spool folder of this tracker's data folder: where clients on this machine spool by default. */
  folder: string
  /** Where this tracker listens. */
  url: string
  token: string | undefined
  onTaken: (told: { run: string; rows: number }) => void
  /** Told once for each spool. */
  onFault: (told: { spool: string; reason: string }) => void
}

/** Spools at once: what people log to the tracker meanwhile comes first. */
const parallel = 2
const gatherMs = 500
/** Nothing tells that a process has died, so it is looked after: often while there are spools that are not all sent. */
const lookAgainMs = 5_000
const lookSeldomMs = 30_000
/** A spool that could not be sent is tried again after this. */
const againMs = 60_000

/**
 * Takes in what runs on this machine have spooled and nobody sends: those that were killed, that were offline, or that
 * ended while no tracker was there. It does so as `aspara sync` does, by HTTP, so that there is one way in.
 */
export class Intake {
  #options: IntakeOptions
  #watcher: FSWatcher | undefined
  #timer: NodeJS.Timeout | undefined
  #isLooking = false
  #isAsked = false
  #stop = new AbortController()
  #faults = new Map<string, number>()
  /** Whose they are: the first record of a spool never changes. */
  #runs = new Map<string, RunDocument>()
  /** Nothing will ever come of these. */
  #done = new Set<string>()

  constructor(options: IntakeOptions) {
    this.#options = options
  }

  start(): void {
    try {
      mkdirSync(this.#options.folder, { recursive: true })
      // Only whether spools come and go: in the folders below every call of `log` would be told.
      this.#watcher = watch(this.#options.folder, () => this.#lookIn(gatherMs))
      this.#watcher.on('error', () => this.#watcher?.close())
      this.#watcher.unref()
    } catch {
      // Not to be watched, or not to be made: the timer looks.
    }
    this.#lookIn(0)
  }

  stop(): void {
    this.#stop.abort()
    this.#watcher?.close()
    clearTimeout(this.#timer)
  }

  #lookIn(ms: number): void {
    if (this.#isLooking) {
      this.#isAsked = true
      return
    }
    if (this.#stop.signal.aborted) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#look(), ms).unref()
  }

  async #look(): Promise<void> {
    this.#isLooking = true
    this.#isAsked = false
    const open = listWriters(this.#options.folder).filter((folder) => !this.#isDone(folder))
    const waiting = open.filter((folder) => this.#isOurs(folder))
    const takeNext = async () => {
      for (let folder = waiting.shift(); folder !== undefined; folder = waiting.shift()) {
        if (!this.#stop.signal.aborted) await this.#take(folder)
      }
    }
    await Promise.all(Array.from({ length: parallel }, takeNext))
    this.#isLooking = false
    this.#lookIn(this.#isAsked ? gatherMs : open.length > 0 ? lookAgainMs : lookSeldomMs)
  }

  #isDone(folder: string): boolean {
    if (this.#done.has(folder)) return true
    const isDone = readSent(folder).done && !hasWaiting(folder)
    if (isDone) this.#done.add(folder)
    return isDone
  }

  #isOurs(folder: string): boolean {
    if (Date.now() - (this.#faults.get(folder) ?? 0) < againMs || !hasWaiting(folder)) return false
    const run = this.#runs.get(folder) ?? readRunOf(folder)
    // Its first record is just being written, or it is of a version that we do not know.
    if (!run) return false
    this.#runs.set(folder, run)
    if (run.tracker_uri && !this.#isThisTracker(run.tracker_uri)) return false
    // A process that is online sends by itself, and has its reasons when it waits.
    return !isBeingSent(folder) && (run.mode === 'offline' || !isAlive(folder))
  }

  #isThisTracker(uri: string): boolean {
    const { hostname, port, protocol } = URL.parse(uri) ?? {}
    const defaultPort = protocol === 'https:' ? '443' : '80'
    const host = hostname?.replace(/^\[|\]$/g, '') ?? ''
    return isLoopback(host) && (port || defaultPort) === new URL(this.#options.url).port
  }

  async #take(folder: string): Promise<void> {
    const { url, token, onTaken } = this.#options
    const project = this.#runs.get(folder)?.project
    try {
      const onWarning = (reason: string) => this.#fault(folder, reason)
      const { signal } = this.#stop
      const { outcome, name, rows, trouble } = await syncSpool(folder, {
        signal,
        trackerUri: url,
        defaultUri: url,
        token,
        onWarning,
      })
      if (outcome === 'unreachable' && !signal.aborted) this.#fault(folder, trouble ?? 'no answer')
      if (outcome === 'sent' && rows > 0) onTaken({ run: `${project}/${name}`, rows })
    } catch (error) {
      this.#fault(folder, (error as Error).message)
    }
  }

  #fault(folder: string, reason: string): void {
    if (!this.#faults.has(folder)) this.#options.onFault({ spool: basename(folder), reason })
    this.#faults.set(folder, Date.now())
  }
}
