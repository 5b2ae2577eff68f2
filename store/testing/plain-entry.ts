import type { Entry } from '../journal/entry.ts'

/** An entry as JSON can hold it: what JSON has no number for (NaN, Infinity, -Infinity, -0) is a string. */
export interface PlainEntry {
  steps: PlainNumber[]
  timestamps: PlainNumber[]
  /** `rows` null: every row has a value. */
  columns: { metric: string; rows: number[] | null; values: PlainNumber[] }[]
}

type PlainNumber = number | string

export function entryOf(plain: PlainEntry): Entry {
  return {
    steps: Float64Array.from(plain.steps, Number),
    timestamps: Float64Array.from(plain.timestamps, Number),
    columns: plain.columns.map(({ metric, rows, values }) => ({
      metric,
      values: Float64Array.from(values, Number),
      rows: rows === null ? undefined : Uint32Array.from(rows),
    })),
  }
}

export function plainOf(entry: Entry): PlainEntry {
  return {
    steps: Array.from(entry.steps, plainNumber),
    timestamps: Array.from(entry.timestamps, plainNumber),
    columns: entry.columns.map(({ metric, rows, values }) => ({
      metric,
      rows: rows ? [...rows] : null,
      values: Array.from(values, plainNumber),
    })),
  }
}

export const plainNumber = (value: number): PlainNumber =>
  Object.is(value, -0) ? '-0' : Number.isFinite(value) ? value : String(value)
