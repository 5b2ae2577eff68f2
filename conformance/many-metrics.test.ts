// Trainings of more metrics than one row or one batch takes.

import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { test } from 'node:test'
import { startTracker, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import { init } from 'aspara'
import { getJson } from './read-back.ts'

test('tens of thousands of metrics arrive whole, and no batch of them is refused', async (t) => {
  const tracker = await startTracker()
  const dir = await temporaryFolder()
  t.after(() => Promise.all([tracker.stop(), rm(dir, { recursive: true, force: true })]))
  const run = await init({ project: 'p', name: 'wide', trackerUri: tracker.url, dir, settings: { quiet: true } })
  const part = (name: string, count: number, value: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, layer) => [`${name}/layer${layer}/norm`, layer + value]))
  // Each fits into a row, and two of them not into a batch.
  for (let step = 0; step < 3; step++) {
    for (const name of ['encoder', 'decoder', 'head']) run.log(part(name, 8_000, step), { step })
  }
  run.log(part('all', 25_000, 0))
  assert.deepEqual(await run.finish({ flushTimeoutMs: 60_000 }), { isSent: true, rowsWaiting: 0, lost: 0 })
  const { refused, retries, rows } = run.stats()
  assert.deepEqual([refused, retries, rows], [0, 0, 12])
  const { metrics } = await getJson(`${tracker.api}/projects/p/runs/wide/metrics`)
  const counts = new Map<string, number>()
  for (const { metric, count, last_step } of metrics) {
    const key = `${metric.split('/')[0]} ${count} ${last_step}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  assert.deepEqual(Object.fromEntries([...counts].sort()), {
    'all 1 3': 25_000,
    'decoder 3 2': 8_000,
    'encoder 3 2': 8_000,
    'head 3 2': 8_000,
  })
})
