import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { must } from './ask.ts'

/** An answer of which only as much is read as is asked for. */
export async function slowly(url: string): Promise<IncomingMessage> {
  const request = get(url, { highWaterMark: 64 * 1024 } as object)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  assert.equal(response.statusCode, 200)
  return response
}

/** Logs so many points of one metric, in order. */
export async function addPoints(run: string, count: number): Promise<void> {
  const writer = randomUUID()
  const size = 50_000
  for (let sequence = 0; sequence * size < count; sequence++) {
    const first = sequence * size
    const steps = Array.from({ length: Math.min(size, count - first) }, (_, row) => first + row)
    const metrics = { loss: steps.map((step) => 1 / (step + 1)) }
    await must('POST', `${run}/metrics/batch`, { writer, sequence, steps, metrics })
  }
}
