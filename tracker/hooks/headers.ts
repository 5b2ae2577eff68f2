import type { FastifyInstance, FastifyReply } from 'fastify'

/**
 * Stands on every answer, so that a page of another site can neither show it in a frame, nor take it for a script or a
 * picture, nor learn from it whether something exists. Pages have a stricter policy of their own (routes/pages.ts).
 */
export const safeHeaders = {
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
} as const

/** Sets them first; routes add to them. */
export function addSafeHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(safeHeaders)
    done()
  })
}

/** For what is answered before any hook is called. */
export function withSafeHeaders(reply: FastifyReply): FastifyReply {
  for (const [name, value] of Object.entries(safeHeaders)) if (!reply.hasHeader(name)) reply.header(name, value)
  return reply
}
