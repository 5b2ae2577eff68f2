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
    /** The stamp of the last deletion among its runs; before the first, of when it was made. */
    removed: Generated<Stamp>
    /** The stamp of the last change of what it says of itself: its display name, tags and notes. */
    described: Generated<Stamp>
    /** The number of the run that was made last: none is given twice. */
    runs_made: Generated<number>
  }
  runs: {
    id: RunId
    /** Its project; of a run in the trash the trash of that, see catalog/trashed-runs.ts. */
    project: string
    /** Unique in there: of a run in the trash its id in the trash. */
    name: string
    /** Counts from 1 in a project, in the order in which its runs were made. */
    number: number
    display_name: string | null
    status: 'running' | 'finished' | 'failed'
    exit_code: number | null
    tags: string
    notes: string
    config: string
    summary: string
    /** When the training began: never after its earliest point, or what its client said, however late they came. */
    created_at: number
    /** When the training ended, by the same clock. */
    finished_at: number | null
    /** Why it ended, as its client said. It goes with `heads.ending_code` while not all of the writers have ended. */
    finish_reason: string | null
    /** The client's own id of it, by which creating it again is known to be the same; unique in the project. */
    given_id: string | null
    group: string | null
    job_type: string | null
  }
  /** What every commit of a run changes, apart from `runs` so that its config is not written again with each point. */
  heads: {
    run: RunId
    next_position: number
    /** The highest step so far; null before the first. */
    last_step: number | null
    heard_at: number
    /** Of the last change of any kind. */
    stamp: Generated<Stamp>
    /** Of the last change of what is told about the run: all but its points. */
    described: Generated<Stamp>
    /** Of the newest entry that has left the journal for the series. */
    compacted: Generated<Stamp>
    /** 1 when it has a writer, which gives signs of life: silence then means that the run is lost. */
    has_heartbeats: Generated<0 | 1>
    /** The latest time of a point, and when that point arrived; null before the first, and for older points. */
    last_point_at: number | null
    last_point_heard_at: number | null
    /**
     * With what the run ends when all of its writers have: the first exit code that is not 0 of those that have. null
     * when none has, and when the run was ended as a whole.
     */
    ending_code: number | null
  }
  /** What exactly-once needs, the number that a writer's next batch has to have; and its receipt (docs/format/spool.md). */
  writers: {
    run: RunId
    writer: string
    next_sequence: number
    /** These three are null when the writer is older than receipts. */
    rows: number | null
    points: number | null
    /** A CRC-32, unsigned. */
    checksum: number | null
    /** Of its last batch, or its end; null when it is older than receipts. */
    heard_at: number | null
    /** By the clock of the training, like the run's. */
    finished_at: number | null
    exit_code: number | null
    /** Which process it is, in its own words. */
    label: string | null
    /** JSON: what its client says of itself. */
    client: string | null
  }
  /** What is acknowledged: a row for what one commit took from one run (docs/format/journal.md). */
  journal: {
    run: RunId
    position: number
    /** Of the commit that wrote it. */
    stamp: Generated<Stamp>
    body: Uint8Array
  }
  /** What is kept of each metric beside its chunks, for lists that sort and filter (docs/format/series.md). */
  series: {
    run: RunId
    /** Counts from 0 in a run, in the order in which its metrics were compacted. */
    number: number
    /** The run's, again: so that runs are sorted by a metric in one pass over an index. */
    project: string
    metric: string
    count: number
    nonfinite: number
    /** These are null where they are not finite, or there is none. `rollup` has them all, with their steps. */
    first: number | null
    last: number | null
    min: number | null
    max: number | null
    mean: number | null
    /** All points as one rollup. */
    rollup: Uint8Array
    /** The levels of rollups, as JSON: `{"kept":{"1":15625},"skipped":{}}` is level 1 with so many rollups. */
    levels: string
  }
  /** The points of a series (level 0) and their rollups (docs/format/series.md). */
  chunks: {
    run: RunId
    series: number
    level: number
    first_step: number
    /** Tells chunks apart that begin with the same step; 0 but where more points share a step than a chunk holds. */
    part: number
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
  /** Runs that are deleted: in the trash of their project, and then until their journal and series are cleared. */
  deleted_runs: {
    run: RunId
    /** These three are of a run in the trash; null when it is being cleared. */
    project: string | null
    /** What it is called, and will be again. */
    name: string | null
    deleted_at: number | null
    /** 1 when batches of writers that it does not know yet are its own: they have made it again by its id. */
    takes_writers: Generated<0 | 1>
  }
  /** How people look at a project, by the names they gave. `view` is JSON of theirs. */
  views: {
    project: string
    name: string
    view: string
    created_at: number
    updated_at: number
  }
  /** Files that an artifact no longer names; they go when no other does either. */
  dropped_files: { id: Generated<number>; sha256: string }
}

/**
 * A run's key: it outlives the name, so that a run made anew under a deleted one's name shares nothing with it.
 * Milliseconds since 2020 and 12 random bits (53 in all): newer runs have higher ids, and no counter is shared.
 */
export type RunId = number

const idEpochMs = Date.UTC(2020, 0)

/**
 * Orders commits: microseconds since the epoch, made higher than the last one where the clock did not. Whoever has seen
 * all up to one stamp has to look only at what has a higher one.
 */
export type Stamp = number

/** A new run's id. */
export function newRunId(nowMs: number, random: () => number): RunId {
  return Math.max(0, Math.trunc(nowMs) - idEpochMs) * 4096 + Math.floor(random() * 4096)
}
