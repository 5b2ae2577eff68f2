import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { ArtifactFolder } from '@aspara/store/artifacts/folder.ts'
import { commitAt } from '@aspara/store/catalog/commit.ts'
import { restoreRun } from '@aspara/store/catalog/deletions.ts'
import { listTrash } from '@aspara/store/catalog/list-trash.ts'
import { listWriters, readArtifact } from '@aspara/store/catalog/read-catalog.ts'
import { SqliteEngine } from '@aspara/store/engines/sqlite.ts'
import { encodeEntry } from '@aspara/store/journal/entry.ts'
import { encodeExport } from '@aspara/store/series/export.ts'
import { Tails } from '@aspara/store/series/tails.ts'
import { collect, eventually, exportOf, readLines } from '@aspara/store/testing/ask-store.ts'
import {
  artifactText,
  batchValue,
  doomedProcess,
  rowsPerBatch,
  type Task,
} from '@aspara/store/testing/doomed-process.ts'
import { openEmbedded } from '@aspara/store/testing/embedded-store.ts'
import { openDatabase } from '@aspara/store/testing/open-database.ts'
import { plainReceipt } from '@aspara/store/testing/plain-receipt.ts'
import { randomFromEnvironment } from '@aspara/store/testing/random.ts'
import { temporaryFolder } from '@aspara/store/testing/temporary-folder.ts'

const random = randomFromEnvironment()

/**
 * Starts a process on the folder and kills it when it has printed so many lines, or waits for it to kill itself.
 * @returns what it printed, which is what was acknowledged
 */
async function runAndKill(folder: string, task: Task, lineCount = Infinity): Promise<string[]> {
  const child = spawn(process.execPath, [doomedProcess, folder, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const errors = collect(child.stderr)
  const ended = once(child, 'close')
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
    if (printed.split('\n').length > lineCount) child.kill('SIGKILL')
  })
  const [, signal] = await ended
  assert.equal(signal, 'SIGKILL', `it ended by itself: ${await errors}`)
  // Of a line that was cut nobody knows.
  return printed.split('\n').slice(0, -1)
}

/** The values of a run's points, and that each is there once. */
async function valuesIn(folder: string, runs: string[]): Promise<Map<string, Set<number>>> {
  await using opened = await openDatabase(folder)
  const values = new Map<string, Set<number>>()
  for (const run of runs) {
    const pieces = await encodeExport(opened.db, new Tails(), exportOf({ project: 'p', run }))
    const points = readLines(String(await collect(pieces)))
    const its = new Set(points.map((point) => point.value))
    assert.equal(its.size, points.length, `every point of ${run} is there once`)
    assert.deepEqual(
      points.map((point) => point.step),
      points.map((_, index) => index),
      'each got the next step',
    )
    values.set(run, its)
  }
  return values
}

/** That the one writer of a run has a receipt of just the points that are there. */
async function assertReceipts(folder: string, run: string): Promise<void> {
  await using opened = await openDatabase(folder)
  const address = { project: 'p', run }
  const points = readLines(String(await collect(await encodeExport(opened.db, new Tails(), exportOf(address)))))
  const stored = Map.groupBy(points, ({ step, timestamp }) => `${step} ${timestamp}`)
  const rows = Array.from(stored.values(), (its) => ({
    step: its[0].step,
    timestamp: its[0].timestamp,
    values: its.map(({ metric, value }): [string, number] => [metric, value]),
  }))
  const { writers } = await listWriters(opened.db, { ...address, page: {} })
  assert.deepEqual(
    writers.map(({ rows, points, checksum }) => ({ rows, points, checksum })),
    [plainReceipt(rows)],
  )
}

test(`what was acknowledged before a kill is there once, seed ${random.seed}`, async (t) => {
  t.diagnostic(`ASPARA_TEST_SEED=${random.seed}`)
  const folder = await temporaryFolder()
  /** What each writer has to send next, as far as it knows: it does not know of a batch that was not acknowledged. */
  const sequences: Record<string, number> = { a: 0, b: 0 }
  const records: number[] = []
  const artifacts: string[] = []
  const recordRuns = ['records-0', 'records-1', 'records-2']
  for (let round = 0; round < 3; round++) {
    const lines = await runAndKill(folder, { do: 'append', round, sequences }, random.between(1, 600))
    for (const line of lines) {
      const [what, name, sequence] = line.split(' ')
      if (what === 'record') records.push(Number(name))
      else if (what === 'artifact') artifacts.push(name)
      else if (what === 'batch') sequences[name] = Number(sequence) + 1
      else assert.fail(line)
    }
    const writers = Object.keys(sequences).filter((writer) => sequences[writer] > 0)
    const values = await valuesIn(folder, [...recordRuns, ...writers.map((writer) => `batches-${writer}`)])
    const stored = new Set(recordRuns.flatMap((run) => [...(values.get(run) ?? [])]))
    for (const value of records) assert.ok(stored.has(value), `record ${value} was acknowledged in round ${round}`)
    for (const writer of writers) {
      const its = values.get(`batches-${writer}`) ?? new Set()
      const acknowledged = sequences[writer] * rowsPerBatch
      for (let value = 0; value < acknowledged; value++) assert.ok(its.has(value), `value ${value} of writer ${writer}`)
      // One more may have been stored and not yet acknowledged; it is whole then.
      assert.ok([acknowledged, batchValue(sequences[writer] + 1, 0)].includes(its.size), `${its.size} values`)
      await assertReceipts(folder, `batches-${writer}`)
    }
  }
  await using opened = await openDatabase(folder)
  const kept = new ArtifactFolder(join(folder, 'artifacts'))
  for (const name of artifacts) {
    const { sha256 } = await readArtifact(opened.db, { project: 'p', run: 'artifacts', name })
    assert.equal(String(await collect(kept.read(sha256))), artifactText(name))
  }
})

