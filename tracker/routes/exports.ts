import { Readable } from 'node:stream'
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
      const request = { project, runs: [run], format, metrics: metric, withRun: false }
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
      const request = { project, runs, format, metrics: metric, withRun: true }
      return send(reply, request, { name: project, hasBody: method !== 'HEAD' })
    },
  )

  async function send(
    reply: FastifyReply,
    request: ExportRequest,
    { name, hasBody }: { name: string; hasBody: boolean },
  ) {
    const pieces = series.exportPoints(request)
    // The first piece before the headers: a run that is not there is still a 404 then.
    const first = await pieces.next()
    reply.type(mediaTypes[request.format])
    reply.header('content-disposition', `attachment; filename="${name}.${request.format}"`)
    if (!hasBody) {
      // The framework would have all of it made, for nobody.
      await pieces.return(undefined)
      return reply.send(Readable.from([]))
    }
    return reply.send(Readable.from(withFirst(first, pieces), { objectMode: false, highWaterMark: 0 }))
  }
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
