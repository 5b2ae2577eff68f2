import { randomUUID } from 'node:crypto'

/** Columns as a batch has them. */
export interface Columns {
  steps: number[]
  timestamps: number[]
  metrics: Record<string, number[]>
}

export interface MadeUpRun {
  name: string
  config: object
  group: string
  columns: Columns
}

/** Metrics of a project: `train/a`, `train/b` …, so many under each prefix. */
export const metricNames = (prefixes: string[], each: number): string[] =>
  prefixes.flatMap((prefix) => Array.from({ length: each }, (_, index) => `${prefix}/${letters(index)}`))

const letters = (index: number): string => String.fromCharCode(97 + (index % 26)) + (index < 26 ? '' : index)

const firstTime = 1_767_225_600_000

/** Runs whose numbers are the same in every run of the bench, for all contenders. */
export function madeUpRun(index: number, metrics: string[], rows: number): MadeUpRun {
  const random = seededRandom(index + 1)
  const optimizer = ['sgd', 'adam', 'adamw'][index % 3]
  return {
    name: `run-${String(index).padStart(5, '0')}`,
    config: {
      optimizer: { name: optimizer, learning_rate: Number((10 ** (-4 + 3 * random())).toPrecision(3)) },
      model: { width: 64 * 2 ** (index % 4), layers: 2 + (index % 5) },
      seed: index,
    },
    group: `${optimizer} ${index % 4}`,
    columns: makeColumns(metrics, rows, random)(0, rows),
  }
}

/** Makes columns from a step on. Each metric falls or rises over the span of steps, with noise; 20 ms a step. */
export function makeColumns(
  metrics: string[],
  span: number,
  random: () => number,
): (firstStep: number, rows: number) => Columns {
  const curves = metrics.map((metric, index) => {
    const pace = 1 + span * (0.05 + 0.2 * random())
    const floor = random()
    return [
      metric,
      (step: number) => {
        const fall = Math.exp(-step / pace)
        const value = index % 2 === 0 ? floor + fall : floor + 1 - fall
        // Seven digits, as a float32 has them.
        return Math.round((value + 0.1 * random()) * 1e6) / 1e6
      },
    ] as const
  })
  return (firstStep, rows) => {
    const steps = Array.from({ length: rows }, (_, row) => firstStep + row)
    return {
      steps,
      timestamps: steps.map((step) => firstTime + step * 20),
      metrics: Object.fromEntries(curves.map(([metric, valueAt]) => [metric, steps.map(valueAt)])),
    }
  }
}

/** Batches of one writer, in their order. */
export function* batches(metrics: string[], rows: number, rowsPerBatch: number): Generator<object> {
  const writer = randomUUID()
  const columnsFrom = makeColumns(metrics, rows, seededRandom(rows))
  for (let sequence = 0; sequence * rowsPerBatch < rows; sequence++) {
    const firstStep = sequence * rowsPerBatch
    yield { writer, sequence, ...columnsFrom(firstStep, Math.min(rowsPerBatch, rows - firstStep)) }
  }
}

/** Mulberry32: 0 to 1, the same numbers for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
