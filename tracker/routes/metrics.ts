import { limits } from '@aspara/protocol/limits.ts'
import { BatchStored, MetricBatch, MetricList, MetricRecord, ProjectMetricPage } from '@aspara/protocol/metrics.ts'
import { PageQuery, ProjectPath, RunPath, StatusOk } from '@aspara/protocol/schema.ts'
import type { Store } from '@aspara/store/store.ts'
import { BatchReader } from '../body/batch-reader.ts'
import { addRawBody } from '../body/json-body.ts'
import { recordAppend } from '../body/metric-body.ts'
import { urlValidator } from '../body/validation.ts'
import { type App, answers, writeStatuses } from './route.ts'

const tags = ['Metrics']
const ok = { status: 'ok' as const }

export function metricRoutes(app: App, { journal, series }: Store): void {
  app.get(
    '/projects/:project/metrics',
    {
      schema: {
        operationId: 'listProjectMetrics',
        tags,
        summary: 'Every metric that a run of the project has, by name',
        params: ProjectPath,
        querystring: PageQuery,
        response: answers({ 200: ProjectMetricPage }, 404),
      },
    },
    ({ params, query }) => series.listProjectMetrics(params, query),
  )

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
    async (request) => ({ metrics: await series.listMetrics(request.params) }),
  )
}

/** Batches are read by themselves, the large ones in another thread. */
export function batchRoute(app: App, { journal }: Store): void {
  const batches = new BatchReader()
  app.addHook('onClose', () => batches.close())
  addRawBody(app)
  app.post(
    '/projects/:project/runs/:run/metrics/batch',
    {
      bodyLimit: limits.batchBytesMax,
      // The schema is for readers of the API's documents: BatchReader holds the body against it.
      validatorCompiler: ({ httpPart, schema }) => (httpPart === 'body' ? () => true : urlValidator(schema)),
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
      const { next_sequence, duplicate } = await journal.appendBatch(await batches.read(body, params, Date.now()))
      return { ...ok, next_sequence, ...(duplicate && { duplicate: true as const }) }
    },
  )
}
