import assert from 'node:assert/strict'
import { jsonNumber } from '@aspara/protocol/json.ts'
import type { MetricSummary } from '@aspara/protocol/metrics.ts'
import type { RunAddress } from '../catalog/write-catalog.ts'
import type { BatchAppend, RecordAppend } from '../journal/appends.ts'
import type { Point } from './ask-store.ts'
import { type PlainRow, rowsOf } from './plain-receipt.ts'

/** What a deed must come to: done, with what it tells, or refused. */
export type Expected = { done: unknown } | { refused: string; extra?: unknown }

interface ModelRun {
  status: string
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

/** A deleted run, and what it is called. */
export interface ModelTrashed {
  called: string
  run: ModelRun
  /** Batches of new writers are its own. */
  takesWriters: boolean
}

interface ModelWriter {
  nextSequence: number
  rows: PlainRow[]
  exitCode: number | null
}

/**
 * The store as it would be without disks, threads, entries, pages and time: arrays. What it says, every store must say.
 * It follows the same page, design.md, by other means: it knows no entries, so it cannot be wrong in the same way.
 */
export class ModelStore {
  #projects = new Map<string, Map<string, ModelRun>>()
  /** The newest deletion first. */
  #trash = new Map<string, ModelTrashed[]>()
  #rows = 0

  createRun({ project, name, id, resume }: { project: string; name: string; id?: string; resume: boolean }): Expected {
    const trashed = this.trashOf(project).find(({ run }) => id !== undefined && run.id === id)
    if (trashed) {
      if (this.findRun({ project, run: trashed.called })) {
        if (this.findRun({ project, run: name })) return { refused: 'runExists' }
        trashed.called = name
      }
      trashed.takesWriters = true
      goOn(trashed.run, resume)
      return { done: { name: trashed.called } }
    }
    const its = [...(this.#projects.get(project) ?? [])].find(([, run]) => id !== undefined && run.id === id)
    if (!its && this.findRun({ project, run: name }) && !resume) return { refused: 'runExists' }
    const found = its?.[0] ?? name
    const run = this.#ensureRun({ project, run: found })
    goOn(run, resume)
    run.id ??= id
    return { done: { name: found } }
  }

  mergeSummary(address: RunAddress, document: Record<string, unknown>): Expected {
    return this.#withAddressed(address, undefined, (run) => Object.assign(run.summary, document))
  }

  finishRun(address: RunAddress, exitCode: number, writer?: string): Expected {
    return this.#withAddressed(address, writer, (run) => {
      if (writer === undefined) {
        run.endingCode = null
        run.status = statusOf(exitCode)
        return
      }
      const its = run.writers.get(writer) ?? { nextSequence: 0, rows: [], exitCode: null }
      run.writers.set(writer, { ...its, exitCode: its.exitCode ?? exitCode })
      if (run.status !== 'running' && run.endingCode === null) return
      run.endingCode = run.endingCode || exitCode
      const isOpen = [...run.writers.values()].some((other) => other.exitCode === null)
      if (!isOpen) run.status = statusOf(run.endingCode)
    })
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
    const row = this.#rows++
    record.metrics.forEach((metric, index) => {
      run.points.push({ metric, step, timestamp: record.timestamp, value: record.values[index], row })
    })
    if (record.metrics.length > 0) run.lastStep = Math.max(lastStep ?? step, step)
    return { done: undefined }
  }

  appendBatch(batch: BatchAppend): Expected {
    const before = this.findTaker(batch, batch.writer)
    const writer = before?.writers.get(batch.writer) ?? { nextSequence: 0, rows: [], exitCode: null }
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
    run.writers.set(batch.writer, { ...writer, nextSequence: next_sequence, rows })
    if (run.endingCode !== null && writer.exitCode === null) run.status = 'running'
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

function goOn(run: ModelRun, resume: boolean): void {
  if (resume && run.status !== 'running') run.endingCode = null
  run.status = 'running'
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
