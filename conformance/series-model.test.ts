import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const unitTest = fileURLToPath(new URL('../store/series/random-series.test.ts', import.meta.url))
const points = 1_000_000

test('charts and exports of a million random points are those of a plain array', async (t) => {
  // The unit test of the same, twenty times as long. A process of its own: a test inside a test would not run.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const child = spawn(process.execPath, [unitTest], {
    env: { ...env, ASPARA_TEST_POINTS: String(points) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const [code] = await once(child, 'close')
  const told = /(\d+) points in \d+ databases.*/.exec(output)
  t.diagnostic(/ASPARA_TEST_SEED=\d+/.exec(output)?.[0] ?? 'no seed was printed')
  t.diagnostic(told?.[0] ?? 'no count was printed')
  assert.equal(code, 0, output)
  assert.ok(Number(told?.[1]) >= points, output)
})
