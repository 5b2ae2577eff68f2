import { streamPace } from '@aspara/protocol/stream.ts'
import type { Store } from '@aspara/store/store.ts'
import { Channel, type ChannelParts } from './channel.ts'
import { Deletions } from './deletions.ts'
import type { EventStream } from './event-stream.ts'

/** Gives the listeners of each project what is new, several times a second at most. */
export class StreamHub {
  #channels = new Map<string, Channel>()
  #parts: ChannelParts
  #unwatch: () => void
  #clocks: NodeJS.Timeout[]
  #isClosed = false

  /** `onError`: of a question that was no fault of a listener. */
  constructor(store: Store, onError: (error: unknown) => void) {
    const deletions = new Deletions()
    const report = (error: unknown) => {
      // The store is closing, too.
      if (!this.#isClosed) onError(error)
    }
    this.#parts = { store, deletions, onError: report }
    this.#unwatch = store.stream.watch({
      changed: (projects) => {
        for (const project of projects) this.#channels.get(project)?.noteChange()
      },
      runDeleted: (deletion) => deletions.note(deletion),
    })
    const every = (ms: number, act: (channel: Channel) => void) =>
      setInterval(() => {
        for (const channel of this.#channels.values()) act(channel)
      }, ms).unref()
    this.#clocks = [
      every(streamPace.heartbeatMs, (channel) => channel.beat()),
      every(streamPace.lostCheckMs, (channel) => channel.tellLost().catch(report)),
    ]
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get streamCount(): number {
    return this.#channels.values().reduce((count, channel) => count + channel.streams.size, 0)
  }

  /** From now on it is told what happens after its cursor, and first what it has missed. @returns what ends that */
  add(project: string, stream: EventStream): () => void {
    const channel = this.#channels.get(project) ?? new Channel(project, this.#parts)
    this.#channels.set(project, channel)
    channel.streams.add(stream)
    stream.onCaughtUp(() => channel.noteChange())
    channel.noteChange()
    return () => {
      channel.streams.delete(stream)
      if (channel.streams.size === 0 && this.#channels.get(project) === channel) this.#channels.delete(project)
    }
  }

  close(): void {
    this.#isClosed = true
    this.#unwatch()
    for (const clock of this.#clocks) clearInterval(clock)
    for (const channel of this.#channels.values()) for (const stream of channel.streams) stream.end()
    this.#channels.clear()
  }
}
