import { Readable } from 'node:stream'
import { invalidField, problem } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import { type ExportFormat, ExportQuery, ProjectExportQuery } from '@aspara/protocol/metrics.ts'
import { ProjectPath, RunPath } from '@aspara/protocol/schema.ts'
import type { ExportRequest } from '@aspara/store/series/export.ts'
import type { Store } from '@aspara/store/store.ts'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { type App, answers, content } from './route.ts'

const tags = ['Metrics']
const description =
  'Timestamps are milliseconds since the epoch in text, and times in Arrow and Parquet. Points of one step come by metric, and those of one metric in the order in which they were logged. What is logged while the file is made may be in it.'

const mediaTypes: Record<ExportFormat, string> = {
  jsonl: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8',
  arrow: 'application/vnd.apache.arrow.stream',
  parquet: 'application/vnd.apache.parquet',
}
const file = content({
  'application/x-ndjson': Type.String(),
  'text/csv': Type.String(),
  [mediaTypes.arrow]: Type.String({ format: 'binary' }),
  [mediaTypes.parquet]: Type.String({ format: 'binary' }),
})

export function exportRoutes(app: App, { series }: Store): void {
  let underWay = 0
  app.get(
    '/projects/:project/runs/:run/metrics/export',
    {
      schema: {
        operationId: 'exportMetrics',
        tags,
        summary: 'Every point of a run in step order',
        description,
        params: RunPath,
        querystring: ExportQuery,
        response: answers({ 200: file }, 404),
      },
    },
    ({ params: { project, run }, query, method }, reply) => {
      const { format = 'jsonl', metric } = query
      const request = { project, runs: [run], format, metrics: metric, withRun: false, isSafe: isSafe(query) }
      return send(reply, request, { name: `${project}.${run}`, hasBody: method !== 'HEAD' })
    },
  )

  app.get(
    '/projects/:project/export',
    {
      schema: {
        operationId: 'exportRuns',
        tags,
        summary: 'Every point of several runs, one run after the other, each in step order',
        description: `Each row begins with its run. ${description}`,
        params: ProjectPath,
        querystring: ProjectExportQuery,
        response: answers({ 200: file }, 404),
      },
    },
    ({ params: { project }, query, method }, reply) => {
      const { format = 'jsonl', metric } = query
      const runs = [...new Set(query.runs.split(','))]
      const request = { project, runs, format, metrics: metric, withRun: true, isSafe: isSafe(query) }
      return send(reply, request, { name: project, hasBody: method !== 'HEAD' })
    },
  )

  async function send(
    reply: FastifyReply,
    request: ExportRequest,
    { name, hasBody }: { name: string; hasBody: boolean },
  ) {
    if (hasBody && underWay >= limits.exportsMax) throw problem('tooBusy')
    const pieces = series.exportPoints(request)
    // The first piece before the headers: a run that is not there is still a 404 then.
    const first = await pieces.next()
    reply.type(mediaTypes[request.format])
    reply.header(
      'content-disposition',
      `attachment; filename="${name}.${request.isSafe ? 'safe.' : ''}${request.format}"`,
    )
    if (!hasBody) {
      // The framework would have all of it made, for nobody.
      await pieces.return(undefined)
      return reply.send(Readable.from([]))
    }
    const file = Readable.from(withFirst(first, pieces), { objectMode: false, highWaterMark: 0 })
    underWay++
    file.once('close', () => underWay--)
    return reply.send(file)
  }
}

/** @throws invalidField where it would mean nothing */
function isSafe({ safe, format }: ExportQuery): boolean {
  if (safe === '1' && format !== 'csv')
    throw invalidField(['query', 'safe'], 'is for format=csv: others have no formulas')
  return safe === '1'
}

async function* withFirst<Piece>(first: IteratorResult<Piece>, rest: AsyncGenerator<Piece>): AsyncGenerator<Piece> {
  try {
    if (first.done) return
    yield first.value
    yield* rest
  } finally {
    await rest.return(undefined)
  }
}
