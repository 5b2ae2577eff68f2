import { isUtf8 } from 'node:buffer'
import { promisify } from 'node:util'
import { gunzip, zstdDecompress } from 'node:zlib'
import { invalidField, problem } from '@aspara/protocol/errors.ts'
import { parseJson } from '@aspara/protocol/json.ts'
import { limits } from '@aspara/protocol/limits.ts'
import type { FastifyInstance } from 'fastify'

const decoders = { gzip: promisify(gunzip), zstd: promisify(zstdDecompress) }
type Encoding = keyof typeof decoders

/** Takes JSON bodies, plain or compressed, with the non-finite numbers that Python writes. */
export function addJsonBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    const encoding = request.headers['content-encoding']?.trim().toLowerCase()
    if (encoding === undefined || encoding === 'identity' || encoding === '') {
      parse(body, done)
    } else if (encoding === 'gzip' || encoding === 'zstd') {
      expandInTurn(encoding, body).then(
        (expanded) => parse(expanded, done),
        (error) => done(error),
      )
    } else {
      done(problem('unsupportedEncoding'))
    }
  })
}

function parse(body: Buffer, done: (error: Error | null, body?: unknown) => void): void {
  if (!isUtf8(body)) return done(invalidField(['body'], 'the body is not UTF-8', 'json_invalid'))
  let value: unknown
  try {
    value = parseJson(body.toString())
  } catch (error) {
    return done(invalidField(['body'], `JSON decode error: ${(error as Error).message}`, 'json_invalid'))
  }
  done(null, value)
}

let turn: Promise<unknown> = Promise.resolve()

/** One body at a time grows to its full size; parsing it takes longer than expanding the next one. */
function expandInTurn(encoding: Encoding, body: Buffer): Promise<Buffer> {
  const mine = turn.then(() => expand(encoding, body))
  turn = mine.catch(() => {}) // Whoever waits for it hears of it.
  return mine
}

async function expand(encoding: Encoding, body: Buffer): Promise<Buffer> {
  try {
    return await decoders[encoding](body, { maxOutputLength: limits.batchBytesExpandedMax })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw problem('bodyTooLarge', limits.batchBytesExpandedMax)
    }
    throw problem('malformedEncoding', encoding)
  }
}
