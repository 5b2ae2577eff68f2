import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDatabase } from '../testing/open-database.ts'
import { addRun, ensureProjects } from './add-run.ts'
import { createRun, deleteProject } from './write-catalog.ts'

test('a project goes however many artifacts its runs have', async () => {
  await using opened = await openDatabase()
  const { db } = opened
  const count = 33_000 // A statement of SQLite has at most 32,766 variables.
  await db.transaction().execute(async (trx) => {
    await ensureProjects(trx, ['p'], 0)
    const run = await addRun(trx, { project: 'p', name: 'r' }, 0)
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
      await createRun(trx, { project: 'p', name, ...nothing }, Date.now())
    }
    await deleteProject(trx, { project: 'p' })
  })
  for (const table of ['runs', 'heads', 'projects'] as const) {
    assert.deepEqual(await db.selectFrom(table).selectAll().execute(), [])
  }
  assert.equal((await db.selectFrom('deleted_runs').selectAll().execute()).length, 510)
})
