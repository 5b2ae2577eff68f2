import assert from 'node:assert/strict'
import { jsonNumber } from '@aspara/protocol/json.ts'
import type { MetricSummary } from '@aspara/protocol/metrics.ts'
import type { RunEnd } from '../catalog/finish-run.ts'
import type { RunAddress } from '../catalog/write-catalog.ts'
import type { BatchAppend, RecordAppend } from '../journal/appends.ts'
import type { Point } from './ask-store.ts'
import { type PlainRow, rowsOf } from './plain-receipt.ts'

/** What a deed must come to: done, with what it tells, or refused. */
export type Expected = { done: unknown } | { refused: string; extra?: unknown }

interface ModelRun {
  status: string
  /** Milliseconds since the epoch. Infinity: some time after the test began, and no point of it is older. */
  createdAt: number
  lastPointAt: number | null
  finishedAt: Moment | null
  finishReason: string | null
  /** Nothing was heard of it for so long that it is lost, or has ended with those of its writers that have. */
  isSilent: boolean
  summary: Record<string, unknown>
  lastStep: number | null
  /** In the order of arrival; `row` counts the rows that arrived, so that equal steps keep their order. */
  points: (Point & { row: number })[]
  writers: Map<string, ModelWriter>
  /** The first exit code that is not 0 of writers that have ended; null: none has, or it was ended as a whole. */
  endingCode: number | null
  /** That its client gave it. */
  id: string | undefined
}

/** What is known of a time without a clock: between which two it is. */
export interface Moment {
  from: number
  to: number
}

/** A deleted run, and what it is called. */
export interface ModelTrashed {
  called: string
  run: ModelRun
  /** Batches of new writers are its own. */
  takesWriters: boolean
}

export interface ModelNewRun {
  project: string
  name: string
  id?: string
  resume: boolean
  writer?: string
  startedAt?: number
}

interface ModelWriter {
  nextSequence: number
  rows: PlainRow[]
  exitCode: number | null
  finishedAt: Moment | null
  isSilent: boolean
}

const newWriter: ModelWriter = { nextSequence: 0, rows: [], exitCode: null, finishedAt: null, isSilent: false }

/**
 * The store as it would be without disks, threads, entries, pages and time: arrays. What it says, every store must say.
 * It follows the same page, design.md, by other means: it knows no entries, so it cannot be wrong in the same way.
 */
export class ModelStore {
  #projects = new Map<string, Map<string, ModelRun>>()
  /** The newest deletion first. */
  #trash = new Map<string, ModelTrashed[]>()
  #rows = 0

  createRun(made: ModelNewRun): Expected {
    const { project, name, id, resume, writer } = made
    const trashed = this.trashOf(project).find(({ run }) => id !== undefined && run.id === id)
    const isOfAnother = ({ writers }: ModelRun) => !resume && writer !== undefined && !writers.has(writer)
    if (trashed) {
      if (isOfAnother(trashed.run)) return { refused: 'runExists' }
      if (this.findRun({ project, run: trashed.called })) {
        if (this.findRun({ project, run: name })) return { refused: 'runExists' }
        trashed.called = name
      }
      trashed.takesWriters = true
      goOn(trashed.run, made)
      return { done: { name: trashed.called } }
    }
    const its = [...(this.#projects.get(project) ?? [])].find(([, run]) => id !== undefined && run.id === id)
    if (!its && this.findRun({ project, run: name }) && !resume) return { refused: 'runExists' }
    if (its && isOfAnother(its[1])) return { refused: 'runExists' }
    const found = its?.[0] ?? name
    const run = this.#ensureRun({ project, run: found })
    goOn(run, made)
    run.id ??= id
    return { done: { name: found } }
  }

  mergeSummary(address: RunAddress, document: Record<string, unknown>): Expected {
    return this.#withAddressed(address, undefined, (run) => {
      Object.assign(run.summary, document)
      run.isSilent = false
    })
  }

