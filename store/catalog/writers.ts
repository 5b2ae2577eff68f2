import { limits } from '@aspara/protocol/limits.ts'
import type { RunWriter } from '@aspara/protocol/writers.ts'
import type { Database } from '../engines/engine.ts'
import type { RunId, Tables } from '../tables.ts'
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

/** Notes that a writer has ended. What it said first stays when it says so again. */
export async function finishWriter(
  db: Database,
  run: RunId,
  { writer, exitCode, nowMs }: { writer: string; exitCode: number; nowMs: number },
): Promise<void> {
  const ended = { heard_at: nowMs, finished_at: nowMs, exit_code: exitCode }
  await db
    .insertInto('writers')
    .values({ run, writer, next_sequence: 0, rows: 0, points: 0, checksum: 0, ...ended })
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
