import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { apiBase } from '@aspara/protocol/names.ts'
import { get } from './http.ts'
import { installPeers } from './peer-packages.ts'
import { median, printTable } from './report.ts'
import { type ServerProcess, startBuiltTracker } from './server-process.ts'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const rounds = 5
const logs = 10_000

interface Measured {
  p50Us: number
  p99Us: number
  /** From the return of the last log() until all is where it is safe. */
  durableSeconds: number
  /** Of the client's process from its start to its end, and of the tracker meanwhile. */
  cpuSeconds: number
}

interface Contender {
  name: string
  command: string
  args: string[]
  env?: Record<string, string>
  /** Where a round takes so long that five are too many. */
  rounds?: number
  /** Its runs, by their names: all of their points must be there. */
  runPrefix?: string
}

/** 10,000 log() calls of five metrics, by each client in turn; ours and those of others in one run. */
export async function measureClients(): Promise<void> {
  const python = installPeers()
  const built = pathToFileURL(file('../build/client/aspara.js')).href
  const building = spawnSync(process.execPath, [file('../scripts/build-client.mjs')], { stdio: 'inherit' })
  if (building.status !== 0) throw new Error('the npm package of the client could not be built')
  const script = file('./log_points.py')
  const peer = (name: string, client: string, more: Partial<Contender> = {}): Contender => ({
    name,
    command: python,
    args: [script, client],
    ...more,
  })
  const contenders: Contender[] = [
    peer('Aspara, Python', 'ours', { env: { PYTHONPATH: file('../python/src') }, runPrefix: 'python' }),
    {
      name: 'Aspara, TypeScript',
      command: process.execPath,
      args: [file('./log-points.mjs'), built],
      runPrefix: 'typescript',
    },
    peer('wandb, offline (no server)', 'wandb'),
    peer('tensorboardX (no server)', 'tensorboardx'),
    peer('aspara 0.1.0 of PyPI', 'pypi', { rounds: 1, runPrefix: 'pypi' }),
  ]
  const tracker = await startBuiltTracker()
  try {
    const rows: string[][] = []
    const results = new Map(contenders.map((contender) => [contender, [] as Measured[]]))
    for (let round = 0; round < rounds; round++) {
      for (const contender of contenders) {
        if (round < (contender.rounds ?? rounds)) results.get(contender)?.push(await measure(tracker, contender))
      }
    }
    for (const [{ name }, measured] of results) {
      const of = (value: (one: Measured) => number, digits: number) => median(measured.map(value)).toFixed(digits)
      rows.push([
        name,
        of((one) => one.p50Us, 1),
        of((one) => one.p99Us, 1),
        of((one) => one.durableSeconds, 3),
        of((one) => one.cpuSeconds, 2),
      ])
    }
    const heading = ['', 'log() p50 µs', 'p99 µs', 'durable after s', 'CPU s, client and server']
    printTable(`${logs.toLocaleString('en')} log() of five metrics, medians of ${rounds} rounds`, heading, rows)
  } finally {
    await tracker.stop()
  }
}

async function measure(tracker: ServerProcess, contender: Contender): Promise<Measured> {
  const { command, args, env, runPrefix } = contender
  const folder = await mkdtemp(join(tmpdir(), 'aspara-bench-'))
  const before = await tracker.cpuSeconds()
  const child = spawn(command, [...args, `http://127.0.0.1:${tracker.port}`, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ASPARA_DATA_DIR: folder, PYTHONDONTWRITEBYTECODE: '', ...env },
  })
  const said = await text(child.stdout)
  const measured: Measured = JSON.parse(said.trim().split('\n').at(-1) as string)
  measured.cpuSeconds += (await tracker.cpuSeconds()) - before
  if (runPrefix) await requireAll(tracker, `${runPrefix}-${child.pid}`)
  await rm(folder, { recursive: true })
  return measured
}

/** Whoever says that all is there is asked for it. */
async function requireAll(tracker: ServerProcess, run: string): Promise<void> {
  const { body } = await get(tracker.port, `${apiBase}/projects/clients/runs/${run}/metrics`)
  const { metrics }: { metrics: { count: number }[] } = JSON.parse(body.toString())
  const counts = metrics.map(({ count }) => count)
  if (counts.length !== 5 || counts.some((count) => count !== logs)) throw new Error(`${run} has ${counts} points`)
}
