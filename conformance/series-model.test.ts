import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

/** Unit tests that are given more points here. */
const longTests = [
  {
    name: 'charts and exports of a million random points are those of a plain array',
    file: 'random-series.test.ts',
    points: 1_000_000,
    told: /(\d+) points in \d+ databases.*/,
  },
  {
    name: 'a spike of one point among ten million is seen at every zoom',
    file: 'planted-spikes.test.ts',
    points: 10_000_000,
    told: /, (\d+) points/,
  },
]

for (const { name, file, points, told } of longTests) {
  test(name, async (t) => {
    // A process of its own: a test inside a test would not run.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const child = spawn(process.execPath, [fileURLToPath(new URL(`../store/series/${file}`, import.meta.url))], {
      env: { ...env, ASPARA_TEST_POINTS: String(points) },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    const [code] = await once(child, 'close')
    const found = told.exec(output)
    t.diagnostic(/ASPARA_TEST_SEED=\d+/.exec(output)?.[0] ?? 'no seed was printed')
    t.diagnostic(found?.[0] ?? 'no count was printed')
    assert.equal(code, 0, output)
    assert.ok(Number(found?.[1]) >= points, output)
  })
}
