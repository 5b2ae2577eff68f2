import { invalidField, type Problem, sequenceGap } from '@aspara/protocol/errors.ts'
import { type Append, type BatchAppend, type BatchReceipt, isBatch, type RecordAppend } from './appends.ts'
import type { Column, Entry } from './entry.ts'
import { emptyReceipt, type Receipt, receiptAfter } from './receipt.ts'

/** What is known of a run when appends to it are planned. `id` undefined: it is not there yet. */
export interface KnownRun<Id> {
  id: Id | undefined
  project: string
  name: string
  nextPosition: number
  lastStep: number | null
  /** When it began, in milliseconds since the epoch: never after its earliest point. Infinity: it is not there yet. */
  createdAt: number
  /** The latest time of its points; null before the first. */
  lastPointAt: number | null
  /** It has a writer, which gives signs of life: when it falls silent it is lost. */
  hasHeartbeats: boolean
  /** It has been silent for so long that it is told as lost or ended; whatever it takes ends that. */
  isLost: boolean
  /** All of its writers have ended, and it with them: a batch of one that has not goes on with it. */
  isEndedByWriters: boolean
  /** Those of its writers that appear in the appends and have given a batch, or ended. */
  writers: Map<string, KnownWriter>
  /** While it is not there: the run in the trash that takes a writer's batches, by the writer. */
  trashed?: Map<string, KnownRun<Id>>
}

export interface KnownWriter {
  nextSequence: number
  /** Over all that is stored of it; undefined for one that is older than receipts. */
  receipt: Receipt | undefined
  isFinished: boolean
  /** As the last batch that said it; undefined when none of the appends does. */
  label?: string
  client?: string
}

/** What a commit has to write for one run. */
export interface RunPlan<Id> extends KnownRun<Id> {
  entries: { position: number; entry: Entry }[]
  /** Writers that moved on. */
  moved: Set<string>
  /** It had ended with its writers, and goes on. */
  isReopened: boolean
  /** It has a point from before it began: then is when it began. */
  isOlder: boolean
  /** It has a point that is later than all before. */
  isLater: boolean
}

export interface Plan<Id> {
  /** Only runs that take something. */
  runs: RunPlan<Id>[]
  /** One an append, in order. A record has nothing to tell. */
  outcomes: (BatchReceipt | Problem | undefined)[]
}

/** How runs are found among those known. */
export const runKey = (project: string, run: string): string => `${project}/${run}`

/**
 * Decides what a group of appends becomes: which steps they get, which batches are new, which entries are written.
 * The records of a run that follow each other become one entry; a batch is one. Plain data in and out: no clock, no
 * database, so that every engine decides alike.
 */
export function planAppends<Id>(appends: Append[], known: Map<string, KnownRun<Id>>): Plan<Id> {
  const runs = new Map<KnownRun<Id>, OpenRun<Id>>()
  const opened = (before: KnownRun<Id>) => {
    let run = runs.get(before)
    if (!run) {
      run = new OpenRun(before)
      runs.set(before, run)
    }
    return run
  }
  const outcomes = appends.map((append) => {
    const key = runKey(append.project, append.run)
    const before = known.get(key)
    if (!before) throw new Error(`BUG: ${key} was not looked up`)
    const run = opened(before)
    if (!isBatch(append)) return run.takeRecord(append)
    // Of this name there may be a run by now: one that another append of the group makes.
    const trashed = before.id === undefined && !run.isTouched ? before.trashed?.get(append.writer) : undefined
    return (trashed ? opened(trashed) : run).takeBatch(append)
  })
  const plans = [...runs.values()].filter((run) => run.isTouched).map((run) => run.close())
  return { runs: plans, outcomes }
}

class OpenRun<Id> {
  isTouched = false
  #plan: RunPlan<Id>
  #records: RecordAppend[] = []
  #recordSteps: number[] = []

  constructor(known: KnownRun<Id>) {
    this.#plan = { ...known, writers: new Map(known.writers), entries: [], moved: new Set(), ...nothingNew }
  }

  takeRecord(record: RecordAppend): Problem | undefined {
    const step = record.step ?? this.#nextStep()
    if (step > Number.MAX_SAFE_INTEGER) return noNextStep(['body', 'step'])
    this.isTouched = true
    if (record.metrics.length === 0) return undefined
    this.#reachStep(step)
    this.#records.push(record)
    this.#recordSteps.push(step)
    return undefined
  }

