import assert from 'node:assert/strict'
import { ask, type Json } from './ask.ts'
import { EventReader, type StreamEvent } from './event-reader.ts'

/** A point as a stream tells it, or a chart. */
export interface FollowedPoint {
  step: number
  value: Json
}

interface FollowedRun {
  /** What it is told of the run; undefined when only its points are known. */
  told: Json
  points: Map<string, FollowedPoint[]>
  /** The cursor of the chart that was read last: what is not after it is there already. */
  readUpTo: number
}

/**
 * A program that shows a project and goes by docs/api/stream.md: it keeps what it is told, reads again what it has to,
 * and comes again when it is cut off.
 */
export class StreamFollower {
  readonly runs = new Map<string, FollowedRun>()
  /** How often it had to read something again, and how often all. */
  resyncs = { runs: 0, all: 0 }
  lastId: string | undefined
  reader: EventReader | undefined
  #project: string
  #query: string
  /** Runs that it has to read again, until it has. */
  #owed: { all: boolean; runs: Set<string> } = { all: false, runs: new Set() }

  /** `project`: its address. */
  constructor(project: string, query = '') {
    this.#project = project
    this.#query = query
  }

  /** Reads all there is, then listens from there. */
  async begin(): Promise<void> {
    await this.connect(await this.#readSeries(this.#query))
  }

  /** Listens from where it was, or from a cursor. */
  async connect(cursor?: string): Promise<void> {
    await this.#readOwed()
    const parameters = [this.#query, this.lastId === undefined && cursor !== undefined ? `cursor=${cursor}` : '']
    const url = `${this.#project}/stream?${parameters.filter(Boolean).join('&')}`
    this.reader = await EventReader.open(url, this.lastId === undefined ? {} : { lastId: this.lastId })
  }

  /** Takes the next event. @returns false when the stream has ended */
  async take(): Promise<boolean> {
    const event = await this.reader?.next()
    if (!event) return false
    await this.apply(event)
    return true
  }

  /** Listens until something holds. */
  async until(holds: () => unknown): Promise<void> {
    while (!holds()) assert.ok(await this.take(), 'the stream has ended')
  }

  async apply({ id, event, data }: StreamEvent): Promise<void> {
    this.lastId = id
    if (event === 'open') return
    for (const run of data.deleted) this.runs.delete(run)
    for (const run of data.runs) this.#run(run.name).told = run
    for (const { run, columns } of data.points) for (const block of columns) this.#add(run, block)
    if (data.resync === null) this.#owed.all = true
    for (const run of data.resync ?? []) this.#owed.runs.add(run)
    await this.#readOwed()
  }

  /** The points of a metric, by step. */
  points(run: string, metric: string): FollowedPoint[] {
    const points = this.runs.get(run)?.points.get(metric) ?? []
    return points.toSorted((one, other) => one.step - other.step)
  }

  pointCount(run: string, metric: string): number {
    return this.runs.get(run)?.points.get(metric)?.length ?? 0
  }

  #run(name: string): FollowedRun {
    let run = this.runs.get(name)
    if (!run) {
      run = { told: undefined, points: new Map(), readUpTo: -1 }
      this.runs.set(name, run)
    }
    return run
  }

  #add(name: string, { cursor, steps, timestamps, metrics }: Json): void {
    const run = this.#run(name)
    assert.equal(timestamps.length, steps.length)
    if (Number(cursor) <= run.readUpTo) return
    for (const [metric, values] of Object.entries<Json[]>(metrics)) {
      assert.equal(values.length, steps.length)
      this.#addPoints(run, metric, steps, values)
    }
  }

  #addPoints(run: FollowedRun, metric: string, steps: number[], values: Json[]): void {
    const points = run.points.get(metric) ?? []
    for (const [row, value] of values.entries()) points.push({ step: steps[row], value })
    run.points.set(metric, points)
  }

  async #readOwed(): Promise<void> {
    if (this.#owed.all) {
      this.resyncs.all++
      await this.#readSeries(this.#query)
      this.#owed = { all: false, runs: new Set() }
    }
    // One by one: one that was deleted meanwhile does not hide the others.
    for (const run of this.#owed.runs) {
      this.resyncs.runs++
      await this.#readSeries(`runs=${run}`, run)
      this.#owed.runs.delete(run)
    }
  }

  async #readSeries(query: string, one?: string): Promise<string | undefined> {
    const { status, body } = await ask('GET', `${this.#project}/series?points=20000&${query}`)
    if (status === 404 && one !== undefined) {
      this.runs.delete(one)
      return undefined
    }
    assert.equal(status, 200, JSON.stringify(body))
    if (one === undefined) this.runs.clear()
    else this.#run(one).points.clear()
    for (const { run, metric, exact, x, y } of body.series) {
      assert.ok(exact, `${run} has more points than a chart shows one by one`)
      this.#addPoints(this.#run(run), metric, x, y)
    }
    for (const [name, run] of this.runs) if (one === undefined || name === one) run.readUpTo = Number(body.cursor)
    return body.cursor
  }
}
