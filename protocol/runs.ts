import { type Static, Type } from 'typebox'
import { limits } from './limits.ts'
import { MetricSummary, WriterId } from './metrics.ts'
import { givenIdPattern } from './names.ts'
import { runStatuses } from './run-status.ts'
import {
  DisplayName,
  Document,
  Moment,
  MomentOrNull,
  Notes,
  PageQuery,
  ProjectName,
  page,
  RunName,
  Tags,
  Time,
} from './schema.ts'
import { RunWriters } from './writers.ts'

const nullable = <Schema extends typeof Tags | typeof Notes | typeof Document | typeof RunName>(
  schema: Schema,
  title: string,
) => Type.Optional(Type.Union([schema, Type.Null()], { title }))

const Group = Type.Union([Type.String({ maxLength: limits.groupCharsMax }), Type.Null()], {
  title: `a string of at most ${limits.groupCharsMax} characters, or null`,
})
const TextOrNull = Type.Union([Type.String(), Type.Null()])

/** Clients written for others send null for what they leave out. */
export const RunCreate = Type.Object({
  name: Type.Optional(
    Type.Union([Type.String(), Type.Null()], {
      title: 'a string',
      description: 'Letters, digits, underscores, hyphens',
    }),
  ),
  tags: nullable(Tags, 'a list of strings'),
  notes: nullable(Notes, 'a string'),
  config: nullable(Document, 'an object'),
  project_tags: nullable(Tags, 'a list of strings'),
  id: Type.Optional(
    Type.Union([Type.String({ pattern: givenIdPattern }), Type.Null()], {
      title: 'letters, digits, underscores and hyphens, 1 to 255 of them',
      description:
        'Made up by the client, unique in the project: a run that has it already is answered as if it had just been made',
    }),
  ),
  display_name: Type.Optional(DisplayName),
  project_display_name: Type.Optional({
    ...DisplayName,
    description: 'Becomes the display name of the project when that has none yet',
  }),
  group: Type.Optional(Group),
  job_type: Type.Optional(Group),
  started_at: Type.Optional({
    ...Time,
    description: "When the run began by its client's clock: ISO 8601, or milliseconds since the epoch. Without: now",
  }),
  writer: Type.Optional(
    Type.Union([WriterId, Type.Null()], {
      title: 'a UUID',
      description:
        'The writer that makes the run: it is listed before its first batch, so that a run whose client dies by then is lost. Only this writer can ask again for the run with the same `id`; another needs `resume`',
    }),
  ),
  resume: Type.Optional(
    Type.Union([Type.Boolean(), Type.Null()], { title: 'a boolean', description: 'Go on with a run of this name' }),
  ),
})
export type RunCreate = Static<typeof RunCreate>

export const RunCreated = Type.Object({
  status: Type.Literal('ok'),
  project: ProjectName,
  name: RunName,
  run_id: RunName,
})
export type RunCreated = Static<typeof RunCreated>

export const RunConfig = Type.Object({ config: Document })
export const RunSummary = Type.Object({ summary: Document })
export const RunTags = Type.Object({ tags: Tags })
export const RunFinish = Type.Object({
  exit_code: Type.Optional(Type.Integer({ minimum: -(2 ** 31), maximum: 2 ** 32 - 1, default: 0 })),
  writer: Type.Optional(
    Type.Union([WriterId, Type.Null()], {
      title: 'a UUID',
      description:
        'Only this writer ends. The run does when all of its writers have, with the first exit code that is not 0; without: it ends at once',
    }),
  ),
  ends_run: Type.Optional(
    Type.Boolean({
      default: true,
      description:
        'With `writer`; false: how the run ends is for its other writers to say, as it is where a forked child ends. Until one of them has said so the run goes on, and is lost when nothing more is heard of it',
    }),
  ),
  time: Type.Optional({
    ...Time,
    description:
      "When it ended by its client's clock: ISO 8601, or milliseconds since the epoch. Without: as long after the last point as that has been here",
  }),
  reason: Type.Optional(
    Type.Union([Type.String({ maxLength: limits.reasonCharsMax }), Type.Null()], {
      title: `a string of at most ${limits.reasonCharsMax} characters`,
      description: 'Why it ended: `ZeroDivisionError: division by zero`',
    }),
  ),
})

export const RunStatus = Type.Enum([...runStatuses], {
  description:
    '`lost`: it has a writer, and nothing was heard of it for two minutes; it is running again when it is heard of again',
})

export const Run = Type.Object({
  project: ProjectName,
  name: RunName,
  run_id: RunName,
  number: Type.Integer({
    minimum: 1,
    description: 'Counts from 1 in a project, in the order in which its runs were made; none is given twice',
  }),
  id: Type.Union(TextOrNull.anyOf, { description: 'That its client made up, if it did' }),
  display_name: DisplayName,
  group: TextOrNull,
  job_type: TextOrNull,
  status: RunStatus,
  exit_code: Type.Union([Type.Integer(), Type.Null()]),
  tags: Tags,
  notes: Type.String(),
  config: Document,
  summary: Document,
  created_at: Moment,
  heard_at: Moment,
  finished_at: MomentOrNull,
  duration: Type.Number({
    description:
      'Seconds from when it began to when it ended; to when it was heard of last, by the clock of its points, while it has not',
  }),
  finish_reason: Type.Union(TextOrNull.anyOf, { description: 'Why it ended, if its client said so' }),
  metrics: Type.Array(MetricSummary),
})
export type Run = Static<typeof Run>

/** A run by itself. */
export const RunDetails = Type.Object({ ...Run.properties, writers: RunWriters })
export type RunDetails = Static<typeof RunDetails>

export const RunPage = page('runs', Run)
export type RunPage = Static<typeof RunPage>

/** Which metrics are wanted, as the series have it. */
const RunMetrics = {
  metrics: Type.Optional(
    Type.String({
      description:
        'Names separated by commas: each run tells only what these came to; empty: none. Without, and without `metric`: all of them',
    }),
  ),
  metric: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), {
      description: 'One name; may be repeated. For names with a comma',
      maxItems: limits.pageSizeMax,
    }),
  ),
}

/** The longest filter is told by its parser, which says where it goes on too long. */
export const RunsQuery = Type.Object(
  {
    ...PageQuery.properties,
    ...RunMetrics,
    filter: Type.Optional(
      Type.String({
        description:
          'Only those of which it is true: `config.lr < 0.01 and metric.val/acc.max > 0.9 and "baseline" in tags`. The language is described in docs/api/filter.md',
      }),
    ),
    sort: Type.Optional(
      Type.String({
        description:
          'Keys with commas between them, `-` before one that descends: `-metric:val/acc:max,name`. What has no value comes last, equal ones newest first. Without: `-created`. The keys are described in docs/api/filter.md',
      }),
    ),
  },
  { additionalProperties: false },
)
export type RunsQuery = Static<typeof RunsQuery>
