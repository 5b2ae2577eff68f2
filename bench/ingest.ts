import { randomUUID } from 'node:crypto'
import { apiBase } from '@aspara/protocol/names.ts'
import { type Load, type LoadResult, putLoad } from './load.ts'
import { median, megabytes, printTable } from './report.ts'
import { type ServerProcess, startBareRoute, startBuiltTracker } from './server-process.ts'

const rounds = 5
const warmUpSeconds = 1
const secondsPerRound = 3
const pointsPerRound = 2_000_000

const runPath = `${apiBase}/projects/bench/runs`

/** Durable single records against the bare route, then batches in points a second; memory and start besides. */
export async function measureIngest(): Promise<void> {
  const tracker = await startBuiltTracker()
  const idle = await memoryWhenIdle(tracker)
  const bare = await startBareRoute()
  try {
    await measureRecords(tracker, bare)
    await measureBatches(tracker, bare)
    const { peak } = await tracker.memory()
    console.log(
      `start to healthy ${Math.round(tracker.startMs)} ms, idle memory ${megabytes(idle)}, peak memory ${megabytes(peak)}`,
    )
  } finally {
    await tracker.stop()
    await bare.stop()
  }
}

async function memoryWhenIdle(tracker: ServerProcess): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  return (await tracker.memory()).now
}

async function measureRecords(tracker: ServerProcess, bare: ServerProcess): Promise<void> {
  const rows: string[][] = []
  for (const connections of [16, 64]) {
    const load = (port: number): Omit<Load, 'secondsMax'> => ({
      port,
      connections,
      path: `${runPath}/records-${connections}/metrics`,
      next: recordBodies(`records-${connections}`),
    })
    for (const server of [bare, tracker]) await putLoad({ ...load(server.port), secondsMax: warmUpSeconds })
    const results = await alternate(bare, tracker, (server) =>
      putLoad({ ...load(server.port), secondsMax: secondsPerRound }),
    )
    const perSecond = ({ answered, seconds }: LoadResult) => answered / seconds
    rows.push([
      `${connections} connections`,
      Math.round(median(results.bare.map(perSecond))).toLocaleString('en'),
      Math.round(median(results.tracker.map(perSecond))).toLocaleString('en'),
      median(results.tracker.map((result, round) => perSecond(result) / perSecond(results.bare[round]))).toFixed(2),
      `${median(results.tracker.map((result) => result.p50Ms)).toFixed(2)} / ${median(results.tracker.map((result) => result.p99Ms)).toFixed(2)}`,
    ])
  }
  printTable('Single records, each durable: requests/s', ['', 'bare route', 'tracker', 'ratio', 'p50 / p99 ms'], rows)
}

/** The body of the API page, step after step. */
function recordBodies(run: string): () => Buffer {
  let step = 0
  return () =>
    Buffer.from(
      JSON.stringify({
        type: 'metrics',
        timestamp: new Date().toISOString(),
        run,
        project: 'bench',
        step: step++,
        metrics: { loss: 1 / (1 + step / 1000), accuracy: 0.85 },
      }),
    )
}

async function measureBatches(tracker: ServerProcess, bare: ServerProcess): Promise<void> {
  const rows: string[][] = []
  for (const metrics of [1, 10]) {
    for (const points of [1_000, 20_000]) {
      const connections = 4
      const measure = async (server: ServerProcess, bodies: Buffer[]) => {
        const before = await server.cpuSeconds()
        // A connection is a writer, which sends its batches in order: there is one queue a connection.
        const queues = Array.from({ length: connections }, (_, writer) =>
          bodies.filter((_, index) => index % connections === writer),
        )
        const results = await Promise.all(
          queues.map((queue) =>
            putLoad({
              port: server.port,
              path: `${runPath}/batches-${metrics}-${points}/metrics/batch`,
              connections: 1,
              next: () => queue.shift(),
              secondsMax: 120,
            }),
          ),
        )
        const seconds = Math.max(...results.map((result) => result.seconds))
        return { pointsPerSecond: (bodies.length * points) / seconds, cpu: (await server.cpuSeconds()) - before }
      }
      for (const server of [bare, tracker]) await measure(server, batchBodies(connections, metrics, points, 400_000))
      const results = await alternate(bare, tracker, (server) =>
        measure(server, batchBodies(connections, metrics, points, pointsPerRound)),
      )
      rows.push([
        `${points.toLocaleString('en')} points, ${metrics} metric${metrics === 1 ? '' : 's'}`,
        Math.round(median(results.bare.map((result) => result.pointsPerSecond))).toLocaleString('en'),
        Math.round(median(results.tracker.map((result) => result.pointsPerSecond))).toLocaleString('en'),
        median(
          results.tracker.map((result, round) => result.pointsPerSecond / results.bare[round].pointsPerSecond),
        ).toFixed(2),
        `${((median(results.tracker.map((result) => result.cpu)) / pointsPerRound) * 1e6).toFixed(2)}`,
      ])
    }
  }
  const heading = ['', 'bare route', 'tracker', 'ratio', 'CPU s a million']
  printTable('Batches, each durable: points/s', heading, rows)
}

/** Losses as a float32 training prints them: 17 digits each, the worst case for JSON. */
function batchBodies(writers: number, metrics: number, points: number, pointsInAll: number): Buffer[] {
  const names = Array.from({ length: metrics }, (_, index) => (metrics === 1 ? 'loss' : `train/metric-${index}`))
  const ids = Array.from({ length: writers }, () => randomUUID())
  const rows = points / metrics
  const startMs = Date.now()
  return Array.from({ length: pointsInAll / points }, (_, index) => {
    const firstStep = Math.floor(index / writers) * rows
    const steps = Array.from({ length: rows }, (_, row) => firstStep + row)
    const columns = names.map((name) => [name, steps.map((step) => Math.fround(1 / (1 + step / 1000) + Math.random()))])
    return Buffer.from(
      JSON.stringify({
        writer: ids[index % writers],
        sequence: Math.floor(index / writers),
        steps,
        timestamps: steps.map((step) => startMs + step * 20),
        metrics: Object.fromEntries(columns),
      }),
    )
  })
}

/** The peer and we take turns, so that whatever else the machine does meets both. */
async function alternate<Result>(
  bare: ServerProcess,
  tracker: ServerProcess,
  measure: (server: ServerProcess) => Promise<Result>,
): Promise<{ bare: Result[]; tracker: Result[] }> {
  const results = { bare: [] as Result[], tracker: [] as Result[] }
  for (let round = 0; round < rounds; round++) {
    results.bare.push(await measure(bare))
    results.tracker.push(await measure(tracker))
  }
  return results
}
