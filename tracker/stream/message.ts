import type { Changes } from '@aspara/store/stream/changes.ts'
import type { Stamp } from '@aspara/store/tables.ts'
import { type EventStream, eventBytes } from './event-stream.ts'

interface Part {
  run: string
  json: string
}

/** What is new since a commit, as each listener is told it: its parts are made once for all (protocol/stream.ts). */
export class Message {
  #since: Stamp
  #id: Stamp
  #points: Part[]
  #runs: Part[]
  /** undefined: everything has to be read again. */
  #resync: Part[] | undefined
  #deleted: Part[]
  /** The project, when it has changed: every listener is told. */
  #project: string | undefined
  /** For who wants all runs. */
  #whole: Buffer | undefined

  /**
   * `id`: all up to this commit is told. `deleted`: runs that are gone; a new one may have the name of one.
   * undefined: it is not known which.
   */
  constructor(since: Stamp, id: Stamp, { project, points, runs, resync }: Told, deleted: string[] | undefined) {
    const part = (run: string, value: unknown): Part => ({ run, json: JSON.stringify(value) })
    this.#since = since
    this.#id = id
    this.#points = points.map(({ run, columns }) => ({
      run,
      json: `{"run":${JSON.stringify(run)},"columns":${columns}}`,
    }))
    this.#project = project && JSON.stringify(project)
    this.#runs = runs.map((run) => part(run.name, run))
    this.#resync = deleted && resync?.map((run) => part(run, run))
    this.#deleted = deleted?.map((run) => part(run, run)) ?? []
  }

  /** Writes what concerns the stream, if anything does. */
  sendTo(stream: EventStream): void {
    if (!this.#resync) this.#whole ??= resyncAll(this.#since, this.#id)
    else if (stream.runs === undefined) this.#whole ??= this.#compose(() => true)
    const isWhole = !this.#resync || stream.runs === undefined
    const event = isWhole ? this.#whole : this.#compose((run) => stream.wants(run))
    if (event) stream.write(event)
  }

  #compose(wants: (run: string) => boolean): Buffer | undefined {
    const wanted = (parts: Part[] = []) => parts.filter((part) => wants(part.run)).map((part) => part.json)
    const [points, runs, resync, deleted] = [this.#points, this.#runs, this.#resync, this.#deleted].map(wanted)
    if (!this.#project && points.length + runs.length + resync.length + deleted.length === 0) return undefined
    const project = this.#project ? `,"project":${this.#project}` : ''
    const head = `{"since":"${this.#since}"${project},"deleted":[${deleted}],"runs":[${runs}],"points":[${points}]`
    return resync.length > 0
      ? eventBytes('resync', this.#id, `${head},"resync":[${resync}]}`)
      : eventBytes('changes', this.#id, `${head}}`)
  }
}

type Told = Pick<Changes, 'project' | 'points' | 'runs' | 'resync'>

/** Too much is unknown: everything has to be read again. */
export function resyncAll(since: Stamp, id: Stamp): Buffer {
  return eventBytes('resync', id, `{"since":"${since}","deleted":[],"runs":[],"points":[],"resync":null}`)
}
