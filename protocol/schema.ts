import { type TSchema, Type } from 'typebox'
import { limits } from './limits.ts'
import { projectNamePattern, runNamePattern } from './names.ts'

/** Pieces that several requests and answers share. */

export const ProjectName = Type.String({
  pattern: projectNamePattern,
  title: 'letters, digits, underscores and hyphens, 1 to 255 of them',
})
export const RunName = Type.String({
  pattern: runNamePattern,
  title: 'letters, digits, underscores and hyphens, 1 to 255 of them',
})
export const ProjectPath = Type.Object({ project: ProjectName })
export const RunPath = Type.Object({ project: ProjectName, run: RunName })

/** Config and summary: any JSON object, nested as the user likes. */
export const Document = Type.Record(Type.String(), Type.Unknown(), { title: 'an object' })
export const Tags = Type.Array(Type.String({ maxLength: limits.tagCharsMax }), { maxItems: limits.tagsMax })
export const Notes = Type.String({ maxLength: limits.notesCharsMax })
export const DisplayName = Type.Union([Type.String({ maxLength: limits.displayNameCharsMax }), Type.Null()], {
  title: `a string of at most ${limits.displayNameCharsMax} characters, or null`,
})

/** A time that a client gives. `body/time.ts` of the tracker reads it. */
export const Time = Type.Union([Type.String(), Type.Number(), Type.Null()], {
  title: 'ISO 8601 or milliseconds since the epoch',
})

export const StatusOk = Type.Object({ status: Type.Literal('ok') })
export const Problem = Type.Object(
  {
    detail: Type.Union([
      Type.String(),
      Type.Array(
        Type.Object({
          loc: Type.Array(Type.Union([Type.String(), Type.Integer()])),
          msg: Type.String(),
          type: Type.String(),
        }),
      ),
    ]),
  },
  { description: 'What was wrong: a sentence, or for a 422 the fields' },
)

/** Moments in the catalog: ISO 8601 in UTC. */
export const Moment = Type.String({ format: 'date-time' })
export const MomentOrNull = Type.Union([Moment, Type.Null()])
/** A number as JSON can hold it. */
export const JsonNumber = Type.Union([
  Type.Number(),
  Type.Literal('NaN'),
  Type.Literal('Infinity'),
  Type.Literal('-Infinity'),
])

export const PageQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: limits.pageSizeMax,
        default: limits.pageSizeDefault,
        description: 'At most this many',
      }),
    ),
    cursor: Type.Optional(
      Type.String({ maxLength: limits.cursorCharsMax, description: 'The `next_cursor` of the page before' }),
    ),
  },
  { additionalProperties: false },
)

/** A page of a list under its own name, e.g. `{"runs": […], "next_cursor": null}`. */
export const page = <Name extends string, Item extends TSchema>(name: Name, item: Item) =>
  Type.Object({
    [name]: Type.Array(item),
    next_cursor: Type.Union([Type.String(), Type.Null()]),
  } as { [key in Name]: ReturnType<typeof Type.Array<Item>> } & { next_cursor: ReturnType<typeof NextCursor> })
const NextCursor = () => Type.Union([Type.String(), Type.Null()])
