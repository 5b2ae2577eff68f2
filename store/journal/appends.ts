import type { Column } from './entry.ts'

/** One step of one run, as it waits to be committed. */
export interface RecordAppend {
  project: string
  run: string
  /** null: the run's next one. */
  step: number | null
  /** Milliseconds since the epoch. */
  timestamp: number
  metrics: string[]
  /** One a metric. */
  values: number[]
}

/** A numbered batch of one writer. */
export interface BatchAppend {
  project: string
  run: string
  /** A UUID in lower case. */
  writer: string
  sequence: number
  /** NaN asks for the run's next step. */
  steps: Float64Array
  /** Milliseconds since the epoch. */
  timestamps: Float64Array
  columns: Column[]
  /** Which process the writer is; undefined: as it said before. */
  label?: string
  /** JSON: what its client says of itself; undefined: as it said before. */
  client?: string
}

export type Append = RecordAppend | BatchAppend

export const isBatch = (append: Append): append is BatchAppend => 'writer' in append

export interface BatchReceipt {
  next_sequence: number
  /** The batch was here already and is not stored again. */
  duplicate: boolean
}
