import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { installPeers } from '../peer-packages.ts'
import { benchData, panelRuns, startFilledTracker, wholeTag } from './data-sets.ts'
import { madeUpRun } from './made-up-runs.ts'

/** A page that shows the runs of the set "panels". */
export interface Contender {
  name: string
  /** Each is one chart. */
  charts: string
  start(): Promise<{ url: string; stop(): Promise<void> }>
}

const startSecondsMax = 60

export const ours: Contender = {
  name: 'Aspara',
  charts: '[data-panel]',
  async start() {
    const tracker = await startFilledTracker('panels')
    return { url: `http://127.0.0.1:${tracker.port}/projects/panels`, stop: () => tracker.stop() }
  },
}

export const peers: Contender[] = [
  {
    name: 'aspara 0.1.0 of PyPI',
    charts: '#chartsContainer div:has(> canvas)',
    start: () =>
      startPeer('aspara', (folder, port) => ({
        args: ['-m', 'aspara.cli', 'dashboard', '--port', String(port), '--data-dir', folder],
        path: '/projects/panels',
      })),
  },
  {
    name: 'trackio 0.43',
    charts: '.plot-container',
    start: () =>
      startPeer('trackio', (folder, port) => ({
        args: ['-m', 'trackio.cli', 'show', '--project', 'panels'],
        // It opens a browser of its own unless it finds none.
        env: { TRACKIO_DIR: folder, GRADIO_SERVER_PORT: String(port), BROWSER: 'true' },
        path: '/?project=panels',
      })),
  },
  {
    name: 'TensorBoard 2.21',
    charts: 'scalar-card',
    start: () =>
      startPeer('tensorboard', (folder, port) => ({
        args: ['-m', 'tensorboard.main', '--logdir', folder, '--port', String(port), '--host', '127.0.0.1'],
        path: '/',
      })),
  },
]

interface PeerCommand {
  args: string[]
  path: string
  env?: Record<string, string>
}

async function startPeer(name: string, commandOf: (folder: string, port: number) => PeerCommand) {
  const python = installPeers()
  const folder = await feedPeer(python, name)
  const port = await freePort()
  const { args, path, env } = commandOf(folder, port)
  const server = spawn(python, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } })
  let said = ''
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2_000)
  })
  const url = `http://127.0.0.1:${port}${path}`
  await answering(server, url, () => said)
  return {
    url,
    async stop() {
      const ended = once(server, 'exit')
      server.kill('SIGTERM')
      // Open connections keep some of them from ending.
      await Promise.race([ended, sleep(5_000).then(() => server.kill('SIGKILL'))])
    },
  }
}

async function answering(server: ChildProcess, url: string, said: () => string): Promise<void> {
  const deadline = performance.now() + startSecondsMax * 1_000
  while (performance.now() < deadline) {
    if (server.exitCode !== null) throw new Error(`${server.spawnargs.join(' ')} ended: ${said()}`)
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return
    await sleep(100)
  }
  server.kill('SIGKILL')
  throw new Error(`${url} did not answer for ${startSecondsMax} s: ${said()}`)
}

/** @returns the folder with what the peer's own client wrote, once and kept */
async function feedPeer(python: string, name: string): Promise<string> {
  const folder = join(benchData, name)
  const stamp = `${folder}.${wholeTag}`
  if (existsSync(stamp)) return folder
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const runs = join(benchData, `${name}-runs`)
  await mkdir(runs, { recursive: true })
  for (let index = 0; index < panelRuns.count; index++) {
    const run = madeUpRun(index, panelRuns.metrics, panelRuns.rows)
    await writeFile(join(runs, `${run.name}.json`), JSON.stringify(run))
  }
  const started = performance.now()
  const script = fileURLToPath(new URL('feed_peer.py', import.meta.url))
  const feeding = spawn(python, [script, name, runs, folder], { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = await once(feeding, 'exit')
  if (code !== 0) throw new Error(`feed_peer.py ${name} ended with ${code}`)
  console.log(`Gave ${name} the runs in ${Math.round((performance.now() - started) / 1_000)} s`)
  await rm(runs, { recursive: true })
  await writeFile(stamp, '')
  return folder
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('BUG: a listening server has a port')
  return address.port
}
