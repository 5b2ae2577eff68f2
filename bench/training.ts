import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { median, printTable } from './report.ts'
import { startBuiltTracker } from './server-process.ts'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const rounds = 3

/** Of the steps that log to a run that is disabled, and of those between them that log to one that is not. */
interface Trained {
  stepMs: number
  loggedStepMs: number
  /** Processor time of the thread that sends, as a part of the time that the loop took. */
  backgroundPart: number
  finishSeconds: number
}

interface Condition {
  name: string
  mode: string
  port: number
}

/** What may listen where a tracker should. */
const brokenTrackers: Record<string, (socket: Socket) => void> = {
  'cuts every connection': (socket) => socket.destroy(),
  'takes everything and says nothing': (socket) => socket.resume(),
  'answers 500': (socket) =>
    socket.on('data', () => socket.write('HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\n{}')),
  'answers one byte a second': (socket) => {
    const timer = setInterval(() => socket.write('H'), 1_000)
    socket.resume().on('close', () => clearInterval(timer))
  },
}

/**
 * What the steps of a training loop take that logs to a tracker that works, to none, and to broken ones: against steps of
 * the same loop, in turn with them, that log to a run that is disabled, whose log() does next to nothing.
 */
export async function measureTraining(): Promise<void> {
  const tracker = await startBuiltTracker()
  const servers = await Promise.all(
    Object.entries(brokenTrackers).map(async ([name, treat]) => {
      const server = createServer((socket) => treat(socket.on('error', () => {}))).listen(0, '127.0.0.1')
      await once(server, 'listening')
      return { name, server }
    }),
  )
  try {
    const conditions: Condition[] = [
      { name: 'a tracker that works', mode: 'online', port: tracker.port },
      { name: 'offline', mode: 'offline', port: tracker.port },
      // The port of discard, where nobody listens.
      { name: 'no tracker', mode: 'online', port: 9 },
      ...servers.map(({ name, server }) => ({ name, mode: 'online', port: (server.address() as AddressInfo).port })),
      // What the machine makes of steps that are the same.
      { name: 'disabled, too', mode: 'disabled', port: 9 },
    ]
    const trained = new Map(conditions.map((condition) => [condition, [] as Trained[]]))
    for (let round = 0; round < rounds; round++) {
      for (const condition of conditions) trained.get(condition)?.push(await train(condition))
    }
    const rows = Array.from(trained, ([{ name }, measured]) => {
      const of = (value: (one: Trained) => number) => median(measured.map(value)).toFixed(2)
      return [
        name,
        of((one) => one.stepMs),
        of((one) => (one.loggedStepMs / one.stepMs - 1) * 100),
        of((one) => one.backgroundPart * 100),
        of((one) => one.finishSeconds),
      ]
    })
    const heading = [
      '',
      'a step, ms',
      'logging, more by %',
      'thread that sends, % of the loop',
      'finish(flush_timeout=1) s',
    ]
    printTable(`2,000 steps of a training loop, every other one logged: medians of ${rounds} rounds`, heading, rows)
  } finally {
    for (const { server } of servers) server.close()
    await tracker.stop()
  }
}

async function train({ mode, port }: Omit<Condition, 'name'>): Promise<Trained> {
  const folder = await mkdtemp(join(tmpdir(), 'aspara-bench-'))
  const child = spawn(file('../.venv/bin/python'), [file('./train_steps.py'), mode, `http://127.0.0.1:${port}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PYTHONPATH: file('../python/src'),
      ASPARA_DATA_DIR: folder,
      ASPARA_SILENT: '1',
      // A matrix of this size is multiplied on one core; threads that wait for each other would measure the machine.
      OMP_NUM_THREADS: '1',
      OPENBLAS_NUM_THREADS: '1',
    },
  })
  const trained: Trained = JSON.parse(await text(child.stdout))
  await rm(folder, { recursive: true })
  return trained
}
