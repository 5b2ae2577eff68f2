// The check of dependencies, by the real npm, against registries that know of something.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'

const script = join(import.meta.dirname, '..', 'scripts', 'audit.mjs')

/** Runs the check against an npm registry that answers every question with this; `undefined`: it takes no questions. */
async function audit(advisories: Record<string, object[]> | undefined) {
  const server = createServer((request, response) => {
    const isQuestion = request.url?.endsWith('/advisories/bulk') && advisories
    response.writeHead(isQuestion ? 200 : 404, { 'content-type': 'application/json' })
    request.resume().on('end', () => response.end(JSON.stringify(isQuestion ? advisories : {})))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const env = { ...process.env, npm_config_registry: `http://127.0.0.1:${port}/`, npm_config_fetch_retries: '0' }
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  server.close()
  server.closeAllConnections()
  return { said, code }
}

const advisory = (severity: string) => ({
  id: 1,
  title: 'Reads too much',
  url: 'https://advisories.example/1',
  severity,
  vulnerable_versions: '*',
  cwe: [],
  cvss: { score: 9, vectorString: null },
})

test('a grave fault of a package that is shipped fails the check, and names it', async () => {
  const { said, code } = await audit({ fastify: [advisory('high')] })
  assert.match(said, /^audit: fastify, high, is shipped: Reads too much \(https:\/\/advisories\.example\/1\)$/m)
  assert.equal(code, 1)
})

test('a fault of a package that only builds or tests is a warning', async () => {
  const { said, code } = await audit({ typescript: [advisory('critical')], uplot: [advisory('moderate')] })
  assert.match(said, /^audit: warning: typescript, critical, is used to build or test: /m)
  assert.match(said, /^audit: warning: uplot, moderate, is shipped: /m)
  assert.equal(code, 0)
})

test('a registry that does not tell is no fault, and is said', async () => {
  const { said, code } = await audit(undefined)
  assert.match(said, /^audit: the npm registry does not tell/m)
  assert.equal(code, 0)
})
