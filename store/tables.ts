import type { Generated } from 'kysely'

/**
 * Every table and column that lands on disk. Whatever grows is keyed first by the run's id, and nothing counts across
 * runs, so that an engine that shards by key can spread it. Times are milliseconds since the epoch; JSON is text.
 */
export interface Tables {
  projects: {
    name: string
    display_name: string | null
    tags: string
    notes: string
    created_at: number
  }
  runs: {
    id: RunId
    project: string
    name: string
    display_name: string | null
    status: 'running' | 'finished' | 'failed'
    exit_code: number | null
    tags: string
    notes: string
    config: string
    summary: string
    created_at: number
    finished_at: number | null
  }
  /** What every commit of a run changes, apart from `runs` so that its config is not written again with each point. */
  heads: {
    run: RunId
    next_position: number
    /** The highest step so far; null before the first. */
    last_step: number | null
    heard_at: number
  }
  /** What exactly-once needs: the number that a writer's next batch has to have. */
  writers: {
    run: RunId
    writer: string
    next_sequence: number
  }
  /** What is acknowledged: a row for what one commit took from one run (docs/format/journal.md). */
  journal: {
    run: RunId
    position: number
    step_min: number
    body: Uint8Array
  }
  artifacts: {
    run: RunId
    name: string
    sha256: string
    size: number
    description: string | null
    category: 'code' | 'model' | 'config' | 'data' | 'other' | null
    created_at: number
  }
  /** Runs that are deleted and whose journal has not been cleared yet. */
  deleted_runs: { run: RunId }
  /** Files that an artifact no longer names; they go when no other does either. */
  dropped_files: { id: Generated<number>; sha256: string }
}

/**
 * A run's key: it outlives the name, so that a run made anew under a deleted one's name shares nothing with it.
 * Milliseconds since 2020 and 12 random bits (53 in all): newer runs have higher ids, and no counter is shared.
 */
export type RunId = number

const idEpochMs = Date.UTC(2020, 0)

/** A new run's id. */
export function newRunId(nowMs: number, random: () => number): RunId {
  return Math.max(0, Math.trunc(nowMs) - idEpochMs) * 4096 + Math.floor(random() * 4096)
}
