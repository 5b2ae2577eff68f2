import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { ArtifactFolder } from '../artifacts/folder.ts'
import { commitAt } from '../catalog/commit.ts'
import { deleteRun, discardRun } from '../catalog/deletions.ts'
import type { RunAddress } from '../catalog/write-catalog.ts'
import type { Store } from '../store.ts'
import { clearDeletedRuns } from '../threads/clear-deleted-runs.ts'
import { upload } from './ask-store.ts'
import { openEmbedded } from './embedded-store.ts'
import { openDatabase } from './open-database.ts'
import { batch, record } from './plain-appends.ts'

/*
 * A process that is going to be killed: it opens the store of a folder, does as it is told, and prints a line for whatever
 * was acknowledged. Run with the folder and a task as JSON.
 */

export const doomedProcess = fileURLToPath(import.meta.url)

export type Task =
  /** Everything at once, without end. `sequences`: what each writer sends first. `round` makes values unique. */
  | { do: 'append'; round: number; sequences: Record<string, number> }
  /** Sends batches of a writer without end, and meanwhile deletes and restores their run. */
  | { do: 'trash'; sequence: number }
  /** Deletes a run while it takes in an upload, and kills itself in the middle of both. */
  | { do: 'delete'; project: string; run: string }

export const rowsPerBatch = 3
/** The value of a row of a writer's batch: the same each time that it is sent. */
export const batchValue = (sequence: number, row: number): number => sequence * rowsPerBatch + row
export const artifactText = (name: string): string => `the bytes of ${name}`

if (import.meta.main) {
  const [folder, argument] = process.argv.slice(2)
  const task: Task = JSON.parse(argument)
  if (task.do === 'delete') await deleteHalf(folder, task)
  else if (task.do === 'trash') await appendToTrash(await openEmbedded(folder), task.sequence)
  else await appendAll(await openEmbedded(folder), task)
}

async function appendAll(store: Store, task: Extract<Task, { do: 'append' }>): Promise<void> {
  await Promise.all([
    ...Array.from({ length: 20 }, (_, caller) => appendRecords(store, caller, task.round)),
    ...Object.entries(task.sequences).map(([writer, sequence]) => appendBatches(store, writer, sequence)),
    uploadArtifacts(store, task.round),
  ])
}

async function appendToTrash(store: Store, sequence: number): Promise<void> {
  await Promise.all([appendBatches(store, 'a', sequence), deleteAndRestore(store, { project: 'p', run: 'batches-a' })])
}

async function deleteAndRestore({ catalog }: Store, { project, run }: RunAddress): Promise<never> {
  for (;;) {
    // The first batch makes the run; and it may be in the trash since the last kill.
    const [entry] = await catalog.listTrash({ project }, {}).then(
      ({ runs }) => runs,
      () => [],
    )
    const isThere = await catalog.requireRun({ project, run }).then(
      () => true,
      () => false,
    )
    if (entry) acknowledge(`restored ${(await catalog.restoreRun({ project, trashId: entry.trash_id })).name}`)
    else if (isThere) acknowledge(`deleted ${(await catalog.deleteRun({ project, run })).trashId}`)
  }
}

/** What the writer thread does for a deletion, up to the middle: by then the thread itself could be done with all of it. */
async function deleteHalf(folder: string, address: RunAddress): Promise<void> {
  const artifacts = new ArtifactFolder(join(folder, 'artifacts'))
  await artifacts.open()
  const begun = Promise.withResolvers<void>()
  artifacts.receive(new Readable({ read: () => begun.resolve() }))
  await begun.promise
  const { db, engine } = await openDatabase(folder)
  await db.transaction().execute(async (trx) => {
    const { trashId } = await deleteRun(trx, address, commitAt(Date.now()))
    await discardRun(trx, { project: address.project, trashId })
  })
  acknowledge('deleted')
  await clearDeletedRuns(db)
  await engine.reclaim(db)
  process.kill(process.pid, 'SIGKILL')
}

async function appendRecords(store: Store, caller: number, round: number): Promise<never> {
  for (let count = 0; ; count++) {
    const value = (round * 100 + caller) * 1e6 + count
    await store.journal.appendRecord(record(`records-${caller % 3}`, null, { value }))
    acknowledge(`record ${value}`)
  }
}

async function appendBatches(store: Store, writer: string, first: number): Promise<never> {
  for (let sequence = first; ; sequence++) {
    const values = Array.from({ length: rowsPerBatch }, (_, row) => batchValue(sequence, row))
    const sent = {
      run: `batches-${writer}`,
      writer,
      sequence,
      steps: values.map(() => null),
      metrics: { value: values },
    }
    await store.journal.appendBatch(batch(sent))
    acknowledge(`batch ${writer} ${sequence}`)
  }
}

async function uploadArtifacts(store: Store, round: number): Promise<never> {
  const address = { project: 'p', run: 'artifacts' }
  await store.journal.appendRecord(record(address.run, null, {}))
  for (let count = 0; ; count++) {
    const name = `a-${round}-${count}`
    await upload(store, { ...address, name }, artifactText(name))
    acknowledge(`artifact ${name}`)
  }
}

/** A pipe is written to at once: what was printed before a kill has been printed. */
function acknowledge(what: string): void {
  process.stdout.write(`${what}\n`)
}
