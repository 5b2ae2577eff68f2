import { type Static, Type } from 'typebox'
import { limits } from './limits.ts'
import { projectNamePattern } from './names.ts'
import { JsonNumber } from './schema.ts'

const name = projectNamePattern.slice(1, -1)
/** Names of runs have no commas. */
export const RunNames = Type.String({
  pattern: `^${name}(,${name}){0,${limits.seriesRunsMax - 1}}$`,
  title: `names of runs, separated by commas, at most ${limits.seriesRunsMax}`,
})

export const SeriesQuery = Type.Object(
  {
    runs: Type.Optional(RunNames),
    metrics: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Names separated by commas. Without, and without `metric`: all of them',
      }),
    ),
    metric: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        description: 'One name; may be repeated. For names with a comma',
        maxItems: limits.pageSizeMax,
      }),
    ),
    x: Type.Optional(
      Type.String({
        pattern: '^(step|time|relative|metric:.+)$',
        title: 'step, time, relative or metric:<name>',
        description:
          'Steps (the default), milliseconds since the epoch, seconds since the run began, or another metric of the run',
      }),
    ),
    from: Type.Optional(Type.Number({ description: 'The lowest x; without: where the data begins' })),
    to: Type.Optional(Type.Number({ description: 'The highest x; without: where the data ends' })),
    points: Type.Optional(
      Type.Integer({
        minimum: 2,
        maximum: limits.seriesPointsMax,
        default: limits.seriesPointsDefault,
        description: 'At most so many points or buckets a series',
      }),
    ),
  },
  { additionalProperties: false },
)
export type SeriesQuery = Static<typeof SeriesQuery>

const NumberOrNull = Type.Union([JsonNumber, Type.Null()])

/** One metric of one run. `exact`: every point. Otherwise buckets, with `min`, `max`, `finite` and `nonfinite`. */
export const SeriesLine = Type.Object({
  run: Type.String(),
  metric: Type.String(),
  count: Type.Integer({ description: 'How many points are behind it' }),
  exact: Type.Boolean({ description: 'Each row is a point; otherwise a bucket' }),
  start: Type.Optional(
    Type.Number({ description: 'With `x=relative`: where x is 0, in milliseconds since the epoch' }),
  ),
  step: Type.Optional(
    Type.Array(Type.Integer(), {
      description: 'Along anything but steps: the step of each point, or the first of each bucket',
    }),
  ),
  x: Type.Array(Type.Number()),
  y: Type.Array(NumberOrNull, { description: 'The values, or means of the finite values: null where there is none' }),
  min: Type.Optional(Type.Array(NumberOrNull)),
  max: Type.Optional(Type.Array(NumberOrNull)),
  finite: Type.Optional(Type.Array(Type.Integer(), { description: 'How many finite values each mean is of' })),
  nonfinite: Type.Optional(
    Type.Array(Type.Integer(), { description: 'How many values of each bucket are NaN or infinite' }),
  ),
})

export const SeriesAnswer = Type.Object({
  cursor: Type.String({ description: 'For the stream: what comes after it is not in this answer' }),
  bucket: Type.Integer({ description: 'Steps of a bucket, the same for all series: a power of two' }),
  series: Type.Array(SeriesLine),
})
export type SeriesAnswer = Static<typeof SeriesAnswer>
