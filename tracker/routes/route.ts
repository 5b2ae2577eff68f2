import type { IncomingMessage, ServerResponse } from 'node:http'
import { Problem } from '@aspara/protocol/schema.ts'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { TSchema, TUnknown } from 'typebox'

/** The application as routes see it: schemas are types. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** A route's answers, and in the documents the problems it may answer: those of every route and its own. */
export const answers = <Ok extends Record<number, unknown>>(
  ok: Ok,
  ...statuses: (404 | 409 | 413 | 415 | 416 | 507)[]
): Ok => ({
  ...ok,
  ...Object.fromEntries([400, 401, 403, 408, 414, 422, 431, 500, 503, ...statuses].map((status) => [status, Problem])),
})

/** What every write can meet besides. */
export const writeStatuses = [413, 415, 507] as const

/** An answer that is not JSON, by media type. */
export const content = (types: Record<string, TSchema>, description = 'Default Response') =>
  ({
    description,
    content: Object.fromEntries(Object.entries(types).map(([type, schema]) => [type, { schema }])),
  }) as unknown as TUnknown
