import { promisify } from 'node:util'
import { constants, createGunzip, createZstdDecompress, gunzip, zstdDecompress } from 'node:zlib'
import { type Problem, problem } from '@aspara/protocol/errors.ts'
import { limits } from '@aspara/protocol/limits.ts'

export type Encoding = 'gzip' | 'zstd'

/** A frame names the window that reading it takes, 128 MiB if it likes; none needs more than the largest body has. */
const zstdParams = { [constants.ZSTD_d_windowLogMax]: Math.ceil(Math.log2(limits.batchBytesExpandedMax)) }
const pieceBytes = 64 * 1024

const decoders = {
  gzip: promisify(gunzip),
  zstd: (body: Uint8Array, options: { maxOutputLength: number }) =>
    promisify(zstdDecompress)(body, { ...options, params: zstdParams }),
}

/** The coding of a body, by its header; undefined: it is as it is. @throws unsupportedEncoding */
export function encodingOf(header: string | undefined): Encoding | undefined {
  const encoding = header?.trim().toLowerCase()
  if (encoding === undefined || encoding === 'identity' || encoding === '') return undefined
  if (encoding !== 'gzip' && encoding !== 'zstd') throw problem('unsupportedEncoding')
  return encoding
}

let turn: Promise<unknown> = Promise.resolve()

/** A body at its full size, of at most `bytesMax`; one at a time grows. @throws bodyTooLarge, malformedEncoding */
export function expand(encoding: Encoding, body: Uint8Array, bytesMax: number): Promise<Buffer> {
  const mine = turn.then(async () => {
    try {
      return await decoders[encoding](body, { maxOutputLength: bytesMax })
    } catch (error) {
      throw expansionProblem(error, encoding, bytesMax)
    }
  })
  turn = mine.catch(() => {}) // Whoever waits for it hears of it.
  return mine
}

/** The pieces of an expanded body, as they come. @throws malformedEncoding */
export async function* expandedPieces(encoding: Encoding, body: Uint8Array): AsyncGenerator<Buffer> {
  const options = { chunkSize: pieceBytes }
  const decoder = encoding === 'gzip' ? createGunzip(options) : createZstdDecompress({ ...options, params: zstdParams })
  decoder.end(body)
  try {
    yield* decoder as AsyncIterable<Buffer>
  } catch (error) {
    throw expansionProblem(error, encoding, limits.batchBytesExpandedMax)
  }
}

function expansionProblem(error: unknown, encoding: Encoding, bytesMax: number): Problem {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ERR_BUFFER_TOO_LARGE' ? problem('bodyTooLarge', bytesMax) : problem('malformedEncoding', encoding)
}
