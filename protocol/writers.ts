import { type Static, Type } from 'typebox'
import { limits } from './limits.ts'
import { WriterId } from './metrics.ts'
import { Document, MomentOrNull, PageQuery, page } from './schema.ts'

const Count = Type.Union([Type.Integer(), Type.Null()])

/**
 * One process that sends numbered batches to a run, and the receipt over what is stored of it, which is the same however
 * its rows were divided into batches (docs/format/spool.md). Of writers that are older than receipts it is null.
 */
export const RunWriter = Type.Object({
  writer: Type.String(),
  label: Type.Union([Type.String(), Type.Null()], { description: 'Which process it is, in its own words' }),
  next_sequence: Type.Integer({ description: 'The number that its next batch has to have' }),
  rows: Type.Union(Count.anyOf, { description: 'All rows of its batches, those without a value too' }),
  points: Type.Union(Count.anyOf, { description: 'All values of its batches' }),
  checksum: Type.Union([Type.String({ pattern: '^[0-9a-f]{8}$' }), Type.Null()], {
    description: 'The CRC-32 of all its rows, in the order in which it sent them',
  }),
  heard_at: MomentOrNull,
  finished_at: MomentOrNull,
  exit_code: Count,
  client: Type.Union([Document, Type.Null()], { description: 'What its client says of itself' }),
})
export type RunWriter = Static<typeof RunWriter>

export const WriterPage = page('writers', RunWriter)
export type WriterPage = Static<typeof WriterPage>

export const WritersQuery = Type.Object(
  { ...PageQuery.properties, writer: Type.Optional({ ...WriterId, description: 'Only this one' }) },
  { additionalProperties: false },
)
export type WritersQuery = Static<typeof WritersQuery>

export const RunWriters = Type.Array(RunWriter, { description: `The ${limits.runWritersMax} that were heard of last` })
