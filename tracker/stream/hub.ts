import { Problem } from '@aspara/protocol/errors.ts'
import { streamPace } from '@aspara/protocol/stream.ts'
import type { Store } from '@aspara/store/store.ts'
import type { ChangesRequest } from '@aspara/store/stream/changes.ts'
import type { Stamp } from '@aspara/store/tables.ts'
import type { EventStream } from './event-stream.ts'
import { Message, resyncAll } from './message.ts'

/** Deletions that are remembered; who missed more reads everything again. */
const deletionsKept = 1_000

/** Gives the listeners of each project what is new, several times a second at most, read once for all who are as far. */
export class StreamHub {
  #store: Store
  #channels = new Map<string, Channel>()
  #unwatch: () => void
  #clocks: NodeJS.Timeout[]

  /** `onError`: of a question that was no fault of a listener. */
  constructor(store: Store, onError: (error: unknown) => void) {
    this.#store = store
    this.#unwatch = store.stream.watch({
      changed: (projects) => {
        for (const project of projects) this.#channels.get(project)?.noteChange()
      },
      runDeleted: ({ project, run, stamp }) => this.#channels.get(project)?.noteDeletion(run, stamp),
    })
    const every = (ms: number, act: (channel: Channel) => void) =>
      setInterval(() => {
        for (const channel of this.#channels.values()) act(channel)
      }, ms).unref()
    this.#clocks = [
      every(streamPace.heartbeatMs, (channel) => channel.beat()),
      every(streamPace.lostCheckMs, (channel) => channel.tellLost().catch(onError)),
    ]
    this.onError = onError
  }

  readonly onError: (error: unknown) => void

  get streamCount(): number {
    return this.#channels.values().reduce((count, channel) => count + channel.streams.size, 0)
  }

  /** From now on it is told what happens after its cursor, and first what it has missed. @returns what ends that */
  add(project: string, stream: EventStream): () => void {
    let channel = this.#channels.get(project)
    if (!channel) {
      channel = new Channel(this.#store, project, this.onError)
      this.#channels.set(project, channel)
    }
    const its = channel
    its.streams.add(stream)
    stream.onDrained(() => its.noteChange())
    its.noteChange()
    return () => {
      its.streams.delete(stream)
      if (its.streams.size === 0 && this.#channels.get(project) === its) this.#channels.delete(project)
    }
  }

  close(): void {
    this.#unwatch()
    for (const clock of this.#clocks) clearInterval(clock)
    for (const channel of this.#channels.values()) for (const stream of channel.streams) stream.end()
  }
}

/** The listeners of one project. */
class Channel {
  readonly streams = new Set<EventStream>()
  #store: Store
  #project: string
  #onError: (error: unknown) => void
  /** In order; of what came before nothing is known. */
  #deletions: { run: string; stamp: Stamp }[] = []
  #deletionsKnownAfter: Stamp = Date.now() * 1_000
  #isTelling = false
  #isDue = false
  #toldAt = -Infinity
  #lostCheckedMs = Date.now()

  constructor(store: Store, project: string, onError: (error: unknown) => void) {
    this.#store = store
    this.#project = project
    this.#onError = onError
  }

  noteDeletion(run: string, stamp: Stamp): void {
    this.#deletions.push({ run, stamp })
    if (this.#deletions.length > deletionsKept) {
      this.#deletionsKnownAfter = (this.#deletions.shift() as { stamp: Stamp }).stamp
    }
  }

  /** Tells what is new at once, or when enough time has passed since the last time. */
  noteChange(): void {
    this.#isDue = true
    if (this.#isTelling) return
    this.#isTelling = true
    const waitMs = this.#toldAt + streamPace.changesMs - performance.now()
    setTimeout(() => this.#tell(), Math.max(0, waitMs))
  }

  beat(): void {
    for (const stream of this.streams) if (!stream.isBehind) stream.beat()
  }

  /** Nothing is committed when a run falls silent: it is looked for. */
  async tellLost(): Promise<void> {
    const lost = { fromMs: this.#lostCheckedMs, toMs: Date.now() }
    this.#lostCheckedMs = lost.toMs
    const changes = await this.#readChanges([...this.streams], { since: undefined, lost })
    if (!changes || changes.runs.length === 0) return
    for (const stream of this.streams) new Message(stream.cursor, changes, []).sendTo(stream)
  }

  async #tell(): Promise<void> {
    this.#isDue = false
    this.#toldAt = performance.now()
    try {
      const ready = [...this.streams].filter((stream) => !stream.isBehind)
      const groups = Map.groupBy(ready, ({ cursor, isNew }) => `${cursor} ${isNew}`)
      for (const streams of groups.values()) await this.#tellGroup(streams)
    } catch (error) {
      this.#onError(error)
    }
    this.#isTelling = false
    if (this.#isDue) this.noteChange()
  }

  /** Streams that are as far as each other. */
  async #tellGroup(streams: EventStream[]): Promise<void> {
    const [{ cursor: since, isNew }] = streams
    // Who comes again has perhaps missed that a run fell silent, too.
    const lost = isNew ? { fromMs: since / 1_000, toMs: Date.now() } : undefined
    const changes = await this.#readChanges(streams, { since, lost })
    if (!changes) {
      // The project is deleted: there is nothing more to listen to.
      for (const stream of streams) stream.end()
      return
    }
    const deleted = this.#deletions.filter(({ stamp }) => stamp > since).map(({ run }) => run)
    const isEachDeletionKnown = changes.removed <= since || since >= this.#deletionsKnownAfter
    const message = new Message(since, changes, deleted)
    for (const stream of streams) {
      stream.isNew = false
      stream.cursor = changes.cursor
      if (isEachDeletionKnown) message.sendTo(stream)
      else stream.send('resync', changes.cursor, resyncAll(since))
    }
  }

  /** @returns undefined when the project is gone */
  async #readChanges(streams: EventStream[], request: Pick<ChangesRequest, 'since' | 'lost'>) {
    const all = streams.some((stream) => stream.runs === undefined)
    const runs = all ? undefined : [...new Set(streams.flatMap((stream) => [...(stream.runs ?? [])]))]
    try {
      return await this.#store.stream.readChanges({ project: this.#project, runs, ...request })
    } catch (error) {
      if (error instanceof Problem && error.code === 'projectNotFound') return undefined
      throw error
    }
  }
}
