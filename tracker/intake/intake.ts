import { existsSync, type FSWatcher, watch } from 'node:fs'
import { basename } from 'node:path'
import { makeFolder } from 'aspara/make-folder.ts'
import { isAlive, isBeingSent, listWriters, readSent } from 'aspara/spool-folder.ts'
import type { RunDocument } from 'aspara/spool-format.ts'
import { isOwnFolder } from 'aspara/spool-places.ts'
import { groupByRun, hasWaiting, readRunOf, syncSpool } from 'aspara/spool-sync.ts'
import { defaultPort, isLoopback } from '../config.ts'

export interface IntakeOptions {
  /** The spool folder of this tracker's data folder, which is made. */
  folder: string
  /**
   * Where clients on this machine spool besides: the default folder, and the temporary one. Only spools of this user that
   * were meant for this tracker are taken from there.
   */
  others: string[]
  /** Where this tracker listens. */
  url: string
  token: string | undefined
  onTaken: (told: { run: string; rows: number }) => void
  /** What people should know of a spool that was taken in, such as the name that its run got. */
  onWarning: (told: { run: string; sentence: string }) => void
  /** Why a spool could not be taken in. Told once for each. */
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
  #watchers = new Map<string, FSWatcher>()
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
      makeFolder(this.#options.folder, 0o700)
    } catch {
      // A client that can make it does.
    }
    this.#lookIn(0)
  }

  stop(): void {
    this.#stop.abort()
    for (const watcher of this.#watchers.values()) watcher.close()
    clearTimeout(this.#timer)
  }

  /** Only whether spools come and go: in the folders below every call of `log` would be an event. */
  #watch(folder: string): void {
    if (this.#watchers.has(folder) || !existsSync(folder)) return
    try {
      const watcher = watch(folder, () => this.#lookIn(gatherMs)).unref()
      watcher.on('error', () => watcher.close())
      this.#watchers.set(folder, watcher)
    } catch {
      // It can't be watched: the timer looks.
    }
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
    const { folder: own, others } = this.#options
    const seen = [own, ...others.filter(isOwnFolder)]
    for (const folder of seen) this.#watch(folder)
    const isOpen = (folder: string) => !this.#isDone(folder)
    // Whose it is comes first: nothing of somebody else's is read.
    const open = listWriters(own).filter((folder) => this.#isOwn(folder) && isOpen(folder))
    const openElsewhere = seen.slice(1).flatMap(listWriters).filter(isOwnFolder).filter(isOpen)
    const here = open.filter((folder) => this.#isOurs(folder))
    const waiting = groupByRun([...here, ...openElsewhere.filter((folder) => this.#isOurs(folder, true))])
    const takeNext = async () => {
      for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
        for (const folder of run) if (!this.#stop.signal.aborted) await this.#take(folder)
      }
    }
    await Promise.all(Array.from({ length: parallel }, takeNext))
    this.#isLooking = false
    const isBusy = open.length + openElsewhere.length > 0 || this.#watchers.size <= others.length
    this.#lookIn(this.#isAsked ? gatherMs : isBusy ? lookAgainMs : lookSeldomMs)
  }

  #isDone(folder: string): boolean {
    if (this.#done.has(folder)) return true
    const isDone = readSent(folder).done && !hasWaiting(folder)
    if (isDone) this.#done.add(folder)
    return isDone
  }

  /** What somebody else has put here is left alone, and said once: a spool names files to upload. */
  #isOwn(folder: string): boolean {
    if (isOwnFolder(folder)) return true
    if (existsSync(folder) && !this.#done.has(folder)) {
      this.#fault(folder, 'it belongs to another user, or is a link: run aspara sync as that user')
      this.#done.add(folder)
    }
    return false
  }

  #isOurs(folder: string, isElsewhere = false): boolean {
    if (Date.now() - (this.#faults.get(folder) ?? 0) < againMs || !hasWaiting(folder)) return false
    const run = this.#runs.get(folder) ?? readRunOf(folder)
    // Its first record is just being written, or it is of a version that we do not know.
    if (!run) return false
    this.#runs.set(folder, run)
    const uri = run.tracker_uri || (isElsewhere ? `http://127.0.0.1:${defaultPort}` : undefined)
    if (uri && !this.#isThisTracker(uri)) return false
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
    const { url, token, onTaken, onWarning } = this.#options
    const project = this.#runs.get(folder)?.project
    try {
      const sentences: string[] = []
      const { signal } = this.#stop
      const { outcome, name, rows, trouble } = await syncSpool(folder, {
        signal,
        trackerUri: url,
        defaultUri: url,
        token,
        onWarning: (sentence) => sentences.push(sentence),
      })
      if (outcome === 'unreachable' && !signal.aborted) this.#fault(folder, trouble ?? 'no answer')
      if (outcome !== 'sent') return
      const run = `${project}/${name}`
      for (const sentence of sentences) onWarning({ run, sentence })
      if (rows > 0) onTaken({ run, rows })
    } catch (error) {
      this.#fault(folder, (error as Error).message)
    }
  }

  #fault(folder: string, reason: string): void {
    if (!this.#faults.has(folder)) this.#options.onFault({ spool: basename(folder), reason })
    this.#faults.set(folder, Date.now())
  }
}
