import { type Static, Type } from 'typebox'
import { Project } from './projects.ts'
import { Run } from './runs.ts'
import { JsonNumber } from './schema.ts'
import { RunNames } from './series.ts'

export const StreamQuery = Type.Object(
  {
    runs: Type.Optional(RunNames),
    cursor: Type.Optional(
      Type.String({
        pattern: '^[0-9]{1,16}$',
        title: 'the cursor of an answer',
        description: 'Begin after it; `Last-Event-ID` goes before. Without: from now on',
      }),
    ),
  },
  { additionalProperties: false },
)

/** Points of metrics that were logged together: columns of equal length, in the order in which they came. */
export const PointColumns = Type.Object({
  cursor: Type.String({
    description: 'The commit they are of: an answer of series whose cursor is not lower has them already',
  }),
  steps: Type.Array(Type.Integer()),
  timestamps: Type.Array(Type.Number()),
  metrics: Type.Record(Type.String(), Type.Array(JsonNumber)),
})
export type PointColumns = Static<typeof PointColumns>

/** A run without what its metrics came to. */
export const StreamedRun = Type.Omit(Run, ['metrics'])
export type StreamedRun = Omit<Static<typeof Run>, 'metrics'>

/** The data of `changes` and `resync` events: everything after `since` up to and with the event's id. */
export const StreamChanges = Type.Object({
  since: Type.String(),
  project: Type.Optional(
    Type.Object(Project.properties, { description: 'When its display name, tags or notes have changed' }),
  ),
  points: Type.Array(Type.Object({ run: Type.String(), columns: Type.Array(PointColumns) })),
  runs: Type.Array(StreamedRun, { description: 'Those that are new, or of which something but points has changed' }),
  deleted: Type.Array(Type.String()),
  resync: Type.Optional(
    Type.Union([Type.Array(Type.String()), Type.Null()], {
      description: 'Runs of which points are missing here and have to be read again; null: all of the project',
    }),
  ),
})
export type StreamChanges = Static<typeof StreamChanges>

/** How often a stream speaks at most, and at least. */
export const streamPace = { changesMs: 100, heartbeatMs: 15_000, retryMs: 500, lostCheckMs: 5_000 } as const
