import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** An answer as it came over the wire. */
export interface RawAnswer {
  status: number
  /** Names in lower case. */
  headers: Map<string, string>
  body: string
}

/** A connection that sends what it is told, whole or half or not HTTP at all, and keeps what it hears. */
export class RawConnection {
  readonly socket: Socket
  /** Everything the other side says, resolved when the connection has ended, however it ends. */
  readonly heard: Promise<string>
  #pieces: Buffer[] = []

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (bytes: Buffer) => this.#pieces.push(bytes))
    socket.on('error', () => {}) // A connection that is cut shows in what was heard.
    this.heard = new Promise((resolve) => {
      socket.once('close', () => resolve(Buffer.concat(this.#pieces).toString('latin1')))
    })
  }

  static async open(port: number, host = '127.0.0.1'): Promise<RawConnection> {
    const socket = connect({ port, host })
    await once(socket, 'connect')
    return new RawConnection(socket)
  }

  /** Lines of a request's head, then its body or the beginning of one. */
  send(head: string[], body: string | Buffer = ''): void {
    this.socket.write(`${head.join('\r\n')}\r\n\r\n`, 'latin1')
    if (body.length > 0) this.socket.write(body)
  }

  /** The one answer of a connection that ends after it. */
  async answer(): Promise<RawAnswer> {
    return parseAnswer(await this.heard)
  }
}

/** Sends one request and answers what came back; it should ask for the connection to be closed. */
export async function exchange(port: number, head: string[], body: string | Buffer = ''): Promise<RawAnswer> {
  const connection = await RawConnection.open(port)
  connection.send(head, body)
  return connection.answer()
}

function parseAnswer(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) throw new Error(`The connection ended after ${text.length} bytes of an answer: ${text}`)
  const [statusLine, ...lines] = text.slice(0, end).split('\r\n')
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  return { status: Number(statusLine.split(' ')[1]), headers, body: text.slice(end + 4) }
}
