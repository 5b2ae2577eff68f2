import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A server in a process of its own, measured from outside. */
export interface ServerProcess {
  port: number
  /** From spawning to the first answer of `/health`, or for a peer to its listening. */
  startMs: number
  /** Bytes of physical memory: now, and the most so far. */
  memory(): Promise<{ now: number; peak: number }>
  /** Seconds of processor time so far, all threads. */
  cpuSeconds(): Promise<number>
  stop(): Promise<void>
}

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The tracker as `npm start` runs it; without a data directory on one of its own, which goes with it. */
export async function startBuiltTracker(dataDir?: string): Promise<ServerProcess> {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'aspara-bench-')))
  const flags: string[] = JSON.parse(await readFile(file('../package.json'), 'utf8'))
    .scripts.start.split(' ')
    .filter((word: string) => word.startsWith('--'))
  const args = [...flags, file('../tracker/dist/aspara.js'), 'tracker', '--port', '0', '--data-dir', folder]
  const server = await start(args, async (url) => void (await (await fetch(`${url}/api/v1/health`)).text()))
  return {
    ...server,
    async stop() {
      await server.stop()
      if (!dataDir) await rm(folder, { recursive: true })
    },
  }
}

export const startBareRoute = (): Promise<ServerProcess> => start([file('./bare-route.ts')], async () => {})

async function start(args: string[], settled: (url: string) => Promise<void>): Promise<ServerProcess> {
  const started = performance.now()
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const url = await listening(child)
  await settled(url)
  const startMs = performance.now() - started
  return {
    port: Number(new URL(url).port),
    startMs,
    memory: () => memoryOf(child),
    cpuSeconds: () => cpuOf(child),
    async stop() {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    },
  }
}

async function listening(child: ChildProcess): Promise<string> {
  const found = Promise.withResolvers<string>()
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    const url = /"url":"([^"]+)"/.exec(line)?.[1]
    if (url) found.resolve(url)
  })
  child.once('exit', (code) => found.reject(new Error(`the server ended with ${code}`)))
  return found.promise
}

/** https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
async function memoryOf(child: ChildProcess): Promise<{ now: number; peak: number }> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8')
  const bytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') }
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: fields 14 and 15, in hundredths of a second. */
async function cpuOf(child: ChildProcess): Promise<number> {
  const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}
