import { sql } from 'kysely'
import type { Database } from '../engines/engine.ts'
import type { RunId } from '../tables.ts'

/** The runs of which points still stand in the journal: from one to the next along its key, however many entries each has. */
export async function readLiveRuns(db: Database): Promise<RunId[]> {
  const { rows } = await sql<{ run: RunId }>`
    with recursive live(run) as (
      select min(run) from journal
      union all
      select (select min(journal.run) from journal where journal.run > live.run) from live where live.run is not null
    )
    select run from live where run is not null`.execute(db)
  return rows.map((row) => row.run)
}
