// `npm run dev`: the tracker, restarted whenever its source changes, on data of its own, and a demo run that moves.
//
//   node scripts/dev.ts [PORT [DATA_DIR]]    3142 and .dev-data without them

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { demoRuns } from './demo-runs.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const [port = '3142', dataDir = '.dev-data'] = process.argv.slice(2)
const address = `http://127.0.0.1:${port}`

if (!(await isFree(Number(port)))) {
  // Whoever listens there may keep somebody's real runs: the demo must not log into them.
  console.error(`Port ${port} is taken: is another tracker running?`)
  process.exit(1)
}

const tracker = spawn(
  process.execPath,
  [
    '--watch',
    // What was logged just before a restart is often the reason for it.
    '--watch-preserve-output',
    'tracker/command/aspara.ts',
    'tracker',
    '--port',
    port,
    '--data-dir',
    dataDir,
  ],
  // A process group of its own: Ctrl-C must reach this process first, so that the demo can finish its run.
  { cwd: root, detached: true, stdio: ['ignore', 'inherit', 'inherit'] },
)

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // The second one means now.
    if (stopping.signal.aborted) tracker.kill('SIGKILL')
    stopping.abort()
  })
}
tracker.on('exit', (code) => {
  if (!stopping.signal.aborted) process.exitCode = code ?? 1
  stopping.abort()
})

await demoRuns({ address, pointIntervalMs: 500, signal: stopping.signal })
tracker.kill('SIGTERM')

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
