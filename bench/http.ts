import { Agent, get as httpGet, type IncomingMessage } from 'node:http'
import { median } from './report.ts'

const agent = new Agent({ keepAlive: true })

export interface GetResult {
  ms: number
  bytes: number
  body: Buffer
}

/** One request on a connection that is kept; the time until the last byte is here. Any answer but 200 ends the bench. */
export function get(port: number, path: string, accept = 'application/json'): Promise<GetResult> {
  const started = performance.now()
  const { promise, resolve, reject } = Promise.withResolvers<GetResult>()
  httpGet({ port, host: '127.0.0.1', path, agent, headers: { accept } }, (response: IncomingMessage) => {
    const pieces: Buffer[] = []
    response.on('data', (piece: Buffer) => pieces.push(piece))
    response.once('end', () => {
      const body = Buffer.concat(pieces)
      if (response.statusCode === 200) resolve({ ms: performance.now() - started, bytes: body.length, body })
      else reject(new Error(`${path} was answered with ${response.statusCode}: ${body}`))
    })
  }).once('error', reject)
  return promise
}

/** The median, the 99th percentile and the slowest of many, one after the other. */
export async function timeGets(
  port: number,
  paths: string[],
  accept?: string,
): Promise<{ median: number; p99: number; most: number }> {
  const times: number[] = []
  for (const path of paths) times.push((await get(port, path, accept)).ms)
  times.sort((a, b) => a - b)
  const p99 = times[Math.floor((times.length - 1) * 0.99)]
  return { median: median(times), p99, most: times[times.length - 1] }
}

/** Any answer that is none of success ends the bench. */
export async function post(port: number, path: string, body: object = {}): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${await answer.text()}`)
}
