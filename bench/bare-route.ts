import { limits } from '@aspara/protocol/limits.ts'
import { MetricBatch, MetricRecord } from '@aspara/protocol/metrics.ts'
import { RunPath, StatusOk } from '@aspara/protocol/schema.ts'
import Fastify from 'fastify'

/*
 * The peer: the same web framework with the same addresses and schemas, which parses, validates, and answers without
 * keeping anything. What the tracker loses against it is the price of durability.
 */

const app = Fastify({ bodyLimit: limits.batchBytesMax, ajv: { customOptions: { coerceTypes: false } } })
const path = '/tracker/api/v1/projects/:project/runs/:run/metrics'
app.post(path, { schema: { params: RunPath, body: MetricRecord, response: { 200: StatusOk } } }, async () => ({
  status: 'ok',
}))
app.post(
  `${path}/batch`,
  { schema: { params: RunPath, body: MetricBatch, response: { 200: StatusOk } } },
  async () => ({
    status: 'ok',
  }),
)
const url = await app.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`{"url":"${url}"}\n`)
