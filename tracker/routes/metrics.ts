import { Readable } from 'node:stream'
import { limits } from '@aspara/protocol/limits.ts'
import { BatchStored, ExportQuery, MetricBatch, MetricList, MetricRecord } from '@aspara/protocol/metrics.ts'
import { RunPath, StatusOk } from '@aspara/protocol/schema.ts'
import type { Store } from '@aspara/store/store.ts'
import { Type } from 'typebox'
import { batchAppend, recordAppend } from '../body/metric-body.ts'
import { type App, answers, content, writeStatuses } from './route.ts'

const tags = ['Metrics']
const ok = { status: 'ok' as const }

export function metricRoutes(app: App, { journal }: Store): void {
  app.post(
    '/projects/:project/runs/:run/metrics',
    {
      bodyLimit: limits.recordBytesMax,
      schema: {
        operationId: 'logMetrics',
        tags,
        summary: 'Log one step of a run, which is created if need be',
        params: RunPath,
        body: MetricRecord,
        response: answers({ 200: StatusOk }, ...writeStatuses),
      },
    },
    async ({ params, body }) => {
      await journal.appendRecord(recordAppend(params, body, Date.now()))
      return ok
    },
  )

  app.post(
    '/projects/:project/runs/:run/metrics/batch',
    {
      bodyLimit: limits.batchBytesMax,
      schema: {
        operationId: 'logBatch',
        tags,
        summary: 'Log many steps of a run in columns, exactly once',
        description:
          'Columns are of equal length; null is a step at which a metric was not logged. A writer numbers its batches from 0: one sent again is stored once and answered with `duplicate`, one that came too early is a 409 with `expected_sequence`.',
        params: RunPath,
        body: MetricBatch,
        response: answers({ 200: BatchStored }, 409, ...writeStatuses),
      },
    },
    async ({ params, body }) => {
      const { next_sequence, duplicate } = await journal.appendBatch(batchAppend(params, body, Date.now()))
      return { ...ok, next_sequence, ...(duplicate && { duplicate: true as const }) }
    },
  )

  app.get(
    '/projects/:project/runs/:run/metrics',
    {
      schema: {
        operationId: 'listMetrics',
        tags,
        summary: 'The metrics of a run and what each came to',
        params: RunPath,
        response: answers({ 200: MetricList }, 404),
      },
    },
    async (request) => ({ metrics: await journal.listMetrics(request.params) }),
  )

  app.get(
    '/projects/:project/runs/:run/metrics/export',
    {
      schema: {
        operationId: 'exportMetrics',
        tags,
        summary: 'Every point of a run in step order',
        description:
          'Timestamps are milliseconds since the epoch. Points of one step come in the order in which they were logged.',
        params: RunPath,
        querystring: ExportQuery,
        response: answers({ 200: content({ 'application/x-ndjson': Type.String(), 'text/csv': Type.String() }) }, 404),
      },
    },
    async (request, reply) => {
      const { project, run } = request.params
      const { format = 'jsonl', metric } = request.query
      const points = journal.exportPoints({ project, run, format, metrics: metric })
      // The first piece before the headers: a run that is not there is still a 404 then.
      const first = await points.next()
      reply.type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson')
      reply.header('content-disposition', `attachment; filename="${project}.${run}.${format}"`)
      if (request.method === 'HEAD') {
        // The framework would have all of it made, for nobody.
        await points.return(undefined)
        return reply.send(Readable.from([]))
      }
      return reply.send(Readable.from(withFirst(first, points), { objectMode: false, highWaterMark: 0 }))
    },
  )
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
