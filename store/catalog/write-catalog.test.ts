import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writeAppends } from '../journal/write-appends.ts'
import { openDatabase } from '../testing/open-database.ts'
import { batch } from '../testing/plain-appends.ts'
import { addRun, ensureProjects } from './add-run.ts'
import { commitAt } from './commit.ts'
import { deleteProject, deleteRun, discardRun } from './deletions.ts'
import { addArtifact, createRun, setRunTags } from './write-catalog.ts'

test('a project goes however many artifacts its runs have', async () => {
  await using opened = await openDatabase()
  const { db } = opened
  const count = 33_000 // A statement of SQLite has at most 32,766 variables.
  await db.transaction().execute(async (trx) => {
    await ensureProjects(trx, ['p'], 0)
    const run = await addRun(trx, { project: 'p', name: 'r' }, commitAt(0))
    const artifact = (index: number) => ({
      run,
      name: `a${index}`,
      sha256: index.toString(16).padStart(64, '0'),
      size: 1,
      description: null,
      category: null,
      created_at: 0,
    })
    for (let start = 0; start < count; start += 1_000) {
      const rows = Array.from({ length: 1_000 }, (_, index) => artifact(start + index))
      await trx.insertInto('artifacts').values(rows).execute()
    }
  })
  await db.transaction().execute((trx) => deleteProject(trx, { project: 'p' }))
  const { dropped } = await db
    .selectFrom('dropped_files')
    .select((eb) => eb.fn.count<number>('sha256').distinct().as('dropped'))
    .executeTakeFirstOrThrow()
  assert.equal(dropped, count)
  assert.deepEqual(await db.selectFrom('artifacts').selectAll().execute(), [])
})

test('a project goes with more runs than one statement takes', async () => {
  await using opened = await openDatabase()
  const { db } = opened
  await db.transaction().execute(async (trx) => {
    for (let run = 0; run < 510; run++) {
      const name = `r${run}`
      const nothing = { tags: [], notes: '', config: {}, projectTags: [], resume: false }
      await createRun(trx, { project: 'p', name, ...nothing }, commitAt(Date.now()))
    }
    await deleteProject(trx, { project: 'p' })
  })
  for (const table of ['runs', 'heads', 'projects'] as const) {
    assert.deepEqual(await db.selectFrom(table).selectAll().execute(), [])
  }
  assert.equal((await db.selectFrom('deleted_runs').selectAll().execute()).length, 510)
})

test('a run that is deleted for good leaves its journal to be cleared, its files to be dropped, and nothing else', async () => {
  await using opened = await openDatabase()
  const { db } = opened
  const address = { project: 'p', run: 'r' }
  await writeAppends(db, [batch({ ...address, sequence: 0, steps: [0], metrics: { a: [1] } })], commitAt(0))
  const artifact = { ...address, size: 1, description: null, category: null }
  for (const name of ['one', 'two']) await addArtifact(db, { ...artifact, name, sha256: 'same' }, commitAt(0))
  await setRunTags(db, { ...address, tags: ['t'] }, commitAt(0))
  const { id } = await db.selectFrom('runs').select('id').executeTakeFirstOrThrow()
  await discardRun(db, { project: 'p', trashId: (await deleteRun(db, address, commitAt(0))).trashId })
  for (const table of ['runs', 'heads', 'writers', 'artifacts'] as const) {
    assert.deepEqual(await db.selectFrom(table).selectAll().execute(), [], table)
  }
  const left = [
    await db.selectFrom('deleted_runs').select('run').execute(),
    await db.selectFrom('journal').select('run').execute(),
  ]
  assert.deepEqual(
    left.map((rows) => rows.map((row) => row.run)),
    [[id], [id]],
  )
  const dropped = await db.selectFrom('dropped_files').select('sha256').execute()
  assert.deepEqual(
    dropped.map((row) => row.sha256),
    ['same'],
  )
})
