import { problem } from '@aspara/protocol/errors.ts'
import type { RunStatus } from '@aspara/protocol/run-status.ts'
import type { Run } from '@aspara/protocol/runs.ts'
import { sql } from 'kysely'
import type { Database } from '../engines/engine.ts'
import type { RunSummaries } from '../series/run-summaries.ts'
import type { Tables } from '../tables.ts'
import { durationAt, exitCodeAt, finishedAt, statusAt } from './run-status.ts'

/** Runs as they are told, at a moment in milliseconds since the epoch. */
export function selectRuns(db: Database, nowMs: number) {
  return db
    .selectFrom('runs')
    .innerJoin('heads', 'heads.run', 'runs.id')
    .selectAll('runs')
    .select(['heads.heard_at', statusAt(nowMs).as('status_now')])
    .select([exitCodeAt(nowMs).as('exit_code_now'), finishedAt(nowMs).as('finished_at_now')])
    .select(sql<number>`${durationAt(nowMs)}`.as('duration_now'))
}

export type RunRow = Tables['runs'] & {
  heard_at: number
  status_now: RunStatus
  exit_code_now: number | null
  finished_at_now: number | null
  duration_now: number
}

export async function runOf(row: RunRow, summaries: RunSummaries): Promise<Run> {
  return { ...describedRun(row), metrics: await summaries.read(row.id) }
}

/** A run without what its metrics came to. */
export function describedRun(row: RunRow): Omit<Run, 'metrics'> {
  return {
    project: row.project,
    name: row.name,
    run_id: row.name,
    number: row.number,
    id: row.given_id,
    display_name: row.display_name,
    group: row.group,
    job_type: row.job_type,
    status: row.status_now,
    exit_code: row.exit_code_now,
    tags: JSON.parse(row.tags),
    notes: row.notes,
    config: JSON.parse(row.config),
    summary: JSON.parse(row.summary),
    created_at: moment(row.created_at),
    heard_at: moment(row.heard_at),
    finished_at: row.finished_at_now === null ? null : moment(row.finished_at_now),
    duration: row.duration_now,
    finish_reason: hasEnded(row.status_now) ? row.finish_reason : null,
  }
}

const hasEnded = (status: RunStatus) => status === 'finished' || status === 'failed'

/** Runs that were found by their names, in the order of those. @throws runNotFound when one is missing */
export function inOrderOfNames<Named extends { name: string }>(names: string[], found: Named[]): Named[] {
  const byName = new Map(found.map((run) => [run.name, run]))
  return names.map((name) => {
    const run = byName.get(name)
    if (!run) throw problem('runNotFound')
    return run
  })
}

/** ISO 8601 in UTC. */
export const moment = (ms: number): string => new Date(ms).toISOString()
