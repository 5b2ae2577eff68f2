import { MetricBatch } from '@aspara/protocol/metrics.ts'
import type { RunAddress } from '@aspara/store/catalog/write-catalog.ts'
import type { BatchAppend } from '@aspara/store/journal/appends.ts'
import { parseBytes } from './json-text.ts'
import { batchAppend } from './metric-body.ts'
import { bodyValidator, invalidRequest, type SchemaFault } from './validation.ts'

const isBatch = bodyValidator(MetricBatch)

/** The batch that JSON in UTF-8 holds. @throws invalidField */
export const readBatch = (bytes: Uint8Array, address: RunAddress, nowMs: number): BatchAppend =>
  batchOf(parseBytes(bytes), address, nowMs)

/** The batch that a body is. @throws invalidField */
export function batchOf(body: unknown, address: RunAddress, nowMs: number): BatchAppend {
  if (!isBatch(body)) throw invalidRequest(isBatch.errors as SchemaFault[], 'body', body)
  return batchAppend(address, body as MetricBatch, nowMs)
}
