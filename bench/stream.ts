import { get, type IncomingMessage } from 'node:http'
import { apiBase } from '@aspara/protocol/names.ts'
import { post } from './http.ts'
import { median, megabytes } from './report.ts'
import { type ServerProcess, startBuiltTracker } from './server-process.ts'

const project = `${apiBase}/projects/streamed`
const streamCount = 500

/** How soon an acknowledged point is on a stream, and what 500 open ones take. */
export async function measureStream(): Promise<void> {
  const tracker = await startBuiltTracker()
  try {
    await measureDelays(tracker)
  } finally {
    await tracker.stop()
  }
}

async function measureDelays(tracker: ServerProcess): Promise<void> {
  await post(tracker.port, `${project}/runs`, { name: 'r' })
  const arrived = new Map<number, PromiseWithResolvers<number>>()
  const streams = [
    await open(tracker, (text) => {
      for (const [step, arrival] of arrived) if (text.includes(`"steps":[${step}]`)) arrival.resolve(performance.now())
    }),
  ]
  const delays = await delaysOf(tracker, arrived, 100)
  const before = (await tracker.memory()).now
  while (streams.length < streamCount) streams.push(await open(tracker, () => {}))
  const among = await delaysOf(tracker, arrived, 50)
  const after = (await tracker.memory()).now
  for (const stream of streams) stream.destroy()
  console.log(
    `Streams: an acknowledged point arrives after ${median(delays).toFixed(1)} ms at the median, at most ${Math.max(...delays).toFixed(1)}; among ${streamCount} streams ${median(among).toFixed(1)} and ${Math.max(...among).toFixed(1)} ms; ${streamCount} open streams take ${megabytes(after - before)}\n`,
  )
}

let step = 0

/** Points one after the other, at random times within the tenth of a second in which a stream gathers. */
async function delaysOf(
  tracker: ServerProcess,
  arrived: Map<number, PromiseWithResolvers<number>>,
  count: number,
): Promise<number[]> {
  const delays: number[] = []
  for (let index = 0; index < count; index++) {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 150))
    const mine = ++step
    const arrival = Promise.withResolvers<number>()
    arrived.set(mine, arrival)
    await post(tracker.port, `${project}/runs/r/metrics`, { step: mine, metrics: { loss: 1 / mine } })
    const acknowledged = performance.now()
    delays.push(Math.max(0, (await arrival.promise) - acknowledged))
    arrived.delete(mine)
  }
  return delays
}

function open(tracker: ServerProcess, hear: (text: string) => void): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  get({ port: tracker.port, host: '127.0.0.1', path: `${project}/stream`, agent: false }, (response) => {
    response.on('data', (piece: Buffer) => hear(piece.toString()))
    response.once('error', () => {})
    resolve(response)
  }).once('error', reject)
  return promise
}
