import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { eventually, newRun } from '../testing/ask-store.ts'
import { openEmbedded } from '../testing/embedded-store.ts'
import { release } from '../testing/first-release.ts'
import { openDatabase } from '../testing/open-database.ts'

test('runs of before the trash have numbers in the order in which they were made, and can be deleted', async () => {
  const folder = await release(3, async (db) => {
    const heads = (run: number) =>
      sql`insert into heads (run, next_position, last_step, heard_at) values (${run}, 0, null, 0)`.execute(db)
    await heads(1) // The run r of project p.
    await sql`insert into projects (name, tags, notes, created_at) values ('q', '[]', '', 0), ('empty', '[]', '', 0)`.execute(
      db,
    )
    // Names and rows in another order than ids.
    for (const [id, project, name] of [
      [40, 'p', 'a'],
      [20, 'p', 'z'],
      [30, 'q', 'm'],
    ] as const) {
      await sql`
        insert into runs (id, project, name, status, tags, notes, config, summary, created_at)
        values (${id}, ${project}, ${name}, 'finished', '[]', '', '{}', '{}', 0)`.execute(db)
      await heads(id)
    }
    // One that was deleted, and is not cleared yet.
    await sql`insert into deleted_runs values (10)`.execute(db)
  })
  const store = await openEmbedded(folder)
  try {
    const { catalog } = store
    for (const project of ['p', 'q', 'empty']) await catalog.createRun(newRun(project, 'new'))
    const numbers = async (project: string) =>
      (await catalog.listRuns({ project }, {})).runs.map(({ name, number }) => `${number} ${name}`)
    assert.deepEqual(await numbers('p'), ['4 new', '3 a', '2 z', '1 r'])
    assert.deepEqual(await numbers('q'), ['2 new', '1 m'])
    assert.deepEqual(await numbers('empty'), ['1 new'])
    assert.deepEqual((await catalog.listTrash({ project: 'p' }, {})).runs, [], 'what was deleted stays so')
    const { trashId } = await catalog.deleteRun({ project: 'p', run: 'z' })
    await catalog.restoreRun({ project: 'p', trashId })
    assert.deepEqual(await numbers('p'), ['4 new', '3 a', '2 z', '1 r'])
  } finally {
    await store.close()
  }
  await eventually('what was deleted is cleared', async () => {
    await using opened = await openDatabase(folder)
    return (await opened.db.selectFrom('deleted_runs').select('run').execute()).length === 0
  })
})