test(`a run that is deleted and restored all the time keeps what was acknowledged over kills, seed ${random.seed}`, async (t) => {
  t.diagnostic(`ASPARA_TEST_SEED=${random.seed}`)
  const folder = await temporaryFolder()
  let sequence = 0
  let trashed = 0
  for (let round = 0; round < 4; round++) {
    const lines = await runAndKill(folder, { do: 'trash', sequence }, random.between(20, 300))
    const words = lines.map((line) => line.split(' '))
    for (const [what, , number] of words) if (what === 'batch') sequence = Number(number) + 1
    const last = words.findLast(([what]) => what !== 'batch')
    await using opened = await openDatabase(folder)
    const { db } = opened
    const live = await db.selectFrom('runs').select('id').where('name', '=', 'batches-a').execute()
    const { runs } = await listTrash(db, { project: 'p', page: {}, nowMs: Date.now() })
    assert.equal(live.length + runs.length, 1, 'it is in one place')
    // What follows may have been done and not yet acknowledged.
    if (last?.[0] === 'deleted' && runs.length > 0) assert.equal(runs[0].trash_id, last[1])
    if (runs.length === 0) continue
    trashed++
    const back = { project: 'p', trashId: runs[0].trash_id }
    await db.transaction().execute((trx) => restoreRun(trx, back, commitAt(Date.now())))
    const [stored] = (await listWriters(db, { project: 'p', run: 'batches-a', page: {} })).writers
    assert.ok([sequence, sequence + 1].includes(stored.next_sequence), `${stored.next_sequence}, not ${sequence}`)
  }
  t.diagnostic(`it was in the trash at ${trashed} of 4 kills`)
  const its = (await valuesIn(folder, ['batches-a'])).get('batches-a') as Set<number>
  for (let value = 0; value < sequence * rowsPerBatch; value++) assert.ok(its.has(value), `value ${value}`)
  await assertReceipts(folder, 'batches-a')
})

test('what a kill left half-way, a deletion and an upload, is cleared at the next start', async () => {
  const folder = await temporaryFolder()
  const entries = 2_000
  {
    await using opened = await openDatabase(folder)
    const { db } = opened
    await db.transaction().execute(async (trx) => {
      const catalogued = { display_name: null, tags: '[]', notes: '', created_at: 0 }
      await trx
        .insertInto('projects')
        .values({ name: 'p', ...catalogued })
        .execute()
      const ended = { status: 'running' as const, exit_code: null, finished_at: null, config: '{}', summary: '{}' }
      await trx
        .insertInto('runs')
        .values({ id: 1, project: 'p', name: 'r', number: 1, ...catalogued, ...ended })
        .execute()
      await trx.insertInto('heads').values({ run: 1, next_position: entries, last_step: 0, heard_at: 0 }).execute()
      const steps = new Float64Array(1)
      const body = encodeEntry({ steps, timestamps: steps, columns: [{ metric: 'a', values: steps, rows: undefined }] })
      for (let start = 0; start < entries; start += 1_000) {
        const rows = Array.from({ length: 1_000 }, (_, row) => ({ run: 1, position: start + row, body }))
        await trx.insertInto('journal').values(rows).execute()
      }
    })
  }
  const incoming = join(folder, 'artifacts', 'incoming')
  assert.deepEqual(await runAndKill(folder, { do: 'delete', project: 'p', run: 'r' }), ['deleted'])
  assert.equal((await readdir(incoming)).length, 1)
  const reader = await new SqliteEngine(folder).openReader()
  const countEntries = async () => (await reader.selectFrom('journal').select('position').execute()).length
  const left = await countEntries()
  assert.ok(left > 0 && left < entries, `${left} of ${entries} entries were left when it was killed`)

  const store = await openEmbedded(folder)
  try {
    assert.deepEqual(await readdir(incoming), [])
    await eventually('the rest is cleared', async () => (await countEntries()) === 0)
  } finally {
    await reader.destroy()
    await store.close()
  }
  await using opened = await openDatabase(folder)
  assert.deepEqual(await opened.db.selectFrom('deleted_runs').selectAll().execute(), [])
})
