import type { Stamp } from '../tables.ts'

/** When a transaction happens: by the clock, and in the order of all of them. */
export interface Commit {
  nowMs: number
  stamp: Stamp
}

/** The commit at a moment, after the one with the stamp `last`. */
export const commitAt = (nowMs: number, last: Stamp = 0): Commit => ({
  nowMs,
  stamp: Math.max(last + 1, Math.trunc(nowMs) * 1_000),
})
