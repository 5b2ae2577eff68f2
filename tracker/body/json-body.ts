import { limits } from '@aspara/protocol/limits.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Encoding, encodingOf, expand } from './expand.ts'
import { parseBytes } from './json-text.ts'
import { documentBounds, StructureScan } from './structure.ts'

/** What is parsed of a larger body takes megabytes for as long as it is being stored: one at a time is. */
const largeBytes = 64 * 1024

/** Takes JSON bodies, plain or compressed, with the non-finite numbers that Python writes. */
export function addJsonBody(app: FastifyInstance): void {
  const turns = new Turns()
  app.addHook('onResponse', (request, _reply, done) => {
    turns.end(request)
    done()
  })
  app.removeAllContentTypeParsers()
  const parse = async (request: FastifyRequest, body: Buffer, encoding: Encoding | undefined) => {
    const bytesMax = request.routeOptions.bodyLimit ?? limits.recordBytesMax
    const expanded = encoding ? await expand(encoding, body, bytesMax) : body
    if (expanded.length > largeBytes) {
      await turns.begin(request)
      new StructureScan(documentBounds).add(expanded)
    }
    return parseBytes(expanded)
  }
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    let record: unknown
    try {
      const encoding = encodingOf(request.headers['content-encoding'])
      if (encoding !== undefined || body.length > largeBytes) {
        parse(request, body, encoding).then((value) => done(null, value), done)
        return
      }
      // There are thousands a second: nothing is to be waited for.
      record = parseBytes(body)
    } catch (error) {
      return done(error as Error)
    }
    done(null, record)
  })
}

/** Requests that are dealt with one after the other, each until it is answered. */
class Turns {
  #last: Promise<void> = Promise.resolve()
  #ends = new WeakMap<FastifyRequest, () => void>()

  async begin(request: FastifyRequest): Promise<void> {
    const before = this.#last
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last = promise
    const { socket } = request.raw
    // Whoever has gone away is not answered, and may have gone while the body was being expanded.
    if (socket.destroyed) resolve()
    else socket.once('close', resolve)
    this.#ends.set(request, () => {
      socket.off('close', resolve)
      resolve()
    })
    await before
    // Everybody else has a look in between.
    await new Promise((resolve) => setImmediate(resolve))
  }

  end(request: FastifyRequest): void {
    this.#ends.get(request)?.()
  }
}

/** A body that has arrived, and of which nothing has been made yet. */
export class RawBody {
  readonly bytes: Buffer
  readonly encoding: Encoding | undefined

  constructor(bytes: Buffer, encoding: Encoding | undefined) {
    this.bytes = bytes
    this.encoding = encoding
  }
}

/** Leaves JSON bodies as they come, for routes that read them by themselves. */
export function addRawBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    try {
      done(null, new RawBody(body, encodingOf(request.headers['content-encoding'])))
    } catch (error) {
      done(error as Error)
    }
  })
}
