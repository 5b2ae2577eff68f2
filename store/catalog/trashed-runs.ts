import type { Database } from '../engines/engine.ts'
import type { RunId, Tables } from '../tables.ts'
import type { RunAddress } from './write-catalog.ts'

/*
 * A run in the trash is a run still: what changes is where it is found. Its row names the project's trash as its project
 * and its id there as its name, so that whoever asks for the project's runs, or for one by its name, does not meet it, and
 * what is done to it by its key (appends, its end, compaction) is done as to any other. What it is called, and where it
 * goes back to, stands in `deleted_runs`.
 */

const ending = '/trash'

/** The trash of a project, as `runs.project` has it: no project can be called that. */
export const trashOf = (project: string): string => project + ending

/** The project of a run, from what stands in `runs.project`. */
export const homeOf = (place: string): string => (place.endsWith(ending) ? place.slice(0, -ending.length) : place)

/** A run in the trash, and what it is called. */
export type TrashedRun = Tables['runs'] & { called: string }

/** The runs in a project's trash, the one that was deleted last first. */
export function selectTrashed(db: Database, project: string) {
  return db
    .selectFrom('deleted_runs')
    .innerJoin('runs', 'runs.id', 'deleted_runs.run')
    .where('deleted_runs.project', '=', project)
    .orderBy('deleted_runs.deleted_at', 'desc')
}

/**
 * The run in the trash that something is for which was sent to a name that no run has. With a writer: the one that knows
 * it, or that waits for new ones. Without, as configs and tags come: one that has an id of its client's, which goes on
 * sending and would take "not found" for a reason to send everything anew.
 */
export async function findTrashed(
  db: Database,
  { project, run }: RunAddress,
  writer?: string,
): Promise<TrashedRun | undefined> {
  const named = selectTrashed(db, project)
    .selectAll('runs')
    .select((eb) => eb.ref('deleted_runs.name').$notNull().as('called'))
    .where('deleted_runs.name', '=', run)
  if (writer === undefined) return named.where('runs.given_id', 'is not', null).executeTakeFirst()
  const known = await named
    .innerJoin('writers', (join) =>
      join.onRef('writers.run', '=', 'deleted_runs.run').on('writers.writer', '=', writer),
    )
    .executeTakeFirst()
  return known ?? named.where('deleted_runs.takes_writers', '=', 1).executeTakeFirst()
}

/** The same for many batches at once: the key of each one's run in the trash, by `batchKey`. */
export async function findTrashedOfBatches(db: Database, batches: NamedBatch[]): Promise<Map<string, RunId>> {
  const rows = await db
    .selectFrom('deleted_runs')
    .select(['project', 'name', 'run', 'takes_writers'])
    .where((eb) =>
      eb(
        eb.refTuple('project', 'name'),
        'in',
        batches.map((batch) => eb.tuple(batch.project, batch.run)),
      ),
    )
    .orderBy('deleted_at', 'desc')
    .execute()
  const found = new Map<string, RunId>()
  if (rows.length === 0) return found
  const known = await db
    .selectFrom('writers')
    .select(['run', 'writer'])
    .where(
      'run',
      'in',
      rows.map((row) => row.run),
    )
    .where('writer', 'in', [...new Set(batches.map((batch) => batch.writer))])
    .execute()
  const writers = new Set(known.map(({ run, writer }) => `${run} ${writer}`))
  const byName = Map.groupBy(rows, (row) => `${row.project}/${row.name}`)
  for (const batch of batches) {
    const its = byName.get(`${batch.project}/${batch.run}`) ?? []
    const taker =
      its.find((row) => writers.has(`${row.run} ${batch.writer}`)) ?? its.find((row) => row.takes_writers === 1)
    if (taker) found.set(batchKey(batch), taker.run)
  }
  return found
}

interface NamedBatch extends RunAddress {
  writer: string
}

export const batchKey = ({ project, run, writer }: NamedBatch): string => `${project}/${run} ${writer}`
