import { connect } from 'node:net'

/** HTTP by hand: a client library would refuse to send most of what a bad client sends. */

export interface RawAnswer {
  status: number
  /** Names in lower case. */
  headers: Map<string, string>
  body: string
}

/** Writes these bytes to a new connection, and answers what comes back. */
export async function sendRaw(port: number, request: Buffer): Promise<RawAnswer> {
  const socket = connect({ port, host: '127.0.0.1' })
  const received: Buffer[] = []
  let answer: RawAnswer | undefined
  socket.on('data', (bytes: Buffer) => {
    received.push(bytes)
    answer = parseAnswer(Buffer.concat(received))
    // Not left to the other side, which may keep the connection for the next request.
    if (answer) socket.destroy()
  })
  let trouble = 'the connection was closed'
  socket.on('error', (error) => {
    trouble = error.message
  })
  socket.write(request)
  await new Promise((resolve) => socket.once('close', resolve))
  if (!answer) throw new Error(`${trouble} after ${Buffer.concat(received).length} bytes of an answer`)
  return answer
}

/** undefined when there is more to come. */
function parseAnswer(bytes: Buffer): RawAnswer | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const [statusLine, ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  const rest = bytes.subarray(end + 4)
  const body = headers.get('transfer-encoding') === 'chunked' ? joinChunks(rest) : ofLength(rest, headers)
  return body && { status: Number(statusLine!.split(' ')[1]), headers, body: body.toString('utf8') }
}

function ofLength(bytes: Buffer, headers: Map<string, string>): Buffer | undefined {
  const length = Number(headers.get('content-length') ?? 0)
  return bytes.length < length ? undefined : bytes.subarray(0, length)
}

function joinChunks(bytes: Buffer): Buffer | undefined {
  const chunks: Buffer[] = []
  for (let offset = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', offset)
    const size = lineEnd === -1 ? Number.NaN : Number.parseInt(bytes.toString('latin1', offset, lineEnd), 16)
    if (size === 0) return Buffer.concat(chunks)
    const start = lineEnd + 2
    if (!(start + size + 2 <= bytes.length)) return undefined
    chunks.push(bytes.subarray(start, start + size))
    offset = start + size + 2
  }
}
