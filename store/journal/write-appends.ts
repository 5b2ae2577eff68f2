import type { Problem } from '@aspara/protocol/errors.ts'
import { addRun, ensureProjects } from '../catalog/add-run.ts'
import type { Commit } from '../catalog/commit.ts'
import { reopenRun, statusAt } from '../catalog/run-status.ts'
import type { Database } from '../engines/engine.ts'
import type { RunId, Tables } from '../tables.ts'
import { type Append, type BatchReceipt, isBatch } from './appends.ts'
import { countPoints, encodeEntry } from './entry.ts'
import { type KnownRun, type KnownWriter, planAppends, runKey } from './plan-appends.ts'

/** Variables one statement may have: PostgreSQL takes 65,535, SQLite 32,766. */
const rowsPerStatement = 1_000

/**
 * A run that is about to be lost is taken for one that is: others may find it lost by their clocks before this commit is
 * on disk, and have to hear that it is not.
 */
const nearlyMs = 5_000

/** What became of a group of appends. */
export interface Written {
  /** One an append, in order. A record has nothing to tell. */
  outcomes: (BatchReceipt | Problem | undefined)[]
  /** What runs have in the journal now that they had not before. */
  journaled: { run: RunId; entries: number; points: number }[]
}

/**
 * Writes a group of appends in the caller's transaction. Each row that exactly-once rests on (an entry, its run's head,
 * its writer's next sequence) is written here and so commits together.
 */
export async function writeAppends(db: Database, appends: Append[], commit: Commit): Promise<Written> {
  const { nowMs, stamp } = commit
  const known = await findRuns(db, appends, nowMs)
  const { runs, outcomes } = planAppends(appends, known)

  const strangers = runs.filter((run) => run.id === undefined)
  if (strangers.length > 0) {
    await ensureProjects(db, new Set(strangers.map((run) => run.project)), nowMs)
    for (const run of strangers) run.id = await addRun(db, { project: run.project, name: run.name }, commit)
  }
  const rows = runs.flatMap((run) =>
    run.entries.map(({ position, entry }) => ({
      run: run.id as RunId,
      position,
      stamp,
      body: encodeEntry(entry),
    })),
  )
  for (let start = 0; start < rows.length; start += rowsPerStatement) {
    await db
      .insertInto('journal')
      .values(rows.slice(start, start + rowsPerStatement))
      .execute()
  }
  for (const run of runs) {
    await db
      .updateTable('heads')
      .set({
        next_position: run.nextPosition,
        last_step: run.lastStep,
        heard_at: nowMs,
        stamp,
        has_heartbeats: run.hasHeartbeats ? 1 : 0,
        // That it is running again is told to whoever watches.
        ...((run.isLost || run.isReopened) && { described: stamp }),
      })
      .where('run', '=', run.id as RunId)
      .execute()
    if (run.isReopened) await reopenRun(db, run.id as RunId)
    for (const writer of run.moved) {
      const { nextSequence, receipt, label, client } = run.writers.get(writer) as KnownWriter
      const moved = {
        next_sequence: nextSequence,
        ...receipt,
        heard_at: nowMs,
        ...(label !== undefined && { label }),
        ...(client !== undefined && { client }),
      }
      await db
        .insertInto('writers')
        .values({ run: run.id as RunId, writer, ...moved })
        .onConflict((conflict) => conflict.columns(['run', 'writer']).doUpdateSet(moved))
        .execute()
    }
  }
  const journaled = runs.map(({ id, entries }) => ({
    run: id as RunId,
    entries: entries.length,
    points: entries.reduce((sum, { entry }) => sum + countPoints(entry), 0),
  }))
  return { outcomes, journaled }
}

/** Reads what planning needs: one statement for the runs, one for the writers. */
async function findRuns(db: Database, appends: Append[], nowMs: number): Promise<Map<string, KnownRun<RunId>>> {
  const known = new Map<string, KnownRun<RunId>>()
  for (const { project, run } of appends) {
    const key = runKey(project, run)
    if (known.has(key)) continue
    const nothing = { nextPosition: 0, lastStep: null, hasHeartbeats: false, isLost: false, isEndedByWriters: false }
    known.set(key, { id: undefined, project, name: run, ...nothing, writers: new Map() })
  }
  const byId = new Map<RunId, KnownRun<RunId>>()
  const wanted = [...known.values()]
  const found = await db
    .selectFrom('runs')
    .innerJoin('heads', 'heads.run', 'runs.id')
    .select(['runs.id', 'runs.project', 'runs.name', 'runs.status', 'heads.ending_code'])
    .select(['heads.next_position', 'heads.last_step', 'heads.has_heartbeats'])
    .select(statusAt(nowMs + nearlyMs).as('status_now'))
    .where((eb) =>
      wanted.length === 1
        ? eb.and({ project: wanted[0].project, name: wanted[0].name })
        : eb.eb(
            eb.refTuple('runs.project', 'runs.name'),
            'in',
            wanted.map((run) => eb.tuple(run.project, run.name)),
          ),
    )
    .execute()
  for (const row of found) {
    const run = known.get(runKey(row.project, row.name)) as KnownRun<RunId>
    run.id = row.id
    run.nextPosition = row.next_position
    run.lastStep = row.last_step
    run.hasHeartbeats = row.has_heartbeats === 1
    run.isLost = row.status_now !== row.status
    run.isEndedByWriters = row.status !== 'running' && row.ending_code !== null
    byId.set(row.id, run)
  }

  const writers = new Set(appends.filter(isBatch).map((batch) => batch.writer))
  if (writers.size > 0 && byId.size > 0) {
    const found = await db
      .selectFrom('writers')
      .selectAll()
      .where('run', 'in', [...byId.keys()])
      .where('writer', 'in', [...writers])
      .execute()
    for (const row of found) byId.get(row.run)?.writers.set(row.writer, knownWriter(row))
  }
  return known
}

function knownWriter({ next_sequence, rows, points, checksum, finished_at }: Tables['writers']): KnownWriter {
  const receipt = rows === null || points === null || checksum === null ? undefined : { rows, points, checksum }
  return { nextSequence: next_sequence, receipt, isFinished: finished_at !== null }
}
