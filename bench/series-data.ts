import { randomUUID } from 'node:crypto'
import { commitAt } from '@aspara/store/catalog/commit.ts'
import { SqliteEngine } from '@aspara/store/engines/sqlite.ts'
import { writeAppends } from '@aspara/store/journal/write-appends.ts'

export const rowsPerBatch = 20_000

/** Losses as a float32 training has them, 20 ms a step with some jitter. Columns of one batch. */
export function lossColumns(firstStep: number, rows: number) {
  const steps = Array.from({ length: rows }, (_, row) => firstStep + row)
  return {
    steps,
    timestamps: steps.map((step) => 1_767_225_600_000 + step * 20 + Math.round(Math.random() * 6)),
    values: steps.map((step) => Math.fround(1 / (1 + step / 1_000) + Math.random() * 0.1)),
  }
}

/** Bodies of batches of one writer: `rows` steps each of these metrics. */
export function batchBodies(metrics: string[], rows: number, count: number, firstStep = 0): Buffer[] {
  const writer = randomUUID()
  return Array.from({ length: count }, (_, sequence) => {
    const { steps, timestamps, values } = lossColumns(firstStep + sequence * rows, rows)
    const columns = metrics.map((metric) => [metric, values.map((value) => Math.fround(value + Math.random() / 100))])
    return Buffer.from(JSON.stringify({ writer, sequence, steps, timestamps, metrics: Object.fromEntries(columns) }))
  })
}

/** A data directory as a tracker leaves it that was killed before it had compacted anything: all points in the journal. */
export async function fillJournal(folder: string, run: string, points: number): Promise<void> {
  const engine = new SqliteEngine(folder)
  await engine.take()
  const db = await engine.openWriter()
  const writer = randomUUID()
  let stamp = 0
  for (let sequence = 0; sequence * rowsPerBatch < points; sequence++) {
    const { steps, timestamps, values } = lossColumns(sequence * rowsPerBatch, rowsPerBatch)
    const batch = {
      project: 'bench',
      run,
      writer,
      sequence,
      steps: Float64Array.from(steps),
      timestamps: Float64Array.from(timestamps),
      columns: [{ metric: 'loss', values: Float64Array.from(values), rows: undefined }],
    }
    await db.transaction().execute((trx) => writeAppends(trx, [batch], commitAt(Date.now() - 60_000, stamp++)))
  }
  await db.destroy()
  await engine.release()
}
