import { limits } from '@aspara/protocol/limits.ts'
import type { RunStatus } from '@aspara/protocol/run-status.ts'
import { type Expression, type ExpressionWrapper, expressionBuilder, type SqlBool, sql } from 'kysely'
import type { Database } from '../engines/engine.ts'
import type { RunId, Tables } from '../tables.ts'

/*
 * What a run is at a moment (milliseconds since the epoch), in a query of `runs` with `heads`. Nobody writes down that a
 * run is lost, or that it ended with those of its writers that had ended when the others fell silent: it is so by the
 * clock, and no longer so when it speaks again.
 */

export function statusAt(nowMs: number): ExpressionWrapper<Tables, 'runs' | 'heads', RunStatus> {
  return eb
    .case()
    .when(eb.and([isSilent(nowMs), eb('heads.ending_code', '=', 0)]))
    .then<RunStatus>('finished')
    .when(eb.and([isSilent(nowMs), eb('heads.ending_code', 'is not', null)]))
    .then<RunStatus>('failed')
    .when(eb.and([isSilent(nowMs), eb('heads.has_heartbeats', '=', 1)]))
    .then<RunStatus>('lost')
    .else(eb.ref('runs.status'))
    .end()
}

export function exitCodeAt(nowMs: number): ExpressionWrapper<Tables, 'runs' | 'heads', number | null> {
  return eb.case().when(isSilent(nowMs)).then(eb.ref('heads.ending_code')).else(eb.ref('runs.exit_code')).end()
}

/** When it ended, in milliseconds since the epoch: one that ended by falling silent did so when it was heard of last. */
export function finishedAt(nowMs: number): ExpressionWrapper<Tables, 'runs' | 'heads', number | null> {
  return eb
    .case()
    .when(eb.and([isSilent(nowMs), eb('heads.ending_code', 'is not', null)]))
    .then(lastSignAt().$castTo<number | null>())
    .else(eb.ref('runs.finished_at'))
    .end()
}

/** How many seconds it took, or has been at it so far. */
export function durationAt(nowMs: number): Expression<number> {
  const end = sql<number>`coalesce(${finishedAt(nowMs)}, ${lastSignAt()})`
  return sql<number>`(${end} - ${eb.ref('runs.created_at')}) / 1000.0`
}

/**
 * When it was heard of last, by the clock of its points, which may have come late or with times of their own: as long after
 * its last point as something came after that.
 */
function lastSignAt(): ExpressionWrapper<Tables, 'runs' | 'heads', number> {
  const afterLastPoint = eb('heads.heard_at', '-', eb.ref('heads.last_point_heard_at').$notNull())
  return eb
    .case()
    .when('heads.last_point_at', '<', eb.ref('heads.last_point_heard_at'))
    .then(eb(eb.ref('heads.last_point_at').$notNull(), '+', eb.parens(afterLastPoint)))
    .else(eb.ref('heads.heard_at'))
    .end()
}

/** Makes one that has ended go on. */
export async function reopenRun(db: Database, run: RunId): Promise<void> {
  await db
    .updateTable('runs')
    .set({ status: 'running', exit_code: null, finished_at: null })
    .where('id', '=', run)
    .execute()
}

/** Says when a run began, where that is earlier than what is known. */
export async function beginRun(db: Database, run: RunId, createdAt: number): Promise<void> {
  await db.updateTable('runs').set({ created_at: createdAt }).where('id', '=', run).execute()
}

const eb = expressionBuilder<Tables, 'runs' | 'heads'>()

const isSilent = (nowMs: number): Expression<SqlBool> =>
  eb.and([eb('runs.status', '=', 'running'), eb('heads.heard_at', '<', nowMs - limits.lostMs)])
