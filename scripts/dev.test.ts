import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('./dev.ts', import.meta.url))

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return String(port)
}

test('npm run dev starts the tracker from its sources, logs a demo run to it, and ends on Ctrl-C', {
  timeout: 120_000,
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'aspara-dev-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const port = await freePort()
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('ASPARA_'))
  const dev = spawn(process.execPath, [program, port, join(folder, 'data')], {
    env: { ...Object.fromEntries(kept), ASPARA_DATA_DIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(dev, 'close')
  const listening = Promise.withResolvers<string>()
  createInterface({ input: dev.stdout }).on('line', (line) => {
    const url = /"url":"(http[^"]+)"/.exec(line)?.[1]
    if (url) listening.resolve(url)
    else if (/Failed running/.test(line)) listening.reject(new Error('the tracker did not start'))
  })
  ended.then(([code]) => listening.reject(new Error(`npm run dev ended with ${code}`)))
  try {
    const url = await listening.promise
    let points = 0
    while (points === 0) {
      const { runs = [] } = await (await fetch(`${url}/api/v1/projects/demo/runs`)).json()
      points = runs[0]?.metrics[0]?.count ?? 0
    }
  } finally {
    dev.kill('SIGINT')
  }
  const [code] = await ended
  assert.equal(code, 0)
})
