import { parentPort, workerData } from 'node:worker_threads'
import { isFileNamed } from '../artifacts/dropped-files.ts'
import { listRuns, type RunPageRequest } from '../catalog/list-runs.ts'
import { listTrash } from '../catalog/list-trash.ts'
import * as catalog from '../catalog/read-catalog.ts'
import { listProjects, readProject } from '../catalog/read-projects.ts'
import { listViews } from '../catalog/views.ts'
import type { RunAddress } from '../catalog/write-catalog.ts'
import type { Database, Engine, EngineAddress, EngineExpressions } from '../engines/engine.ts'
import { openEngine } from '../engines/open-engine.ts'
import { answerSeries, type SeriesQuestion } from '../series/answer-series.ts'
import { type ExportRequest, encodeExport } from '../series/export.ts'
import { LineCache } from '../series/line-cache.ts'
import { listProjectMetrics } from '../series/project-metrics.ts'
import { SeriesSummaries } from '../series/summaries.ts'
import { Tails } from '../series/tails.ts'
import { type ChangesRequest, readChanges } from '../stream/changes.ts'
import { done, failure, type Outcome } from './messages.ts'
import { settleHeap } from './settle-heap.ts'

/*
 * The thread that reads, so that no list, chart or export delays an acknowledgement. Answers are found by number; an
 * export is an answer that is asked for piece by piece, at the pace of whoever downloads it.
 */

interface RunsOfProject {
  project: string
  page: RunPageRequest
}

const questions = (db: Database, expressions: EngineExpressions) => {
  const tails = new Tails()
  const lines = new LineCache()
  const summaries = new SeriesSummaries(db, tails)
  const exports = new Map<number, AsyncGenerator<Uint8Array>>()
  let exportsSoFar = 0
  const runsOf = (argument: RunsOfProject) =>
    listRuns({ db, summaries, expressions }, { ...argument, nowMs: Date.now() })
  return {
    listProjects: (argument: { page: catalog.PageRequest }) => listProjects(db, { ...argument, nowMs: Date.now() }),
    readProject: (argument: { project: string }) => readProject(db, { ...argument, nowMs: Date.now() }),
    listProjectMetrics: (argument: { project: string; page: catalog.PageRequest }) =>
      listProjectMetrics(db, tails, argument),
    listViews: (argument: { project: string; page: catalog.PageRequest }) => listViews(db, argument),
    listRuns: runsOf,
    /** A page has thousands of numbers in small objects, which cost more to hand over than to write. */
    listRunsJson: async (argument: RunsOfProject) => new TextEncoder().encode(JSON.stringify(await runsOf(argument))),
    listTrash: (argument: { project: string; page: catalog.PageRequest }) =>
      listTrash(db, { ...argument, nowMs: Date.now() }),
    readRun: (argument: catalog.RunQuestion) => catalog.readRun(db, summaries, { ...argument, nowMs: Date.now() }),
    findRunId: (argument: catalog.RunQuestion) => catalog.findRunId(db, argument),
    listMetrics: async (argument: RunAddress) => summaries.read(await catalog.findRunId(db, argument)),
    listArtifacts: (argument: RunAddress & { page: catalog.PageRequest }) => catalog.listArtifacts(db, argument),
    readArtifact: (argument: RunAddress & { name: string }) => catalog.readArtifact(db, argument),
    readSeries: (argument: SeriesQuestion) => answerSeries(db, { tails, lines }, argument),
    readChanges: (argument: ChangesRequest) => readChanges(db, argument),
    isFileNamed: (argument: { sha256: string }) => isFileNamed(db, argument),

    async startExport(request: ExportRequest): Promise<{ export: number }> {
      const number = exportsSoFar++
      exports.set(number, await encodeExport(db, tails, request))
      return { export: number }
    },
    /** The next piece; null at the end. */
    async continueExport(argument: { export: number }): Promise<Uint8Array | null> {
      const piece = await exports.get(argument.export)?.next()
      if (piece && !piece.done) return piece.value
      exports.delete(argument.export)
      return null
    },
    async stopExport(argument: { export: number }): Promise<void> {
      const stopped = exports.get(argument.export)
      exports.delete(argument.export)
      await stopped?.return(undefined)
    },
  }
}

export type Questions = ReturnType<typeof questions>
export type QuestionName = keyof Questions

export type ReaderMessage = { number: number; name: QuestionName; argument: unknown } | { close: true }
export type ReaderAnswer = { ready: true } | { closed: true } | { number: number; outcome: Outcome }

if (parentPort) await serve(parentPort, openEngine(workerData as EngineAddress))

async function serve(port: NonNullable<typeof parentPort>, engine: Engine): Promise<void> {
  const db = await engine.openReader()
  const answers = questions(db, engine.expressions)
  port.on('message', async (message: ReaderMessage) => {
    if ('close' in message) {
      await db.destroy()
      port.postMessage({ closed: true } satisfies ReaderAnswer)
      port.close()
      return
    }
    const { number, name, argument } = message
    let outcome: Outcome
    let value: unknown
    try {
      value = await (answers[name] as (argument: unknown) => Promise<unknown>)(argument)
      outcome = done(value)
    } catch (error) {
      outcome = failure(error, engine)
    }
    port.postMessage({ number, outcome } satisfies ReaderAnswer, buffersOf(value))
  })
  port.postMessage({ ready: true } satisfies ReaderAnswer)
  settleHeap()
}

/** Bytes, alone or as the body of an answer, move without a copy. */
function buffersOf(value: unknown): ArrayBuffer[] {
  const bytes = value instanceof Uint8Array ? value : (value as { body?: unknown } | undefined | null)?.body
  return bytes instanceof Uint8Array ? [bytes.buffer as ArrayBuffer] : []
}
