import { problem } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { RawBody } from '../body/json-body.ts'
import { loggableUrl } from './loggable-url.ts'
import { rawAnswer } from './problems.ts'

interface Receiving {
  bytes: number
  /** undefined: all of it has arrived. */
  sinceMs: number | undefined
}

const sweepMs = 5_000

/**
 * Bounds what bodies on their way take: all of them together by bytes, each by time. An upload goes to disk as it comes
 * and is bounded by the server's own timeouts, and by how little of it comes in a minute.
 */
export function boundReceiving(app: FastifyInstance, nowMs: () => number = () => performance.now()): void {
  const receiving = new Map<FastifyRequest, Receiving>()
  /** What of each upload had come, when. */
  const uploads = new Map<FastifyRequest, { bytesRead: number; atMs: number }>()
  let bytesReceiving = 0

  app.addHook('onRequest', (request, _reply, done) => {
    const { 'content-length': length, 'transfer-encoding': chunked, 'content-type': type } = request.headers
    if (length === undefined && chunked === undefined) return done()
    if (type?.startsWith('multipart/')) {
      uploads.set(request, { bytesRead: request.raw.socket.bytesRead, atMs: nowMs() })
      request.raw.once('close', () => uploads.delete(request))
      return done()
    }
    const bytes = length === undefined ? request.routeOptions.bodyLimit : Number(length)
    // A body that is too large is refused as such, whatever else is going on. No route takes less than a record.
    if (bytes > limits.recordBytesMax && bytes > request.routeOptions.bodyLimit) return done()
    if (bytesReceiving + bytes > limits.receivingBytesMax) return done(problem('tooBusy'))
    bytesReceiving += bytes
    receiving.set(request, { bytes, sinceMs: nowMs() })
    done()
  })

  const forget = (request: FastifyRequest) => {
    const entry = receiving.get(request)
    if (!entry) return
    receiving.delete(request)
    bytesReceiving -= entry.bytes
  }
  app.addHook('preValidation', (request, _reply, done) => {
    const entry = receiving.get(request)
    // A batch is there until it has been read, which can take several turns.
    if (entry && request.body instanceof RawBody) entry.sinceMs = undefined
    else forget(request)
    done()
  })
  app.addHook('onResponse', (request, _reply, done) => {
    forget(request)
    done()
  })

  const sweep = setInterval(() => {
    for (const [request, { sinceMs }] of receiving) {
      const { socket } = request.raw
      if (sinceMs === undefined || (!socket.destroyed && nowMs() - sinceMs < limits.bodyMs)) continue
      forget(request)
      if (!socket.destroyed) cut(request)
    }
    for (const [request, upload] of uploads) {
      const { socket, complete } = request.raw
      if (nowMs() - upload.atMs < 60_000) continue
      if (!complete && socket.bytesRead - upload.bytesRead < limits.uploadBytesOfMinuteMin) {
        uploads.delete(request)
        cut(request)
      } else uploads.set(request, { bytesRead: socket.bytesRead, atMs: nowMs() })
    }
  }, sweepMs)
  sweep.unref()
  app.addHook('onClose', async () => clearInterval(sweep))
}

/** Ends a request whose body does not come. */
function cut({ raw: { socket }, log, method, url }: FastifyRequest): void {
  log.info(`408 ${method} ${loggableUrl(url)}: the body did not arrive`)
  if (socket.writable) socket.write(rawAnswer(problem('requestTimeout')))
  socket.destroy()
}
