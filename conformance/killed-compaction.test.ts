import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { SqliteEngine } from '@aspara/store/engines/sqlite.ts'
import { encodeExport } from '@aspara/store/series/export.ts'
import { findStunted } from '@aspara/store/series/levels.ts'
import { readLiveRuns } from '@aspara/store/series/live-runs.ts'
import { readSeries } from '@aspara/store/series/read-series.ts'
import { Tails } from '@aspara/store/series/tails.ts'
import { collect, eventually, exportOf } from '@aspara/store/testing/ask-store.ts'
import { checkLevels } from '@aspara/store/testing/check-levels.ts'
import { assertSameAnswer } from '@aspara/store/testing/compare-series.ts'
import { openEmbedded } from '@aspara/store/testing/embedded-store.ts'
import { randomFromEnvironment } from '@aspara/store/testing/random.ts'
import { SeriesDatabase } from '@aspara/store/testing/series-database.ts'
import { doomedArrival, type SeriesTask, seriesDoomedProcess } from '@aspara/store/testing/series-doomed-process.ts'
import { SeriesModel } from '@aspara/store/testing/series-model.ts'
import { temporaryFolder } from '@aspara/store/testing/temporary-folder.ts'

const random = randomFromEnvironment()
/** Half of them kill real threads at any time, half a process of which each transaction is known. */
const rounds = Number(process.env.ASPARA_TEST_ROUNDS ?? 6)

test(`kills at any point of compaction lose and repeat nothing, seed ${random.seed}`, {
  timeout: 300_000,
}, async (t) => {
  t.diagnostic(`ASPARA_TEST_SEED=${random.seed}`)
  const folder = await temporaryFolder()
  /** What was acknowledged of each run: batches before this one. */
  const sequences: Record<string, number> = { a: 0, b: 0 }
  let points = 0
  for (let round = 0; round < rounds; round++) {
    const dies = { transaction: random.between(1, 12), place: random.pick(['before', 'inside', 'after'] as const) }
    const task: SeriesTask = { seed: random.seed, sequences, ...(round % 2 === 0 && { dies }) }
    const where = `ASPARA_TEST_SEED=${random.seed}, round ${round}, ${JSON.stringify(task)}`
    for (const line of await runAndKill(folder, task, where)) {
      const [run, sequence] = line.split(' ')
      sequences[run] = Number(sequence) + 1
    }
    points = await checkStored(folder, sequences, where)
  }
  await finishAndCheck(folder, Object.keys(sequences))
  await checkStored(folder, sequences, `ASPARA_TEST_SEED=${random.seed}, compacted`)
  t.diagnostic(`${points} points after ${rounds} kills`)
})

/** @returns what was acknowledged */
async function runAndKill(folder: string, task: SeriesTask, where: string): Promise<string[]> {
  const child = spawn(process.execPath, [seriesDoomedProcess, folder, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const errors = collect(child.stderr)
  const ended = once(child, 'close')
  // Real threads: after a few batches, and then at any time within what a turn of compaction takes.
  let linesLeft = random.between(1, 12)
  const delayMs = random.below(60)
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
    linesLeft -= text.split('\n').length - 1
    if (!task.dies && linesLeft <= 0) setTimeout(() => child.kill('SIGKILL'), delayMs)
  })
  const [, signal] = await ended
  assert.equal(signal, 'SIGKILL', `${where}: it ended by itself: ${await errors}`)
  return printed.split('\n').slice(0, -1)
}

/**
 * Holds what is on disk against what was acknowledged: of each run every batch, once and whole, and at most one more, which
 * was stored and not yet told of. @returns how many points there are
 */
async function checkStored(folder: string, sequences: Record<string, number>, where: string): Promise<number> {
  await using database = await SeriesDatabase.open(folder)
  const { db } = database
  const model = new SeriesModel()
  for (const run of Object.keys(sequences)) {
    const stored = await db
      .selectFrom('writers')
      .innerJoin('runs', 'runs.id', 'writers.run')
      .select('next_sequence')
      .where('runs.name', '=', run)
      .executeTakeFirst()
    const next = stored?.next_sequence ?? 0
    assert.ok(
      next === sequences[run] || next === sequences[run] + 1,
      `${where}: ${next} batches, ${sequences[run]} told`,
    )
    sequences[run] = next
    for (let sequence = 0; sequence < next; sequence++) model.take(doomedArrival(random.seed, run, sequence))
  }
  for (const run of model.runs) {
    const text = await collect(await encodeExport(db, new Tails(), exportOf({ project: 'p', run })))
    assert.ok(text.equals(Buffer.from(model.exportText(run))), `${where}: export of ${run}`)
  }
  for (const points of [2, 1_000]) {
    const from = random.chance(0.5) ? random.below(20_000) : undefined
    const request = {
      project: 'p',
      runs: model.runs,
      metrics: undefined,
      x: 'step' as const,
      from,
      to: undefined,
      points,
    }
    const answer = await db.transaction().execute((snapshot) => readSeries(snapshot, new Tails(), request))
    const text = `${where}: ${JSON.stringify(request)}`
    assertSameAnswer(answer, model.answer(request), { points, isAlong: false, isWild: false, where: text })
  }
  return model.pointCount
}

/** With the real threads all is compacted in the end, and every level is there that a store without kills would have. */
async function finishAndCheck(folder: string, runs: string[]): Promise<void> {
  const store = await openEmbedded(folder)
  const reader = await new SqliteEngine(folder).openReader()
  try {
    for (const run of runs) await store.catalog.finishRun({ project: 'p', run, exitCode: 0 })
    const isDone = async () => {
      for await (const _ of findStunted(reader)) return false
      return (await readLiveRuns(reader)).length === 0
    }
    await eventually('all is compacted', isDone, 30_000)
    const series = await reader.selectFrom('series').select(['run', 'number']).execute()
    for (const { run, number } of series) await checkLevels(reader, run, number)
  } finally {
    await reader.destroy()
    await store.close()
  }
}
