import { fileURLToPath } from 'node:url'
import { applyChanges, type SeriesChanges } from '../series/changes.ts'
import { compact } from '../series/compact.ts'
import { findStunted, growLevels } from '../series/levels.ts'
import type { Store } from '../store.ts'
import { openEmbedded } from './embedded-store.ts'
import { batch } from './plain-appends.ts'
import { seededRandom } from './random.ts'
import { SeriesDatabase } from './series-database.ts'
import type { Arrival } from './series-model.ts'

/*
 * A process that is going to be killed while it compacts: run with a folder and a task as JSON, it prints a line for each batch
 * that was acknowledged.
 */

export const seriesDoomedProcess = fileURLToPath(import.meta.url)

export interface SeriesTask {
  seed: number
  /** What each run gets next, as far as is known. */
  sequences: Record<string, number>
  /** Kills itself at the n-th transaction of compaction; without, it goes on with real threads until it is killed. */
  dies?: { transaction: number; place: 'before' | 'inside' | 'after' }
}

const rowsPerBatch = 2_500
/** So many batches come before compaction begins, where each transaction is done by hand. */
const batchesBeforeCompaction = 2

/** A batch of a run: the same each time that it is sent. */
export function doomedArrival(seed: number, run: string, sequence: number): Arrival {
  const random = seededRandom(seed + sequence * 7 + run.charCodeAt(0))
  const start = sequence * rowsPerBatch
  const isLate = random.chance(0.25)
  const rows = Array.from({ length: rowsPerBatch }, (_, row) => start + row)
  return {
    run,
    steps: rows.map((row) => (isLate ? random.below(start + 1) : random.chance(0.01) ? start : row)),
    times: rows.map((row) => 1.7e12 + row * 100),
    metrics: {
      loss: rows.map(() => (random.chance(0.001) ? Number.NaN : Math.fround(random.next()))),
      rare: rows.map((row) => (row % 10 === 0 ? row / 3 : null)),
    },
  }
}

export const doomedAppend = (seed: number, run: string, sequence: number) => {
  const { steps, times, metrics } = doomedArrival(seed, run, sequence)
  return batch({ run, sequence, steps, timestamps: times, metrics })
}

if (import.meta.main) {
  const [folder, argument] = process.argv.slice(2)
  const task: SeriesTask = JSON.parse(argument)
  if (task.dies) await compactByHand(await SeriesDatabase.open(folder), task, task.dies)
  else await appendWithoutEnd(await openEmbedded(folder), task)
}

async function appendWithoutEnd(store: Store, { seed, sequences }: SeriesTask): Promise<void> {
  const appendTo = async (run: string, first: number) => {
    for (let sequence = first; ; sequence++) {
      await store.journal.appendBatch(doomedAppend(seed, run, sequence))
      acknowledge(run, sequence)
      // What a run that is over has in the journal is compacted at once.
      if (sequence % 3 === 0) await store.catalog.finishRun({ project: 'p', run, exitCode: 0 })
    }
  }
  await Promise.all(Object.entries(sequences).map(([run, first]) => appendTo(run, first)))
}

async function compactByHand(
  database: SeriesDatabase,
  { seed, sequences }: SeriesTask,
  dies: NonNullable<SeriesTask['dies']>,
): Promise<void> {
  const { db } = database
  let transactions = 0
  const apply = async (changes: SeriesChanges) => {
    const isLast = ++transactions === dies.transaction
    if (isLast && dies.place === 'before') die()
    await db.transaction().execute(async (trx) => {
      await applyChanges(trx, changes)
      if (isLast && dies.place === 'inside') die()
    })
    if (isLast) die()
  }
  for await (const { run, rows } of findStunted(db))
    for await (const growth of growLevels(db, run, rows)) await apply(growth)
  for (let offset = 0; ; offset++) {
    for (const [run, first] of Object.entries(sequences)) {
      await database.append([doomedAppend(seed, run, first + offset)])
      acknowledge(run, first + offset)
    }
    if (offset % batchesBeforeCompaction === 0) continue
    for (const run of Object.keys(sequences)) {
      const id = await database.runId(run)
      for (;;) {
        const changes = await db.transaction().execute((snapshot) => compact(snapshot, id))
        if (!changes) break
        await apply(changes)
        for await (const growth of growLevels(db, id, changes.series)) await apply(growth)
      }
    }
  }
}

function die(): void {
  process.kill(process.pid, 'SIGKILL')
}

/** A pipe is written to at once: what was printed before a kill has been printed. */
function acknowledge(run: string, sequence: number): void {
  process.stdout.write(`${run} ${sequence}\n`)
}
