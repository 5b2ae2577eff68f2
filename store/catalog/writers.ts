import { limits } from '@aspara/protocol/limits.ts'
import type { RunWriter } from '@aspara/protocol/writers.ts'
import type { Database } from '../engines/engine.ts'
import type { RunId, Tables } from '../tables.ts'
import type { Commit } from './commit.ts'
import { moment } from './run-rows.ts'

/** The writers of a run that were heard of last, the newest first. */
export async function newestWriters(db: Database, run: RunId): Promise<RunWriter[]> {
  const rows = await db
    .selectFrom('writers')
    .selectAll()
    .where('run', '=', run)
    .orderBy('heard_at', (by) => by.desc().nullsLast())
    .orderBy('writer')
    .limit(limits.runWritersMax)
    .execute()
  return rows.map(runWriter)
}

/** Whether one of a run's writers that have not ended has been heard of lately (ms since the epoch). */
export async function hasOpenWriter(db: Database, run: RunId, nowMs: number): Promise<boolean> {
  const open = await db
    .selectFrom('writers')
    .select('writer')
    .where('run', '=', run)
    .where('finished_at', 'is', null)
    .where('heard_at', '>=', nowMs - limits.lostMs)
    .limit(1)
    .executeTakeFirst()
  return open !== undefined
}

export async function isKnownWriter(db: Database, run: RunId, writer: string): Promise<boolean> {
  const known = await db
    .selectFrom('writers')
    .select('writer')
    .where('run', '=', run)
    .where('writer', '=', writer)
    .executeTakeFirst()
  return known !== undefined
}

const nothingSent = { next_sequence: 0, rows: 0, points: 0, checksum: 0 }

/** Notes that a writer is there before its first batch: when it dies by then, its run is lost. */
export async function addWriter(db: Database, run: RunId, writer: string, { nowMs }: Commit): Promise<void> {
  await db
    .insertInto('writers')
    .values({ run, writer, ...nothingSent, heard_at: nowMs })
    .onConflict((conflict) => conflict.columns(['run', 'writer']).doUpdateSet({ heard_at: nowMs }))
    .execute()
  await db.updateTable('heads').set({ has_heartbeats: 1 }).where('run', '=', run).execute()
}

/** When the last of a run's writers ended that have, by the clock of the training; null: none has. */
export async function lastWriterEnd(db: Database, run: RunId): Promise<number | null> {
  const { last } = await db
    .selectFrom('writers')
    .select((eb) => eb.fn.max('finished_at').as('last'))
    .where('run', '=', run)
    .executeTakeFirstOrThrow()
  return last
}

/** Notes that a writer has ended. What it said first stays when it says so again. */
export async function finishWriter(
  db: Database,
  run: RunId,
  { writer, exitCode, nowMs, endedAt }: { writer: string; exitCode: number; nowMs: number; endedAt: number },
): Promise<void> {
  const ended = { heard_at: nowMs, finished_at: endedAt, exit_code: exitCode }
  await db
    .insertInto('writers')
    .values({ run, writer, ...nothingSent, ...ended })
    .onConflict((conflict) =>
      conflict.columns(['run', 'writer']).doUpdateSet(ended).where('writers.finished_at', 'is', null),
    )
    .execute()
}

const checksumDigits = 8

export function runWriter(row: Tables['writers']): RunWriter {
  return {
    writer: row.writer,
    label: row.label,
    next_sequence: row.next_sequence,
    rows: row.rows,
    points: row.points,
    checksum: row.checksum === null ? null : row.checksum.toString(16).padStart(checksumDigits, '0'),
    heard_at: row.heard_at === null ? null : moment(row.heard_at),
    finished_at: row.finished_at === null ? null : moment(row.finished_at),
    exit_code: row.exit_code,
    client: row.client === null ? null : JSON.parse(row.client),
  }
}
