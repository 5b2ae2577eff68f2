import type { Problem } from '@aspara/protocol/errors.ts'
import { addRun, ensureProjects } from '../catalog/add-run.ts'
import type { Commit } from '../catalog/commit.ts'
import { beginRun, reopenRun, statusAt } from '../catalog/run-status.ts'
import { batchKey, findTrashedOfBatches } from '../catalog/trashed-runs.ts'
import type { Database } from '../engines/engine.ts'
import type { RunId, Tables } from '../tables.ts'
import { type Append, type BatchAppend, type BatchReceipt, isBatch } from './appends.ts'
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
    for (const run of strangers) {
      const { project, name, createdAt } = run
      run.id = await addRun(db, { project, name, created_at: Math.min(createdAt, nowMs) }, commit)
      run.isOlder = false
    }
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
        ...(run.isLater && { last_point_at: run.lastPointAt, last_point_heard_at: nowMs }),
        // Listeners are told that it is running again, or began earlier.
        ...((run.isLost || run.isReopened || run.isOlder) && { described: stamp }),
      })
      .where('run', '=', run.id as RunId)
      .execute()
    if (run.isReopened) await reopenRun(db, run.id as RunId)
    if (run.isOlder) await beginRun(db, run.id as RunId, run.createdAt)
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

/** Reads what planning needs: one statement for the runs, one for the writers; more only for batches that find no run. */
async function findRuns(db: Database, appends: Append[], nowMs: number): Promise<Map<string, KnownRun<RunId>>> {
  const known = new Map<string, KnownRun<RunId>>()
  for (const { project, run } of appends) {
    const key = runKey(project, run)
    if (known.has(key)) continue
    known.set(key, unknownRun(project, run))
  }
  const byId = new Map<RunId, KnownRun<RunId>>()
  const wanted = [...known.values()]
  const found = await selectHeads(db, nowMs)
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
    byId.set(row.id, fill(known.get(runKey(row.project, row.name)) as KnownRun<RunId>, row))
  }

  const batches = appends.filter(isBatch)
  const homeless = batches.filter(({ project, run }) => known.get(runKey(project, run))?.id === undefined)
  if (homeless.length > 0) await findInTrash(db, { known, byId, batches: homeless, nowMs })
  const writers = new Set(batches.map((batch) => batch.writer))
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

/** Adds the runs in the trash that batches are for which found no run of their name. */
async function findInTrash(
  db: Database,
  found: {
    known: Map<string, KnownRun<RunId>>
    byId: Map<RunId, KnownRun<RunId>>
    batches: BatchAppend[]
    nowMs: number
  },
): Promise<void> {
  const { known, byId, batches, nowMs } = found
  const takers = await findTrashedOfBatches(db, batches)
  if (takers.size === 0) return
  const rows = await selectHeads(db, nowMs)
    .where('runs.id', 'in', [...new Set(takers.values())])
    .execute()
  for (const row of rows) byId.set(row.id, fill(unknownRun(row.project, row.name), row))
  for (const batch of batches) {
    const taker = byId.get(takers.get(batchKey(batch)) as RunId)
    const run = known.get(runKey(batch.project, batch.run)) as KnownRun<RunId>
    if (!taker) continue
    run.trashed ??= new Map()
    run.trashed.set(batch.writer, taker)
  }
}

const unknownRun = (project: string, name: string): KnownRun<RunId> => ({
  ...{ id: undefined, project, name, nextPosition: 0, lastStep: null, createdAt: Infinity, lastPointAt: null },
  ...{ hasHeartbeats: false, isLost: false, isEndedByWriters: false, writers: new Map() },
})

function selectHeads(db: Database, nowMs: number) {
  return db
    .selectFrom('runs')
    .innerJoin('heads', 'heads.run', 'runs.id')
    .select(['runs.id', 'runs.project', 'runs.name', 'runs.status', 'runs.created_at', 'heads.ending_code'])
    .select(['heads.next_position', 'heads.last_step', 'heads.last_point_at', 'heads.has_heartbeats'])
    .select(statusAt(nowMs + nearlyMs).as('status_now'))
}

type HeadRow = Awaited<ReturnType<ReturnType<typeof selectHeads>['execute']>>[number]

/** Writes into `run` what is known of it. */
function fill(run: KnownRun<RunId>, row: HeadRow): KnownRun<RunId> {
  run.id = row.id
  run.nextPosition = row.next_position
  run.lastStep = row.last_step
  run.createdAt = row.created_at
  run.lastPointAt = row.last_point_at
  run.hasHeartbeats = row.has_heartbeats === 1
  run.isLost = row.status_now !== row.status
  run.isEndedByWriters = row.status !== 'running' && row.ending_code !== null
  return run
}

function knownWriter({ next_sequence, rows, points, checksum, finished_at }: Tables['writers']): KnownWriter {
  const receipt = rows === null || points === null || checksum === null ? undefined : { rows, points, checksum }
  return { nextSequence: next_sequence, receipt, isFinished: finished_at !== null }
}
