import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const command = fileURLToPath(new URL('../command/aspara.ts', import.meta.url))

export interface TrackerOptions {
  /** Kept when given; otherwise a temporary folder that `stop` removes. */
  dataDir?: string
  /** 0, the default, takes a free port. */
  port?: number
  args?: string[]
  env?: Record<string, string>
}

/** A real tracker in a process of its own, as a user starts it. */
export interface TrackerProcess {
  readonly url: string
  /** `${url}/tracker/api/v1` */
  readonly api: string
  readonly port: number
  readonly dataDir: string
  readonly child: ChildProcess
  /** Every line of the log so far. */
  readonly log: string[]
  /** SIGTERM, then waits for the end; answers the exit code. */
  stop(): Promise<number | null>
  /** kill -9, then waits for the end; the data directory stays. */
  kill(): Promise<void>
}

/** A temporary folder that a test removes itself. */
export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'aspara-test-'))
}

/** Starts `aspara tracker` and resolves once it listens; rejects with its output when it ends before that. */
export async function startTracker(options: TrackerOptions = {}): Promise<TrackerProcess> {
  const dataDir = options.dataDir ?? (await temporaryFolder())
  const args = ['tracker', '--port', String(options.port ?? 0), '--data-dir', dataDir, ...(options.args ?? [])]
  const child = spawn(process.execPath, [command, ...args], {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const log: string[] = []
  const listening = Promise.withResolvers<string>()
  const keepLine = (line: string) => {
    log.push(line)
    const url = /"url":"(http[^"]+)"/.exec(line)?.[1]
    if (url) listening.resolve(url)
  }
  createInterface({ input: child.stdout }).on('line', keepLine)
  createInterface({ input: child.stderr }).on('line', keepLine)
  const ended = once(child, 'close')
  ended.then(([code]) => listening.reject(new Error(`aspara tracker ended with ${code}:\n${log.join('\n')}`)))
  const url = await listening.promise

  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await ended
  }
  return {
    url,
    api: `${url}/tracker/api/v1`,
    port: Number(new URL(url).port),
    dataDir,
    child,
    log,
    async stop() {
      await end('SIGTERM')
      if (!options.dataDir) await rm(dataDir, { recursive: true, force: true })
      return child.exitCode
    },
    kill: () => end('SIGKILL'),
  }
}
