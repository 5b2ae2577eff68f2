import { connect, type Socket } from 'node:net'

/** What came of a load. Times in milliseconds. */
export interface LoadResult {
  answered: number
  seconds: number
  p50Ms: number
  p99Ms: number
}

export interface Load {
  port: number
  path: string
  connections: number
  /** The next body to send; undefined when there is none left. */
  next: () => Buffer | undefined
  /** Ends the load after this long, if bodies do not. */
  secondsMax: number
}

/**
 * Keep-alive connections, each with one request under way: the next one is sent when the answer is here. Written on bare
 * sockets, because a client library would take as much of two cores as the server. Any answer but 200 ends the bench.
 */
export async function putLoad({ port, path, connections, next, secondsMax }: Load): Promise<LoadResult> {
  const times: number[] = []
  const started = performance.now()
  const deadline = started + secondsMax * 1000
  const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: `
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      for (;;) {
        const body = performance.now() < deadline ? next() : undefined
        if (!body) break
        const sent = performance.now()
        socket.cork()
        socket.write(`${head}${body.length}\r\n\r\n`)
        socket.write(body)
        socket.uncork()
        const answer = await wholeAnswer(socket)
        times.push(performance.now() - sent)
        if (!answer.startsWith('HTTP/1.1 200')) throw new Error(`the server answered:\n${answer}`)
      }
      socket.destroy()
    }),
  )
  const seconds = (performance.now() - started) / 1000
  times.sort((a, b) => a - b)
  const at = (part: number) => times[Math.floor((times.length - 1) * part)]
  return { answered: times.length, seconds, p50Ms: at(0.5), p99Ms: at(0.99) }
}

/** Answers here are short and have a length: they come in one piece, or are put together. */
function wholeAnswer(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const hear = (bytes: Buffer) => {
      text += bytes.toString('latin1')
      const headEnd = text.indexOf('\r\n\r\n')
      if (headEnd < 0) return
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
      if (text.length < headEnd + 4 + length) return
      socket.off('data', hear).off('error', reject)
      resolve(text)
    }
    socket.on('data', hear).once('error', reject)
  })
}
