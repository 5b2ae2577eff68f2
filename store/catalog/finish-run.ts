import type { Database } from '../engines/engine.ts'
import type { RunId, Tables } from '../tables.ts'
import type { Commit } from './commit.ts'
import { setEnding } from './run-ending.ts'
import { getAddressed, hearFrom, type RunAddress } from './write-catalog.ts'
import { finishWriter, hasOpenWriter, lastWriterEnd } from './writers.ts'

/** How a run ends, or one of its writers. */
export interface RunEnd extends RunAddress {
  exitCode: number
  /** A UUID in lower case: only this writer ends. */
  writer?: string
  /** False: how the run ends is for its other writers to say. */
  endsRun?: boolean
  /** When, by the clock of the training (ms since the epoch). */
  time?: number
  /** Why. */
  reason?: string
}

/**
 * Ends a run; or with `writer` one of its writers, and the run when there is no other that was heard of lately and has
 * not ended.
 * @throws runNotFound
 */
export async function finishRun(db: Database, end: RunEnd, commit: Commit): Promise<void> {
  const { exitCode, writer, reason = null } = end
  const run = await getAddressed(db, end, writer)
  const { nowMs } = commit
  const head = await readHead(db, run.id)
  const endedAt = endOf(run, head, end.time, nowMs)
  if (writer === undefined) {
    await setEnding(db, run.id, { code: null, reason })
    // Saying it again does not move the end.
    const isRepeated = run.finished_at !== null && end.time === undefined
    await endRun(db, run.id, exitCode, isRepeated ? run.finished_at : endedAt)
  } else {
    await finishWriter(db, run.id, { writer, exitCode, nowMs, endedAt })
    const before = head.ending_code
    if (end.endsRun === false) {
      // It may have been the last that the others' end waited for.
      if (run.status === 'running' && before !== null && !(await hasOpenWriter(db, run.id, nowMs))) {
        await endRun(db, run.id, before, await lastWriterEnd(db, run.id))
      }
      return await hearFrom(db, run.id, commit)
    }
    // One that was ended as a whole has ended as that said.
    if (run.status === 'running' || before !== null) {
      // The first failure is how it ends, and why.
      const ending = before ? { code: before, reason: run.finish_reason } : { code: exitCode, reason }
      if (before === 0 && exitCode === 0) ending.reason ??= run.finish_reason
      await setEnding(db, run.id, ending)
      if (!(await hasOpenWriter(db, run.id, nowMs))) {
        await endRun(db, run.id, ending.code, await lastWriterEnd(db, run.id))
      }
    }
  }
  await hearFrom(db, run.id, commit)
}

type Head = Pick<Tables['heads'], 'ending_code' | 'last_point_at' | 'last_point_heard_at'>

function readHead(db: Database, run: RunId): Promise<Head> {
  return db
    .selectFrom('heads')
    .select(['ending_code', 'last_point_at', 'last_point_heard_at'])
    .where('run', '=', run)
    .executeTakeFirstOrThrow()
}

/**
 * When a run ends: as its client says, or as long after its last point as that has been here, so that a run whose points
 * came late, or with times of their own, ends by the same clock. Never in the future, nor before it began.
 */
function endOf(run: Tables['runs'], head: Head, time: number | undefined, nowMs: number): number {
  const { last_point_at: lastAt, last_point_heard_at: heardAt } = head
  const said = time ?? (lastAt === null || heardAt === null ? nowMs : lastAt + (nowMs - heardAt))
  return Math.max(Math.min(Math.floor(said), nowMs), run.created_at)
}

async function endRun(db: Database, run: RunId, exitCode: number, finishedAt: number | null): Promise<void> {
  const status = exitCode === 0 ? 'finished' : 'failed'
  await db
    .updateTable('runs')
    .set({ status, exit_code: exitCode, finished_at: finishedAt })
    .where('id', '=', run)
    .execute()
}
