import type { Changes } from '@aspara/store/stream/changes.ts'
import type { Stamp } from '@aspara/store/tables.ts'
import type { EventStream } from './event-stream.ts'

interface Part {
  run: string
  json: string
}

/** What is new since a commit, as each listener is told it: its parts are made once for all (protocol/stream.ts). */
export class Message {
  #since: Stamp
  #points: Part[]
  #runs: Part[]
  #resync: Part[]
  #deleted: Part[]
  /** For who wants all runs. */
  #whole: { event: string; data: string } | undefined

  constructor(since: Stamp, { points, runs, resync }: Changes, deleted: string[]) {
    const part = (run: string, value: unknown): Part => ({ run, json: JSON.stringify(value) })
    this.#since = since
    this.#points = points.map((its) => part(its.run, its))
    this.#runs = runs.map((run) => part(run.name, run))
    this.#resync = resync.map((run) => part(run, run))
    this.#deleted = deleted.map((run) => part(run, run))
  }

  /** Writes what concerns the stream, if anything does; the stream's cursor is behind it already. */
  sendTo(stream: EventStream): void {
    if (stream.runs === undefined) this.#whole ??= this.#compose(() => true)
    const composed = stream.runs === undefined ? this.#whole : this.#compose((run) => stream.wants(run))
    if (composed) stream.send(composed.event, stream.cursor, composed.data)
  }

  #compose(wants: (run: string) => boolean): { event: string; data: string } | undefined {
    const wanted = (parts: Part[]) => parts.filter((part) => wants(part.run)).map((part) => part.json)
    const [points, runs, resync, deleted] = [this.#points, this.#runs, this.#resync, this.#deleted].map(wanted)
    if (points.length + runs.length + resync.length + deleted.length === 0) return undefined
    const head = `{"since":"${this.#since}","points":[${points}],"runs":[${runs}],"deleted":[${deleted}]`
    return resync.length > 0
      ? { event: 'resync', data: `${head},"resync":[${resync}]}` }
      : { event: 'changes', data: `${head}}` }
  }
}

/** Too much is unknown: everything has to be read again. */
export function resyncAll(since: Stamp): string {
  return `{"since":"${since}","points":[],"runs":[],"deleted":[],"resync":null}`
}
