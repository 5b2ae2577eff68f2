import type { BatchAppend, RecordAppend } from '../journal/appends.ts'

/** A record at `step` (null: the next one) of a run in project `p`. */
export function record(run: string, step: number | null, metrics: Record<string, number>, timestamp = 0): RecordAppend {
  return { project: 'p', run, step, timestamp, metrics: Object.keys(metrics), values: Object.values(metrics) }
}

export interface PlainBatch {
  project?: string
  run?: string
  /** One letter or digit of a UUID is enough. */
  writer?: string
  sequence: number
  /** null: the next one. */
  steps: (number | null)[]
  timestamps?: number[]
  /** null: not logged in that row. */
  metrics?: Record<string, (number | null)[]>
}

export function batch(plain: PlainBatch): BatchAppend {
  const { project = 'p', run = 'r', writer = 'a', sequence, steps, timestamps, metrics = {} } = plain
  return {
    project,
    run,
    writer: writerOf(writer),
    sequence,
    steps: Float64Array.from(steps, (step) => step ?? Number.NaN),
    timestamps: timestamps ? Float64Array.from(timestamps) : new Float64Array(steps.length),
    columns: Object.entries(metrics).flatMap(([metric, cells]) => {
      const rows = cells.flatMap((cell, row) => (cell === null ? [] : [row]))
      if (rows.length === 0) return []
      const values = Float64Array.from(rows, (row) => cells[row] as number)
      return { metric, values, rows: rows.length === cells.length ? undefined : Uint32Array.from(rows) }
    }),
  }
}

/** A writer's UUID from a few letters of it. */
export const writerOf = (letters: string): string =>
  `00000000-0000-4000-8000-${letters.replace(/[^0-9a-f]/g, '').padStart(12, '0')}`

/** A batch of columns as they are, for many points; every row has a value of every metric. */
export function columnsBatch(
  plain: Partial<Omit<BatchAppend, 'columns' | 'writer'>> & {
    sequence: number
    steps: Float64Array
    metrics: Record<string, Float64Array>
  },
): BatchAppend {
  const { project = 'p', run = 'r', sequence, steps, metrics, timestamps = steps.map((step) => step * 250) } = plain
  const columns = Object.entries(metrics).map(([metric, values]) => ({ metric, values, rows: undefined }))
  return { project, run, writer: writerOf('a'), sequence, steps, timestamps, columns }
}
