import { setTimeout as pause } from 'node:timers/promises'
import { Problem } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import { streamPace } from '@aspara/protocol/stream.ts'
import type { Store } from '@aspara/store/store.ts'
import type { Changes, ChangesRequest } from '@aspara/store/stream/changes.ts'
import type { Stamp } from '@aspara/store/tables.ts'
import type { Deletions } from './deletions.ts'
import type { EventStream } from './event-stream.ts'
import { Message } from './message.ts'

/** A read can be ahead of the word of the deletion that it saw. */
const wordMs = 20
/** What could not be read is tried again after this time. */
const retryMs = 1_000

export interface ChannelParts {
  store: Store
  deletions: Deletions
  /** Of a question that was no fault of a listener. */
  onError: (error: unknown) => void
}

/** The listeners of one project. What is new is read once for all who are as far. */
export class Channel {
  readonly streams = new Set<EventStream>()
  #parts: ChannelParts
  #project: string
  #isTelling = false
  #isDue = false
  #tellFrom = -Infinity
  #lostCheckedMs = Date.now()

  constructor(project: string, parts: ChannelParts) {
    this.#project = project
    this.#parts = parts
  }

  /** Tells what is new at once, or when enough time has passed since the last time. */
  noteChange(): void {
    this.#isDue = true
    if (this.#isTelling) return
    this.#isTelling = true
    setTimeout(() => this.#tell(), Math.max(0, this.#tellFrom - performance.now()))
  }

  beat(): void {
    for (const stream of this.streams) if (!stream.isBehind) stream.beat()
  }

  /** Nothing is committed when a run falls silent: it is looked for. */
  async tellLost(): Promise<void> {
    const lost = { fromMs: this.#lostCheckedMs, toMs: Date.now() }
    this.#lostCheckedMs = lost.toMs
    const changes = await this.#readChanges([...this.streams], { since: undefined, lost })
    if (!changes || (changes.runs.length === 0 && changes.resync)) return
    for (const [cursor, streams] of Map.groupBy(this.streams, (stream) => stream.cursor)) {
      const message = new Message(cursor, cursor, changes, [])
      for (const stream of streams) {
        if (stream.isBehind) stream.mayMissLost = true
        else message.sendTo(stream)
      }
    }
  }

  async #tell(): Promise<void> {
    this.#isDue = false
    this.#tellFrom = performance.now() + streamPace.changesMs
    for (const stream of this.streams) stream.isOwed = stream.isBehind
    const ready = [...this.streams].filter((stream) => !stream.isOwed)
    const groups = Map.groupBy(ready, ({ cursor, mayMissLost }) => `${cursor} ${mayMissLost}`)
    for (const streams of groups.values()) {
      try {
        await this.#tellGroup(streams)
      } catch (error) {
        this.#parts.onError(error)
        this.#tellFrom = performance.now() + retryMs
        this.#isDue = true
      }
    }
    this.#isTelling = false
    if (this.#isDue && this.streams.size > 0) this.noteChange()
  }

  /** Streams that are as far as each other. */
  async #tellGroup(streams: EventStream[]): Promise<void> {
    const [{ cursor: since, mayMissLost }] = streams
    // It has been told up to one look for lost runs before the commit, at least.
    const lost = mayMissLost ? { fromMs: since / 1_000 - 2 * streamPace.lostCheckMs, toMs: Date.now() } : undefined
    const changes = await this.#readChanges(streams, { since, lost })
    if (!changes) {
      // The project is deleted: there is nothing more to listen to.
      for (const stream of streams) stream.end()
      return
    }
    const message = new Message(since, changes.cursor, changes, await this.#deletedRuns(since, changes))
    for (const stream of streams) {
      stream.mayMissLost = false
      stream.cursor = changes.cursor
      message.sendTo(stream)
    }
  }

  async #deletedRuns(since: Stamp, { removed }: Changes): Promise<string[] | undefined> {
    const { deletions } = this.#parts
    const deleted = deletions.between(this.#project, since, removed)
    if (deleted) return deleted
    await pause(wordMs)
    return deletions.between(this.#project, since, removed)
  }

  /** @returns undefined when the project is gone */
  async #readChanges(streams: EventStream[], request: Pick<ChangesRequest, 'since' | 'lost'>) {
    const { store } = this.#parts
    try {
      return await store.stream.readChanges({ project: this.#project, runs: runsOf(streams), ...request })
    } catch (error) {
      if (error instanceof Problem && error.code === 'projectNotFound') return undefined
      throw error
    }
  }
}

/** The runs that any of them wants; undefined: all, also where there are more than a question names. */
function runsOf(streams: EventStream[]): string[] | undefined {
  const wanted = new Set<string>()
  for (const { runs } of streams) {
    if (!runs) return undefined
    for (const run of runs) wanted.add(run)
    if (wanted.size > limits.seriesRunsMax) return undefined
  }
  return [...wanted]
}
