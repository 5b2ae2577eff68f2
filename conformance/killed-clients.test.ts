/**
 * Trainings, `aspara sync` and the tracker itself are killed (kill -9) at random moments, with several syncs at once. Every
 * call of `log` that returned is stored exactly once in the end, and `aspara verify` says equal. SEED=… repeats it,
 * ROUNDS=… does it so many times.
 */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { asparaCommand, runAspara, startTracker, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import { exportSeries } from './read-back.ts'
import { startLogger } from './spool-process.ts'

const rounds = Number(process.env.ROUNDS ?? 6)
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))

function randomOf(state: number): () => number {
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return (state >>> 0) / 2 ** 32
  }
}

/** `aspara sync`, killed after so many milliseconds unless it has ended. */
async function syncAndKill(dir: string, url: string, ms: number): Promise<void> {
  const child = spawn(process.execPath, [asparaCommand, 'sync', dir, '--tracker-uri', url], { stdio: 'ignore' })
  const ended = once(child, 'close')
  const timer = setTimeout(() => child.kill('SIGKILL'), ms)
  await ended
  clearTimeout(timer)
}

test('whatever is killed, each call of log that returned is stored exactly once', { timeout: 300_000 }, async (t) => {
  console.log(`SEED=${seed}`)
  const random = randomOf(seed)
  const dataDir = await temporaryFolder()
  const dir = await temporaryFolder()
  t.after(() => Promise.all([dataDir, dir].map((path) => rm(path, { recursive: true, force: true }))))
  let tracker = await startTracker({ dataDir })
  const logged: { name: string; atLeast: number }[] = []
  for (let round = 0; round < rounds; round++) {
    const name = `r${round}`
    const init = { project: 'p', name, trackerUri: tracker.url, dir, settings: { quiet: true } } as const
    const logger = startLogger({ init, rows: 30_000, yieldEvery: 200 })
    await logger.until(1 + Math.floor(random() * 3_000))
    await sleep(random() * 100)
    if (random() < 0.5) {
      await tracker.kill()
      await logger.until(logger.logged() + Math.floor(random() * 2_000))
      logger.kill()
      tracker = await startTracker({ dataDir, port: tracker.port })
    } else {
      logger.kill()
    }
    await logger.ended
    logged.push({ name, atLeast: logger.logged() })
    const syncs = Array.from({ length: 2 }, () => syncAndKill(dir, tracker.url, 150 + random() * 400))
    if (random() < 0.5) {
      await sleep(150 + random() * 300)
      await tracker.kill()
      tracker = await startTracker({ dataDir, port: tracker.port })
    }
    await Promise.all(syncs)
  }
  const last = await runAspara(['sync', dir, '--tracker-uri', tracker.url])
  assert.equal(last.exitCode, 0, last.stdout + last.stderr)
  for (const { name, atLeast } of logged) {
    const series = await exportSeries(tracker.api, 'p', name, 'loss')
    // The last line that a killed program printed may not have come through; nothing that did is missing.
    assert.ok(series.length >= atLeast, `${name}: ${series.length} of ${atLeast}`)
    assert.deepEqual(
      series,
      Array.from({ length: series.length }, (_, step) => [step, 1 / (step + 1)]),
    )
    const verified = await runAspara(['verify', `p/${name}`, '--dir', dir, '--tracker-uri', tracker.url])
    assert.match(verified.stdout, new RegExp(`: equal: ${series.length} rows, ${2 * series.length} points`))
  }
  await tracker.stop()
})
