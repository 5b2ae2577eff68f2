import { fileURLToPath } from 'node:url'
import { openEmbedded } from './embedded-store.ts'
import { batch } from './plain-appends.ts'
import { seededRandom } from './random.ts'
import type { Arrival } from './series-model.ts'

/*
 * A process that is going to be killed while it compacts: it opens the store of a folder, appends batches without end, each
 * large enough to make its run due, and prints the number of each that was acknowledged. Run with the folder, a seed, and
 * the number of the first batch.
 */

export const compactingProcess = fileURLToPath(import.meta.url)

const rows = 5_000

/** A batch by its number: the same each time that it is made. Some go on, some come late, some share their steps. */
export function arrivalOf(seed: number, sequence: number): Arrival {
  const random = seededRandom(seed * 1_000 + sequence)
  const start = random.chance(0.6) ? sequence * rows : random.below(sequence * rows + 1) - random.below(rows)
  const stride = random.pick([1, 1, 1, 3, 0.25])
  const steps = Array.from({ length: rows }, (_, row) => Math.floor(start + row * stride))
  const value = () => (random.chance(0.01) ? Number.NaN : Math.fround(random.next()))
  return {
    run: 'r',
    steps: random.chance(0.2) ? random.shuffle(steps) : steps,
    times: steps.map((step) => 1_767_225_600_000 + step * 20),
    metrics: {
      loss: steps.map(value),
      acc: steps.map(() => (random.chance(0.5) ? value() : null)),
    },
  }
}

if (import.meta.main) {
  const [folder, seed, first] = process.argv.slice(2)
  const store = await openEmbedded(folder)
  for (let sequence = Number(first); ; sequence++) {
    const { steps, times, metrics } = arrivalOf(Number(seed), sequence)
    await store.journal.appendBatch(batch({ sequence, steps, timestamps: times, metrics }))
    process.stdout.write(`${sequence}\n`)
  }
}
