import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDatabase } from '../testing/open-database.ts'
import { addRun, ensureProjects } from './add-run.ts'
import { commitAt } from './commit.ts'

const nowMs = Date.UTC(2026, 2, 1)

test('runs that are added in one millisecond have ids of their own', async () => {
  await using opened = await openDatabase()
  const ids = await opened.db.transaction().execute(async (db) => {
    await ensureProjects(db, ['p'], nowMs)
    const added: number[] = []
    // Each has 12 bits of chance: of a thousand, some hundred find theirs taken.
    for (let run = 0; run < 1_000; run++)
      added.push(await addRun(db, { project: 'p', name: `r${run}` }, commitAt(nowMs)))
    return added
  })
  assert.equal(new Set(ids).size, 1_000)
  const { heads } = await opened.db
    .selectFrom('heads')
    .select((eb) => eb.fn.countAll<number>().as('heads'))
    .executeTakeFirstOrThrow()
  assert.equal(heads, 1_000)
})

test('the id of a deleted run of which the journal is still there is not given again', async () => {
  await using opened = await openDatabase()
  const { db } = opened
  await ensureProjects(db, ['p'], nowMs)
  const first = await addRun(db, { project: 'p', name: 'r' }, commitAt(nowMs))
  await db.deleteFrom('runs').where('id', '=', first).execute()
  await db.deleteFrom('heads').where('run', '=', first).execute()
  const around = Math.floor(first / 4096) * 4096
  const deleted = Array.from({ length: 4096 }, (_, chance) => ({ run: around + chance }))
  await db.insertInto('deleted_runs').values(deleted).execute()
  const second = await addRun(db, { project: 'p', name: 'r' }, commitAt(nowMs))
  assert.ok(second >= around + 4096)
})

test('the ids of later runs are higher', async () => {
  await using opened = await openDatabase()
  const { db } = opened
  await ensureProjects(db, ['p'], nowMs)
  const earlier = await addRun(db, { project: 'p', name: 'earlier' }, commitAt(nowMs))
  const later = await addRun(db, { project: 'p', name: 'later' }, commitAt(nowMs + 1))
  assert.ok(later > earlier)
  assert.ok(Number.isSafeInteger(later))
})
