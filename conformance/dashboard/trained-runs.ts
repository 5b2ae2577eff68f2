import { rm } from 'node:fs/promises'
import type { TestContext } from 'node:test'
import { type TrackerProcess, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import { type InitOptions, init, type Run } from 'aspara'

/** Runs that look like trainings, logged by the TypeScript client as a user would log them. */

export interface Sweep {
  project: string
  runs?: number
  steps?: number
}

/** Begins a run on a tracker; whatever the test does to it, it ends with the test. */
export async function beginRun(t: TestContext, tracker: TrackerProcess, options: InitOptions): Promise<Run> {
  const dir = await temporaryFolder()
  const run = await init({
    trackerUri: tracker.url,
    dir,
    ...options,
    settings: { quiet: true, exitHandlers: false, ...options.settings },
  })
  t.after(async () => {
    await run.finish({ quiet: true, flushTimeoutMs: 2_000 }).catch(() => {})
    await rm(dir, { recursive: true, force: true })
  })
  return run
}

/**
 * Runs `run-1` to `run-N`, with learning rates that matter, seeds that do not, two optimizers, and metrics in two sections.
 * The loss of each falls; the last one of four or more diverges to NaN and fails.
 */
export async function logSweep(tracker: TrackerProcess, { project, runs = 6, steps = 200 }: Sweep): Promise<void> {
  const dir = await temporaryFolder()
  for (let at = 1; at <= runs; at++) {
    const lr = [0.001, 0.003, 0.01, 0.03, 0.1, 1][(at - 1) % 6]!
    const isDiverging = runs >= 4 && at === runs
    const run = await init({
      trackerUri: tracker.url,
      dir,
      project,
      name: `run-${at}`,
      group: at % 2 === 0 ? 'sgd' : 'adam',
      tags: at === 1 ? ['baseline', 'v1'] : ['v1'],
      notes: at === 1 ? '# First\n\nWhat **all others** are measured by.' : undefined,
      projectTags: ['sweep'],
      config: {
        lr,
        seed: at % 3,
        optimizer: { name: at % 2 === 0 ? 'sgd' : 'adam', momentum: at % 2 === 0 ? 0.9 : null },
        model: { layers: 2 + (at % 3), width: 128 },
        data: { name: 'digits', augment: at % 2 === 0 },
        epochs: 10,
        batch_size: 32,
      },
      settings: { quiet: true, exitHandlers: false },
    })
    for (let step = 0; step < steps; step++) {
      const done = step / steps
      const wave = Math.sin(step * (1 + at / 7)) * 0.03
      const isBroken = isDiverging && done > 0.5
      const loss = isBroken ? Number.NaN : 2 * Math.exp(-3 * done * Math.sqrt(lr * 30)) + wave + at / 50
      run.log({
        train: { loss, acc: isBroken ? 0.1 : Math.min(1, Math.max(0, 1 - loss / 2.3)) },
        ...(step % 10 === 9 && {
          val: { loss: loss * 1.1, acc: isBroken ? 0.1 : Math.min(1, Math.max(0, 0.98 - loss / 2.3)) },
        }),
        lr: lr * (1 - done),
      })
    }
    run.summary.update({ best_epoch: at, note: `summary of run ${at}` })
    await run.finish({ exitCode: isDiverging ? 1 : 0, quiet: true })
  }
  await rm(dir, { recursive: true, force: true })
}
