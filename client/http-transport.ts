import { randomUUID } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { HttpOrigin } from './http-origin.ts'
import { warnOfPlainToken } from './plain-token.ts'
import { isLoopback } from './proxy.ts'
import {
  type Answer,
  answerBytesMax,
  answerMs,
  endless,
  plainUri,
  silenceMs,
  type Transport,
  type Upload,
} from './transport.ts'

/** A file that is to be uploaded is not there: no use in trying again. */
class FileMissing extends Error {}

/** An upload's last bytes are hashed and synced before they are answered: of a gigabyte that takes a while. */
const uploadSilenceMs = 60_000
/** Below that a packet carries it as it is. */
const compressedCharsMin = 1_500

const gzip = promisify(zlib.gzip)
/** From Node 22.15 on; others send gzip. */
const zstd = 'zstdCompress' in zlib ? promisify(zlib.zstdCompress) : undefined

/** Requests over one kept-alive connection. Neither an idle one nor one that waits for an answer keeps the process alive. */
export function httpTransport(uri: string, token: string | undefined): Transport {
  const base = plainUri(uri)
  warnOfPlainToken(base, token)
  const origin = new HttpOrigin(base, { maxSockets: 1 })
  const isLocal = isLoopback(new URL(base).hostname)

  return async (request, stop) => {
    const { body } = request
    const headers: Record<string, string | number> = token ? { authorization: `Bearer ${token}` } : {}
    let content: Buffer | Readable | undefined
    let length = 0
    if (typeof body === 'object') {
      let form: Awaited<ReturnType<typeof formOf>>
      try {
        form = await formOf(body)
      } catch (error) {
        return refusal(error)
      }
      headers['content-type'] = form.type
      content = form.content
      length = form.length
    } else if (body !== undefined) {
      headers['content-type'] = 'application/json'
      // On one machine both sides would work for nothing.
      if (!isLocal && body.length >= compressedCharsMin) {
        headers['content-encoding'] = zstd ? 'zstd' : 'gzip'
        content = zstd ? await zstd(body) : await gzip(body, { level: 1 })
      } else {
        content = Buffer.from(body)
      }
      length = content.length
    }
    if (content) headers['content-length'] = length
    const options = { method: request.method, headers, signal: stop }
    const isUpload = content instanceof Readable
    try {
      const begun = await origin.request(`/api/v1${request.path}`, options)
      const message = await exchange(begun, content, isUpload)
      return { ...message, bytesSent: length }
    } catch (error) {
      return refusal(error)
    }
  }
}

/** What no attempt will change is as good as refused by the tracker. @throws anything else */
function refusal(error: unknown): Answer {
  const cause = (error as Error).cause ?? error
  if (!(cause instanceof FileMissing)) throw error
  return { status: 400, body: { detail: cause.message }, retryAfter: null, bytesSent: 0 }
}

function exchange(
  request: ClientRequest,
  content: Buffer | Readable | undefined,
  isUpload: boolean,
): Promise<Omit<Answer, 'bytesSent'>> {
  return new Promise((resolve, reject) => {
    const silence = isUpload ? uploadSilenceMs : silenceMs
    const cut = (ms: number) => () => request.destroy(new Error(`no answer within ${ms / 1_000} s`))
    const whole = isUpload ? undefined : setTimeout(cut(answerMs), answerMs).unref()
    request.setTimeout(silence, cut(silence))
    request.on('socket', (socket) => socket.unref())
    request.on('error', (error) => {
      clearTimeout(whole)
      reject(new Error(reasonOf(error), { cause: error }))
    })
    request.on('response', (response: IncomingMessage) => {
      const pieces: Buffer[] = []
      let bytes = 0
      response.on('data', (piece: Buffer) => {
        pieces.push(piece)
        bytes += piece.length
        if (bytes > answerBytesMax) request.destroy(new Error(endless))
      })
      response.on('error', (error) => {
        clearTimeout(whole)
        reject(error)
      })
      response.on('end', () => {
        clearTimeout(whole)
        resolve({
          status: response.statusCode ?? 0,
          body: isRedirect(response) ? bodyOfRedirect(response) : parseBody(Buffer.concat(pieces).toString()),
          retryAfter: response.headers['retry-after'],
        })
      })
    })
    if (content instanceof Readable) {
      content.on('error', (error) => request.destroy(error))
      content.pipe(request)
    } else {
      request.end(content)
    }
  })
}

function parseBody(text: string): Answer['body'] {
  try {
    return JSON.parse(text) ?? undefined
  } catch {
    return undefined
  }
}

/** Of several addresses that were tried, none of which says anything by itself. */
function reasonOf(error: Error): string {
  const [first] = error instanceof AggregateError ? error.errors : [error]
  return (first as Error).message || (first as NodeJS.ErrnoException).code || 'no connection'
}

/** A multipart body whose file is read as it is sent. @throws FileMissing */
async function formOf({ file, name, description, category }: Upload) {
  const boundary = `aspara-${randomUUID()}`
  const part = (field: string, text: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${text}\r\n`
  let size: number
  let stream: () => AsyncIterable<Uint8Array>
  if (typeof file === 'string') {
    try {
      size = statSync(file).size
    } catch (error) {
      throw new FileMissing(`${name}: ${(error as Error).message}`)
    }
    // What is appended meanwhile would not fit its length.
    stream = () => (size === 0 ? Readable.from([]) : createReadStream(file, { end: size - 1 }))
  } else {
    size = file.size
    stream = () => file.stream() as unknown as AsyncIterable<Uint8Array>
  }
  const fileName = typeof file === 'string' ? basename(file).replace(/["\r\n\\]/g, '_') : name
  const head = Buffer.from(
    part('name', name) +
      (description ? part('description', description) : '') +
      (category ? part('category', category) : '') +
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${fileName}"\r\n` +
      'Content-Type: application/octet-stream\r\n\r\n',
  )
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
  async function* pieces() {
    yield head
    let read = 0
    for await (const piece of stream()) {
      read += piece.length
      yield piece
    }
    if (read !== size) throw new FileMissing(`${name}: it changed while it was sent`)
    yield tail
  }
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    content: Readable.from(pieces(), { objectMode: false }),
    length: head.length + size + tail.length,
  }
}

/** Nobody follows it: the token would go there, too. */
const bodyOfRedirect = ({ headers }: IncomingMessage) => ({
  detail: `it redirects to ${headers.location ?? 'nowhere'}: use that address`,
})

const isRedirect = ({ statusCode = 0 }: IncomingMessage) => statusCode >= 300 && statusCode < 400
