import { sql } from 'kysely'
import type { Database } from '../engines/engine.ts'
import type { RunId } from '../tables.ts'

/** A run of which points still stand in the journal. */
export interface LiveRun {
  run: RunId
  /** Position of its first entry there. */
  first: number
  /** Position that its next entry will have. */
  next: number
  /** When its client last spoke, ms since the epoch. */
  heardAt: number
}

/** All live runs: from one to the next along the journal's key, however many entries each has. */
export async function readLiveRuns(db: Database): Promise<LiveRun[]> {
  const { rows } = await sql<LiveRun>`
    with recursive live(run) as (
      select min(run) from journal
      union all
      select (select min(journal.run) from journal where journal.run > live.run) from live where live.run is not null
    )
    select
      live.run,
      (select min(journal.position) from journal where journal.run = live.run) as "first",
      heads.next_position as "next",
      heads.heard_at as "heardAt"
    from live join heads on heads.run = live.run`.execute(db)
  return rows
}

/** One run; undefined when it is not live. */
export async function readLiveRun(db: Database, run: RunId): Promise<LiveRun | undefined> {
  return db
    .selectFrom('heads')
    .innerJoin('journal', 'journal.run', 'heads.run')
    .select(['heads.run', 'journal.position as first', 'heads.next_position as next', 'heads.heard_at as heardAt'])
    .where('heads.run', '=', run)
    .orderBy('journal.position')
    .limit(1)
    .executeTakeFirst()
}
