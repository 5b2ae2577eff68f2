import { STATUS_CODES } from 'node:http'
import { problems } from '@aspara/protocol/errors.ts'
import { Problem } from '@aspara/protocol/schema.ts'

/** The parts of an OpenAPI document that are finished here. */
export interface OpenApi {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, unknown> }
}

interface Operation {
  operationId: string
  requestBody?: { content: Record<string, { example?: unknown }> }
  responses: Record<string, { description: string; content?: Record<string, unknown> }>
}

/** What "Try it out" begins with, by operation: made up from the schemas it would be a time called "string". */
const examples: Record<string, unknown> = {
  createRun: {
    name: 'experiment_001',
    tags: ['baseline'],
    notes: 'Initial experiment',
    config: { learning_rate: 0.001, batch_size: 32 },
    project_tags: ['production'],
    group: 'sweep_7',
    job_type: 'train',
  },
  logMetrics: { step: 100, timestamp: '2026-01-31T09:00:00.123Z', metrics: { loss: 0.5, accuracy: 0.85 } },
  logBatch: {
    writer: '7f9c24e8-3b12-4fef-91e0-5629c1a2a5d3',
    sequence: 0,
    steps: [101, 102, 103],
    metrics: { loss: [0.4, 0.3, 'NaN'], accuracy: [0.9, null, 0.1] },
    label: 'rank 3 · host-a',
  },
  mergeConfig: { config: { dropout: 0.1 } },
  mergeSummary: { summary: { best_accuracy: 0.93 } },
  setTags: { tags: ['baseline', 'v1'] },
  finishRun: { exit_code: 0 },
  restoreRun: { name: 'experiment_002' },
  patchRun: { display_name: 'Experiment 1', tags: ['baseline'], notes: 'With dropout' },
  putView: { view: { filter: 'config.learning_rate < 0.01', columns: ['config.learning_rate', 'metric.loss.min'] } },
  patchProject: { display_name: 'My project', tags: ['production'], notes: 'Digits' },
}

/**
 * The document as readers want it: examples, answers that say what they are, problems described once instead of in each
 * answer, and no titles, which are the ends of our sentences ("must be …") and would be taken for names of types.
 */
export function finishOpenApi(made: OpenApi): OpenApi {
  const document = withoutTitles(made)
  document.components.schemas.Problem = withoutTitles(Problem)
  for (const operations of Object.values(document.paths)) {
    for (const { operationId, requestBody, responses } of Object.values(operations)) {
      const json = requestBody?.content['application/json']
      if (json && operationId in examples) json.example = examples[operationId]
      for (const [status, response] of Object.entries(responses)) {
        if (Number(status) >= 400) {
          const schema = { $ref: '#/components/schemas/Problem' }
          response.content = { 'application/json': { schema, example: problemExample(Number(status)) } }
          response.description = STATUS_CODES[status] as string
        } else if (response.description === 'Default Response') {
          response.description = STATUS_CODES[status] as string
        }
      }
    }
  }
  return document
}

/** The first of our sentences with this status that needs no numbers. */
function problemExample(status: number): { detail: unknown } {
  if (status === 422) return { detail: [{ loc: ['body', 'metrics'], msg: 'Field required', type: 'missing' }] }
  const found = Object.values(problems).find((entry) => entry.status === status && entry.detail.length === 0)
  return { detail: (found?.detail as (() => string) | undefined)?.() ?? STATUS_CODES[status] }
}

/** A copy in which each schema's title is its description, unless it has one. The originals go on validating. */
function withoutTitles<Part>(part: Part): Part {
  if (Array.isArray(part)) return part.map(withoutTitles) as Part
  if (part === null || typeof part !== 'object') return part
  const { title, ...rest } = part as Record<string, unknown>
  const copy = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, withoutTitles(value)]))
  // A field may be called title, and so may the whole document.
  if (typeof title !== 'string' || 'version' in rest) return (title === undefined ? copy : { title, ...copy }) as Part
  return { ...copy, description: rest.description ?? title } as Part
}