  finishRun(end: RunEnd): Expected {
    const { writer, exitCode, time, reason = null } = end
    return this.#withAddressed(end, writer, (run) => {
      run.isSilent = false
      if (writer === undefined) {
        run.endingCode = null
        run.finishReason = reason
        if (run.finishedAt === null || time !== undefined) run.finishedAt = endOf(run, time)
        run.status = statusOf(exitCode)
        return
      }
      const its = run.writers.get(writer) ?? newWriter
      const hasEnded = its.exitCode !== null
      run.writers.set(writer, hasEnded ? its : { ...its, exitCode, finishedAt: endOf(run, time), isSilent: false })
      if (run.status !== 'running' && run.endingCode === null) return
      const isGood = run.endingCode === 0 && exitCode === 0
      if (!run.endingCode) run.finishReason = reason ?? (isGood ? run.finishReason : null)
      run.endingCode = run.endingCode || exitCode
      const writers = [...run.writers.values()]
      if (writers.some((other) => other.exitCode === null && !other.isSilent)) return
      run.status = statusOf(run.endingCode)
      const ends = writers.flatMap(({ finishedAt }) => finishedAt ?? [])
      run.finishedAt = {
        from: Math.max(...ends.map(({ from }) => from)),
        to: Math.max(...ends.map(({ to }) => to)),
      }
    })
  }

  /** Nothing was heard of a run for more than two minutes. */
  silence(address: RunAddress): void {
    const run = this.findRun(address)
    if (!run) return
    run.isSilent = true
    for (const writer of run.writers.values()) writer.isSilent = true
  }

  deleteRun(address: RunAddress): Expected {
    const { project, run: called } = address
    const run = this.findRun(address)
    if (!run) return { refused: 'runNotFound' }
    this.#projects.get(project)?.delete(called)
    const takesWriters = run.id !== undefined && run.writers.size === 0
    this.#trash.set(project, [{ called, run, takesWriters }, ...this.trashOf(project)])
    return { done: undefined }
  }

  /** `index`: in the list of the trash. */
  restoreRun(project: string, index: number, name?: string): Expected {
    const trashed = this.trashOf(project)[index]
    const called = name ?? trashed.called
    if (this.findRun({ project, run: called })) return { refused: 'runExists' }
    this.discardRun(project, index)
    this.#projects.get(project)?.set(called, trashed.run)
    return { done: { name: called } }
  }

  discardRun(project: string, index: number): Expected {
    this.#trash.set(project, this.trashOf(project).toSpliced(index, 1))
    return { done: undefined }
  }

  trashOf(project: string): ModelTrashed[] {
    return this.#trash.get(project) ?? []
  }

  deleteProject(project: string): Expected {
    this.#trash.delete(project)
    return this.#projects.delete(project) ? { done: undefined } : { refused: 'projectNotFound' }
  }

  appendRecord(record: RecordAppend): Expected {
    const lastStep = this.findRun(record)?.lastStep ?? null
    const step = record.step ?? nextStep(lastStep)
    if (step > Number.MAX_SAFE_INTEGER) return { refused: 'invalidField' }
    const run = this.#ensureRun(record)
    run.isSilent = false
    if (record.metrics.length > 0) reachTimes(run, [record.timestamp])
    const row = this.#rows++
    record.metrics.forEach((metric, index) => {
      run.points.push({ metric, step, timestamp: record.timestamp, value: record.values[index], row })
    })
    if (record.metrics.length > 0) run.lastStep = Math.max(lastStep ?? step, step)
    return { done: undefined }
  }

  appendBatch(batch: BatchAppend): Expected {
    const before = this.findTaker(batch, batch.writer)
    const writer = before?.writers.get(batch.writer) ?? newWriter
    const expected = writer.nextSequence
    const next_sequence = batch.sequence + 1
    if (batch.sequence < expected) return { done: { next_sequence, duplicate: true } }
    if (batch.sequence > expected) return { refused: 'sequenceGap', extra: { expected_sequence: expected } }
    let lastStep = before?.lastStep ?? null
    const steps = Array.from(batch.steps, (given) => {
      const step = Number.isNaN(given) ? nextStep(lastStep) : given
      lastStep = Math.max(lastStep ?? step, step)
      return step
    })
    if (steps.some((step) => step > Number.MAX_SAFE_INTEGER)) return { refused: 'invalidField' }
    const run = before ?? this.#ensureRun(batch)
    run.lastStep = lastStep
    const rows = [...writer.rows, ...rowsOf(batch, steps)]
    run.writers.set(batch.writer, { ...writer, nextSequence: next_sequence, rows, isSilent: false })
    run.isSilent = false
    if (batch.columns.length > 0) reachTimes(run, [...batch.timestamps])
    if (run.status !== 'running' && run.endingCode !== null && writer.exitCode === null) reopen(run)
    steps.forEach((step, index) => {
      const row = this.#rows++
      for (const { metric, values, rows } of batch.columns) {
        const at = rows ? rows.indexOf(index) : index
        if (at >= 0) run.points.push({ metric, step, timestamp: batch.timestamps[index], value: values[at], row })
      }
    })
    return { done: { next_sequence, duplicate: false } }
  }

  /** Projects and the names of their runs, both sorted. */
  listRuns(): Record<string, string[]> {
    const projects = [...this.#projects].map(([project, runs]) => [project, [...runs.keys()].sort()] as const)
    return Object.fromEntries(projects.sort(([one], [other]) => (one < other ? -1 : 1)))
  }

  findRun({ project, run }: RunAddress): ModelRun | undefined {
    return this.#projects.get(project)?.get(run)
  }

  /** By step, then by the name of the metric, then as they came. */
  exportPoints(address: RunAddress): Point[] {
    const points = [...(this.findRun(address)?.points ?? [])]
    points.sort((one, other) => one.step - other.step || compareText(one.metric, other.metric) || one.row - other.row)
    return points.map(({ row: _, ...point }) => point)
  }

  #ensureRun({ project, run: name }: RunAddress): ModelRun {
    const runs = this.#projects.get(project) ?? new Map<string, ModelRun>()
    this.#projects.set(project, runs)
    const run = runs.get(name) ?? {
      status: 'running',
      createdAt: Infinity,
      lastPointAt: null,
      finishedAt: null,
      finishReason: null,
      isSilent: false,
      summary: {},
      lastStep: null,
      points: [],
      writers: new Map(),
      endingCode: null,
      id: undefined,
    }
    runs.set(name, run)
    return run
  }

  /** The run that a batch of a writer goes to; undefined: it makes one. */
  findTaker(address: RunAddress, writer: string): ModelRun | undefined {
    return this.findRun(address) ?? this.#findTrashed(address, writer)
  }

  /** Who takes what is sent to a name that no run has. */
  #findTrashed({ project, run: name }: RunAddress, writer?: string): ModelRun | undefined {
    const named = this.trashOf(project).filter(({ called }) => called === name)
    if (writer === undefined) return named.find(({ run }) => run.id !== undefined)?.run
    const known = named.find(({ run }) => run.writers.has(writer))
    return (known ?? named.find(({ takesWriters }) => takesWriters))?.run
  }

  #withAddressed(address: RunAddress, writer: string | undefined, act: (run: ModelRun) => unknown): Expected {
    const run = this.findRun(address) ?? this.#findTrashed(address, writer)
    if (!run) return { refused: 'runNotFound' }
    act(run)
    return { done: undefined }
  }
}

