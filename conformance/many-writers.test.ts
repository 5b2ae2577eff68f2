// A million records from eight processes at once, into one run.

import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { must } from '@aspara/tracker/testing/ask.ts'
import { startTracker, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import { runPython } from './python.ts'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const writers = 8
const records = 1_000_000
const memoryBytesMax = 60 * 1024 * 1024

test('a million records from eight processes are all in one run, in step order', { timeout: 300_000 }, async (t) => {
  const folder = await temporaryFolder()
  const tracker = await startTracker()
  t.after(async () => {
    await tracker.stop()
    await rm(folder, { recursive: true, force: true })
  })
  const env = { PYTHONPATH: file('../python/src'), ASPARA_TRACKER_URI: tracker.url, ASPARA_DATA_DIR: folder }
  const ended = await Promise.all(
    Array.from({ length: writers }, (_, writer) =>
      runPython([file('./many_writers.py'), ...[writer, writers, records / writers].map(String)], { env }),
    ),
  )
  for (const { exitCode, stdout, stderr } of ended) {
    assert.equal(exitCode, 0, stderr)
    const bytes = Number(stdout.trim())
    assert.ok(bytes > 0 && bytes <= memoryBytesMax, `a writer took ${(bytes / 2 ** 20).toFixed(0)} MiB`)
  }
  t.diagnostic(`the largest took ${Math.max(...ended.map(({ stdout }) => Number(stdout))) / 2 ** 20} MiB`)

  const url = `${tracker.api}/projects/many/runs/together`
  const run = await must('GET', url)
  assert.equal(run.status, 'finished')
  assert.deepEqual(
    run.writers.map((writer: { rows: number }) => writer.rows),
    Array(writers).fill(records / writers),
  )
  const { body } = await fetch(`${url}/metrics/export?format=jsonl&metric=loss`)
  let step = 0
  for await (const line of createInterface({ input: Readable.fromWeb(body as never) })) {
    const point = JSON.parse(line)
    const value = 1 / (1 + Math.floor(step / writers))
    if (point.step !== step || point.value !== value)
      assert.fail(`${line} where step ${step} with ${value} was expected`)
    step++
  }
  assert.equal(step, records)
})
