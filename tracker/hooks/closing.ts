import { problem } from '@aspara/protocol/errors.ts'
import type { FastifyInstance } from 'fastify'

/**
 * From the moment the tracker is told to stop: what is in flight is answered and its connection ends, what comes after
 * is told to come back. Idle connections end by themselves.
 */
export function addClosing(app: FastifyInstance): void {
  let isClosing = false
  app.addHook('preClose', async () => {
    isClosing = true
  })
  app.addHook('onRequest', (_request, _reply, done) => {
    done(isClosing ? problem('closing') : undefined)
  })
  app.addHook('onResponse', (request, _reply, done) => {
    // It was promised to be kept alive, and would hold the tracker up until it is cut.
    if (isClosing) request.raw.socket.destroySoon()
    done()
  })
}
