import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { Problem, problem } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { invalidRequest, type SchemaFault } from '../body/validation.ts'
import { safeHeaders, withSafeHeaders } from './headers.ts'
import { loggableUrl } from './loggable-url.ts'

/** Answers what was thrown, once, with one line in the log. */
export function answerProblem(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const thrown = asProblem(error, request)
  const line = `${thrown.status} ${request.method} ${loggableUrl(request.url)}: ${thrown.message}`
  if (thrown.code === 'internal') request.log.error({ err: error, cause: error.cause }, line)
  // The thread that met it has logged it once; every request that needs the same page would say it again.
  else if (thrown.code === 'diskUnreadable') request.log.debug(line)
  else if (thrown.status >= 500) request.log.warn(line)
  else request.log.info(line)

  // The framework would close the connection on what it has not read, and the answer could get lost with it.
  if (thrown.status === 413) reply.removeHeader('connection')
  if (thrown.status === 401) reply.header('www-authenticate', 'Bearer')
  if (thrown.status === 503) reply.header('retry-after', '1')
  if (thrown.status === 507) reply.header('retry-after', '10')
  return withSafeHeaders(reply).code(thrown.status).type('application/json; charset=utf-8').send(bodyOf(thrown))
}

/** The answer's body: `{"detail": …}` as FastAPI's clients expect it, and what belongs beside it. */
export const bodyOf = (thrown: Problem) => ({ detail: thrown.detail, ...thrown.extra })

/** What the web framework throws, in our table. */
function asProblem(error: FastifyError | Error, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error
  const { code, statusCode, validation, validationContext } = error as FastifyError
  if (validation) return invalidRequest(validation as SchemaFault[], validationContext ?? 'body', request.body)
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return problem('bodyTooLarge', request.routeOptions.bodyLimit)
    case 'FST_REQ_FILE_TOO_LARGE':
      return problem('bodyTooLarge', limits.uploadBytesMax)
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return problem('unsupportedMediaType', request.routeOptions.schema?.consumes?.[0] ?? 'application/json')
    case 'FST_INVALID_MULTIPART_CONTENT_TYPE':
      return problem('unsupportedMediaType', 'multipart/form-data')
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return problem('uriTooLong')
    case 'FST_ERR_REOPENED_CLOSE_SERVER':
      return problem('closing')
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return problem('malformedRequest', error.message)
  if (statusCode === 503) return problem('closing')
  return problem('internal')
}

/** Answers what is not HTTP enough to become a request: the connection can't be used any further. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const thrown =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? problem('requestTimeout')
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? problem('headersTooLarge')
        : problem('malformedRequest', 'it is not HTTP/1.1')
  if (socket.writable) socket.write(rawAnswer(thrown))
  socket.destroy()
}

/** An answer as bytes, for a connection that is closed after it. */
export function rawAnswer(thrown: Problem): string {
  const body = JSON.stringify(bodyOf(thrown))
  return [
    `HTTP/1.1 ${thrown.status} ${STATUS_CODES[thrown.status]}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    ...Object.entries(safeHeaders).map(([name, value]) => `${name}: ${value}`),
    '',
    body,
  ].join('\r\n')
}
