import { parentPort, workerData } from 'node:worker_threads'
import { isFileNamed } from '../artifacts/dropped-files.ts'
import { listRuns, type RunPageRequest } from '../catalog/list-runs.ts'
import * as catalog from '../catalog/read-catalog.ts'
import type { RunAddress } from '../catalog/write-catalog.ts'
import type { Database, Engine, EngineAddress, EngineExpressions } from '../engines/engine.ts'
import { openEngine } from '../engines/open-engine.ts'
import { type ExportRequest, exportPoints } from '../journal/export-points.ts'
import { SummaryReader } from '../journal/read-summaries.ts'
import { done, failure, type Outcome } from './messages.ts'
import { settleHeap } from './settle-heap.ts'

/*
 * The thread that reads, so that no list, chart or export delays an acknowledgement. Answers are found by number; an
 * export is an answer that is asked for piece by piece, at the pace of whoever downloads it.
 */

const questions = (db: Database, summaries: SummaryReader, expressions: EngineExpressions) => {
  const exports = new Map<number, AsyncGenerator<Uint8Array>>()
  let exportsSoFar = 0
  return {
    listProjects: (argument: { page: catalog.PageRequest }) => catalog.listProjects(db, argument),
    readProject: (argument: { project: string }) => catalog.readProject(db, argument),
    listRuns: (argument: { project: string; page: RunPageRequest }) =>
      listRuns({ db, summaries, expressions }, { ...argument, nowMs: Date.now() }),
    readRun: (argument: RunAddress) => catalog.readRun(db, summaries, { ...argument, nowMs: Date.now() }),
    findRunId: (argument: RunAddress) => catalog.findRunId(db, argument),
    listMetrics: async (argument: RunAddress) => summaries.read(await catalog.findRunId(db, argument)),
    listArtifacts: (argument: RunAddress & { page: catalog.PageRequest }) => catalog.listArtifacts(db, argument),
    readArtifact: (argument: RunAddress & { name: string }) => catalog.readArtifact(db, argument),
    isFileNamed: (argument: { sha256: string }) => isFileNamed(db, argument),

    async startExport(request: ExportRequest): Promise<{ export: number }> {
      await catalog.findRunId(db, request)
      const number = exportsSoFar++
      exports.set(number, exportPoints(db, request))
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
  const answers = questions(db, new SummaryReader(db), engine.expressions)
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
    const transfer = value instanceof Uint8Array ? [value.buffer as ArrayBuffer] : []
    port.postMessage({ number, outcome } satisfies ReaderAnswer, transfer)
  })
  port.postMessage({ ready: true } satisfies ReaderAnswer)
  settleHeap()
}
