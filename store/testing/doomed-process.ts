import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Store } from '../store.ts'
import { upload } from './ask-store.ts'
import { openEmbedded } from './embedded-store.ts'
import { batch, record } from './plain-appends.ts'

/*
 * A process that is going to be killed: it opens the store of a folder, does as it is told, and prints a line for whatever
 * was acknowledged. Run with the folder and a task as JSON.
 */

export const doomedProcess = fileURLToPath(import.meta.url)

export type Task =
  /** Everything at once, without end. `sequences`: what each writer sends first. `round` makes values unique. */
  | { do: 'append'; round: number; sequences: Record<string, number> }
  /** Deletes a run, and is in the middle of an upload. */
  | { do: 'delete'; project: string; run: string }

export const rowsPerBatch = 3
/** The value of a row of a writer's batch: the same each time that it is sent. */
export const batchValue = (sequence: number, row: number): number => sequence * rowsPerBatch + row
export const artifactText = (name: string): string => `the bytes of ${name}`

if (import.meta.main) {
  const [folder, task] = process.argv.slice(2)
  await work(await openEmbedded(folder), JSON.parse(task))
}

async function work(store: Store, task: Task): Promise<void> {
  if (task.do === 'delete') {
    const begun = Promise.withResolvers<void>()
    const receiving = store.artifacts.receive(new Readable({ read: () => begun.resolve() }))
    await begun.promise
    await store.catalog.deleteRun(task)
    acknowledge('deleted')
    await receiving
    return
  }
  await Promise.all([
    ...Array.from({ length: 20 }, (_, caller) => appendRecords(store, caller, task.round)),
    ...Object.entries(task.sequences).map(([writer, sequence]) => appendBatches(store, writer, sequence)),
    uploadArtifacts(store, task.round),
  ])
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
