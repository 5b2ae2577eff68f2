import type { SpoolDocument } from './spool-format.ts'

/**
 * Where a run puts what it is told, before `log` returns: the spool on disk in Node, a bounded queue in a browser. A keeper
 * never throws: what it could not keep it counts.
 */
export interface Keeper {
  /** Where the values of the next row are put, in the order of its shape's keys. */
  readonly values: Float64Array
  /** Where what is kept ends, as a number that rises with each record; `Source.acknowledged` comes up to it. */
  readonly position: number
  /** Rows kept so far. */
  readonly rows: number
  /** How many calls had to be dropped. */
  readonly lost: number
  /** Why, for the last of them; empty when there was none. */
  readonly lossReason: string
  /** A name for these keys, in this order, which `keepRow` takes. */
  shapeOf(keys: readonly string[]): Shape
  /** Keeps a row of `values`. */
  keepRow(shape: Shape, step: number, time: number): void
  /** @returns false when there was no room */
  keepDocument(document: SpoolDocument): boolean
}

/** The metrics of a row. */
export interface Shape {
  readonly keys: readonly string[]
  /** The keeper's own number for it, and since when that holds; both are the keeper's. */
  number: number
  segment: number
}

/** What is sent, in order: each thing is there until it is passed over, and can be gone back to until acknowledged. */
export interface Source {
  /** The next row or document; undefined when there is nothing more now. The same until `pass`. */
  peek(): Item | undefined
  pass(): void
  /** Everything that was passed over has arrived. */
  acknowledge(): void
  /** Goes back to what is not acknowledged. */
  rewind(): void
  /**
   * Goes back, and gives no row again that the tracker has stored: so many, or undefined when it does not know the writer.
   * @returns whether it begins anew, as the tracker has lost what it had acknowledged
   */
  seek(storedRows?: number): boolean
  /** The row that `peek` gives will never be taken: it is passed over, and known as refused from now on. */
  refuse(reason: string): void
  /** Rows before what is acknowledged. */
  readonly acknowledgedRow: number
  /** The `position` up to which everything is acknowledged. */
  readonly acknowledged: number
  /** How many rows the tracker will never take, and why, for the last of them. */
  readonly refusedRows: number
  readonly refusedReason: string
}

export type Item = Row | { document: SpoolDocument }

/** One step's values: `values[at + i]` belongs to `keys[i]`. It may be overwritten by the next `peek`. */
export interface Row {
  document?: undefined
  keys: readonly string[]
  step: number
  /** Milliseconds since the epoch. */
  time: number
  values: Float64Array
  at: number
}