  takeBatch(batch: BatchAppend): BatchReceipt | Problem {
    const writer = this.#plan.writers.get(batch.writer) ?? newWriter
    const expected = writer.nextSequence
    if (batch.sequence < expected) return { next_sequence: batch.sequence + 1, duplicate: true }
    if (batch.sequence > expected) return sequenceGap(batch.sequence, expected)

    // Steps are given on a copy: a batch that is refused must leave the run as it was.
    const steps = batch.steps.slice()
    let last = this.#plan.lastStep
    for (let row = 0; row < steps.length; row++) {
      if (Number.isNaN(steps[row])) steps[row] = last === null ? 0 : last + 1
      if (steps[row] > Number.MAX_SAFE_INTEGER) return noNextStep(['body', 'steps', row])
      if (last === null || steps[row] > last) last = steps[row]
    }
    this.isTouched = true
    this.#plan.lastStep = last
    const rows = { steps, timestamps: batch.timestamps, columns: batch.columns }
    this.#plan.writers.set(batch.writer, {
      nextSequence: batch.sequence + 1,
      receipt: writer.receipt && receiptAfter(writer.receipt, rows),
      isFinished: writer.isFinished,
      label: batch.label ?? writer.label,
      client: batch.client ?? writer.client,
    })
    this.#plan.moved.add(batch.writer)
    this.#plan.hasHeartbeats = true
    if (this.#plan.isEndedByWriters && !writer.isFinished) this.#plan.isReopened = true
    if (batch.columns.length > 0) {
      this.#closeRecords()
      this.#addEntry(rows)
    }
    return { next_sequence: batch.sequence + 1, duplicate: false }
  }

  close(): RunPlan<Id> {
    this.#closeRecords()
    return this.#plan
  }

  #nextStep(): number {
    return this.#plan.lastStep === null ? 0 : this.#plan.lastStep + 1
  }

  #reachStep(step: number): void {
    if (this.#plan.lastStep === null || step > this.#plan.lastStep) this.#plan.lastStep = step
  }

  #addEntry(entry: Entry): void {
    this.#plan.entries.push({ position: this.#plan.nextPosition++, entry })
    this.#reachTimes(entry.timestamps)
  }

  #reachTimes(timestamps: Float64Array): void {
    let earliest = this.#plan.createdAt
    let latest = this.#plan.lastPointAt ?? -Infinity
    for (const timestamp of timestamps) {
      if (timestamp < earliest) earliest = timestamp
      if (timestamp > latest) latest = timestamp
    }
    if (earliest < this.#plan.createdAt) {
      this.#plan.createdAt = Math.floor(earliest)
      this.#plan.isOlder = true
    }
    if (latest > (this.#plan.lastPointAt ?? -Infinity)) {
      this.#plan.lastPointAt = Math.floor(latest)
      this.#plan.isLater = true
    }
  }

  #closeRecords(): void {
    if (this.#records.length === 0) return
    this.#addEntry({
      steps: Float64Array.from(this.#recordSteps),
      timestamps: Float64Array.from(this.#records, (record) => record.timestamp),
      columns: columnsOf(this.#records),
    })
    this.#records = []
    this.#recordSteps = []
  }
}

const nothingNew = { isReopened: false, isOlder: false, isLater: false }

const newWriter: KnownWriter = { nextSequence: 0, receipt: emptyReceipt, isFinished: false }

function noNextStep(loc: (string | number)[]): Problem {
  return invalidField(loc, `the run's last step is ${Number.MAX_SAFE_INTEGER}: there is no next one`)
}

/** Turns records into columns, one a metric, in the order in which the metrics first appear. */
function columnsOf(records: RecordAppend[]): Column[] {
  const columns = new Map<string, { rows: number[]; values: number[] }>()
  records.forEach((record, row) => {
    record.metrics.forEach((metric, index) => {
      let column = columns.get(metric)
      if (!column) {
        column = { rows: [], values: [] }
        columns.set(metric, column)
      }
      column.rows.push(row)
      column.values.push(record.values[index])
    })
  })
  return Array.from(columns, ([metric, { rows, values }]) => ({
    metric,
    values: Float64Array.from(values),
    rows: rows.length === records.length ? undefined : Uint32Array.from(rows),
  }))
}