function goOn(run: ModelRun, { resume, writer, startedAt = Infinity }: ModelNewRun): void {
  if (resume && statusNow(run) !== 'running') {
    run.endingCode = null
    run.finishReason = null
  }
  reopen(run)
  run.isSilent = false
  run.createdAt = Math.min(run.createdAt, Math.floor(startedAt))
  if (writer !== undefined) run.writers.set(writer, { ...(run.writers.get(writer) ?? newWriter), isSilent: false })
}

function reopen(run: ModelRun): void {
  run.status = 'running'
  run.finishedAt = null
}

function reachTimes(run: ModelRun, timestamps: number[]): void {
  run.createdAt = Math.min(run.createdAt, ...timestamps.map(Math.floor))
  run.lastPointAt = Math.max(run.lastPointAt ?? -Infinity, ...timestamps.map(Math.floor))
}

const testStartMs = Date.now()

function endOf({ createdAt, lastPointAt }: ModelRun, time?: number): Moment {
  const hasBegun = createdAt === Infinity ? { from: testStartMs, to: Infinity } : { from: createdAt, to: createdAt }
  if (time !== undefined) {
    const said = Math.floor(time)
    return { from: Math.max(said, hasBegun.from), to: Math.max(said, hasBegun.to) }
  }
  // As long after its last point as that has been here.
  return lastPointAt === null ? { from: testStartMs, to: Infinity } : { from: lastPointAt, to: lastPointAt + 3_600_000 }
}

/** What its status is told as. */
export function statusNow({ status, isSilent, endingCode, writers }: ModelRun): string {
  if (status !== 'running' || !isSilent) return status
  if (endingCode !== null) return statusOf(endingCode)
  return writers.size > 0 ? 'lost' : status
}

const statusOf = (exitCode: number) => (exitCode === 0 ? 'finished' : 'failed')
const nextStep = (lastStep: number | null) => (lastStep === null ? 0 : lastStep + 1)

export const compareText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

type Told = Pick<Point, 'metric' | 'step' | 'value'>

/** The same summaries, in whatever order; of the means as much as plain addition has right. */
export function assertSameSummaries(actual: MetricSummary[], expected: MetricSummary[], where = 'summaries'): void {
  const inOrder = (summaries: MetricSummary[]) =>
    summaries.toSorted((one, other) => compareText(one.metric, other.metric))
  const rounded = ({ mean, ...rest }: MetricSummary) => ({
    ...rest,
    mean: typeof mean === 'number' ? mean.toPrecision(9) : mean,
  })
  assert.deepEqual(inOrder(actual).map(rounded), inOrder(expected).map(rounded), where)
}

/** What each metric comes to, from its points in the order of arrival. */
export function summariesOf(points: Told[]): MetricSummary[] {
  return Array.from(
    Map.groupBy(points, (point) => point.metric),
    ([metric, its]) => {
      const first = its.reduce((lowest, point) => (point.step < lowest.step ? point : lowest))
      const last = its.reduce((highest, point) => (point.step >= highest.step ? point : highest))
      // Of values that are as high the one of the lowest step, and there the one that came first.
      const finite = its.filter((point) => Number.isFinite(point.value)).sort((one, other) => one.step - other.step)
      const lowest = finite.reduce<Told | undefined>(
        (low, point) => (low && low.value <= point.value ? low : point),
        undefined,
      )
      const highest = finite.reduce<Told | undefined>(
        (high, point) => (high && high.value >= point.value ? high : point),
        undefined,
      )
      return {
        metric,
        count: its.length,
        first_step: first.step,
        first: jsonNumber(first.value),
        last_step: last.step,
        last: jsonNumber(last.value),
        nonfinite: its.length - finite.length,
        min: lowest?.value ?? null,
        min_step: lowest?.step ?? null,
        max: highest?.value ?? null,
        max_step: highest?.step ?? null,
        mean: finite.length > 0 ? finite.reduce((sum, point) => sum + point.value, 0) / finite.length : null,
      }
    },
  )
}
