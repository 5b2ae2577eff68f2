import { type Static, Type } from 'typebox'
import { limits } from './limits.ts'
import { writerPattern } from './names.ts'
import { Document, JsonNumber, page } from './schema.ts'
import { RunNames } from './series.ts'

const nonFiniteWords = ['NaN', 'Infinity', '-Infinity']
const Step = { type: ['integer', 'null'], minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }
const StepOrNull = Type.Unsafe<number | null>({ ...Step, title: 'an integer from -(2^53-1) to 2^53-1' })

/** A process that sends numbered batches. */
export const WriterId = Type.String({ pattern: writerPattern, title: 'a UUID' })

/** What a metric can be: a number, a boolean (0 or 1), or a non-finite number by its name. */
const value = (types: string[], title: string) => ({ title, anyOf: [{ type: types }, { enum: nonFiniteWords }] })
export type MetricValue = number | boolean | 'NaN' | 'Infinity' | '-Infinity'

const ignored = { description: 'Taken as older clients send it, and ignored: the address decides' }

/** One step of one run. `type`, `run` and `project` are taken as older clients send them; the address decides. */
export const MetricRecord = Type.Object({
  type: Type.Optional(Type.Unknown(ignored)),
  run: Type.Optional(Type.Unknown(ignored)),
  project: Type.Optional(Type.Unknown(ignored)),
  step: Type.Optional(StepOrNull),
  timestamp: Type.Optional(
    Type.Union([Type.String(), Type.Number(), Type.Null()], {
      title: 'ISO 8601 or milliseconds since the epoch',
      description: "ISO 8601, or milliseconds since the epoch. Without: the server's clock",
    }),
  ),
  metrics: Type.Unsafe<Record<string, MetricValue>>({
    type: 'object',
    title: 'an object of numbers',
    maxProperties: limits.metricsPerRecordMax,
    additionalProperties: value(['number', 'boolean'], 'a number, a boolean, "NaN", "Infinity" or "-Infinity"'),
  }),
})
export type MetricRecord = Static<typeof MetricRecord>

/**
 * Many steps of one run in columns of equal length. A writer numbers its batches from 0; a batch sent again is answered
 * again and stored once. An empty batch is a sign of life.
 */
export const MetricBatch = Type.Object({
  writer: WriterId,
  sequence: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER - 1 }),
  steps: Type.Optional(Type.Array(StepOrNull, { description: 'Without, or null: the next step' })),
  timestamps: Type.Optional(
    Type.Array(Type.Unsafe<number | null>({ type: ['number', 'null'], title: 'milliseconds since the epoch' }), {
      description: "Milliseconds since the epoch. Without, or null: the server's clock",
    }),
  ),
  metrics: Type.Unsafe<Record<string, (MetricValue | null)[]>>({
    type: 'object',
    title: 'an object of columns',
    maxProperties: limits.metricsPerRecordMax,
    additionalProperties: {
      type: 'array',
      title: 'a column',
      items: value(['number', 'boolean', 'null'], 'a number, a boolean, null, "NaN", "Infinity" or "-Infinity"'),
    },
  }),
  label: Type.Optional(
    Type.Union([Type.String({ maxLength: limits.labelCharsMax }), Type.Null()], {
      title: `a string of at most ${limits.labelCharsMax} characters`,
      description: 'Which process the writer is: `rank 3 · host-a`. Without: as it said before',
    }),
  ),
  client: Type.Optional(
    Type.Union([Document, Type.Null()], {
      title: 'an object',
      description: `What the client says of itself, at most ${limits.clientBytesMax} bytes; it replaces what it said before`,
    }),
  ),
})
export type MetricBatch = Static<typeof MetricBatch>

export const BatchStored = Type.Object({
  status: Type.Literal('ok'),
  next_sequence: Type.Integer(),
  duplicate: Type.Optional(Type.Literal(true, { description: 'It was here already' })),
})
export type BatchStored = Static<typeof BatchStored>

/** What a metric came to: of its highest and lowest step, and over all of its values (min, max and mean over the finite ones). */
export const MetricSummary = Type.Object({
  metric: Type.String(),
  count: Type.Integer(),
  nonfinite: Type.Integer({ description: 'How many of them are NaN or infinite' }),
  first_step: Type.Integer(),
  first: JsonNumber,
  last_step: Type.Integer(),
  last: JsonNumber,
  min: Type.Union([JsonNumber, Type.Null()]),
  min_step: Type.Union([Type.Integer(), Type.Null()]),
  max: Type.Union([JsonNumber, Type.Null()]),
  max_step: Type.Union([Type.Integer(), Type.Null()]),
  mean: Type.Union([JsonNumber, Type.Null()]),
})
export type MetricSummary = Static<typeof MetricSummary>

export const MetricList = Type.Object({ metrics: Type.Array(MetricSummary) })
export type MetricList = Static<typeof MetricList>

/** A metric over all runs of a project. */
export const ProjectMetric = Type.Object({
  metric: Type.String(),
  runs: Type.Integer({ description: 'How many have it' }),
  points: Type.Integer({ description: 'Of all of them together' }),
})
export type ProjectMetric = Static<typeof ProjectMetric>

export const ProjectMetricPage = page('metrics', ProjectMetric)
export type ProjectMetricPage = Static<typeof ProjectMetricPage>

export const ExportFormat = Type.Enum(['jsonl', 'csv', 'arrow', 'parquet'])
export type ExportFormat = 'jsonl' | 'csv' | 'arrow' | 'parquet'
export const ExportQuery = Type.Object(
  {
    metric: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        description: 'Only these; without: all of them',
        maxItems: limits.pageSizeMax,
      }),
    ),
    format: Type.Optional(ExportFormat),
    safe: Type.Optional(
      Type.Enum(['0', '1'], {
        description:
          '1: in CSV, names that a spreadsheet would take for formulas begin with an apostrophe, and the file is called `….safe.csv`',
      }),
    ),
  },
  { additionalProperties: false },
)
export type ExportQuery = Static<typeof ExportQuery>

/** Several runs in one file, each row with its run. */
export const ProjectExportQuery = Type.Object(
  { runs: RunNames, ...ExportQuery.properties },
  { additionalProperties: false },
)
