import assert from 'node:assert/strict'
import { copyFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { sql } from 'kysely'
import { databaseFile, SqliteEngine } from '../engines/sqlite.ts'
import { firstRelease } from '../testing/first-release.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { type MigrationStep, migrations } from './migrate.ts'

/** A release after this one: it adds a column and fills it from another. */
const addMood: MigrationStep = () => ({
  async up(db) {
    await db.schema.alterTable('runs').addColumn('mood', 'text').execute()
    await sql`update runs set mood = 'was ' || status`.execute(db)
  },
})
const later = { ...migrations, '998-mood': addMood }

/** A step that fails when it has done half of its work. */
const failing = {
  ...later,
  '999-fails': (): ReturnType<MigrationStep> => ({
    async up(db) {
      await db.schema.createTable('half').addColumn('done', 'text').execute()
      await sql`update runs set notes = 'spoilt'`.execute(db)
      throw new Error('the last step does not like these runs')
    },
  }),
}

async function open(folder: string, steps = migrations): Promise<void> {
  const engine = new SqliteEngine(folder, steps)
  try {
    await engine.take()
  } finally {
    await engine.release()
  }
}

/** The first release, with a run of which nothing was heard yet. */
const firstWithRun = () =>
  firstRelease(async (db) => {
    await sql`insert into heads values (1, 0, null, 0)`.execute(db)
  })

/** What anybody reads in a file. */
function read(file: string, query: string): unknown[] {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    return database
      .prepare(query)
      .all()
      .map((row) => ({ ...row }))
  } finally {
    database.close()
  }
}

/** What was kept aside; whoever reads such a file leaves others beside it. */
const keptAside = async (folder: string) =>
  (await readdir(folder)).filter((name) => /before-[^.]*(?<!-wal|-shm)$/.test(name))

test('a new database has every step, and nothing is kept aside', async () => {
  const folder = await temporaryFolder()
  await open(folder, later)
  const file = join(folder, databaseFile)
  assert.deepEqual(read(file, 'select name from migrations order by name'), [
    ...Object.keys(migrations).map((name) => ({ name })),
    { name: '998-mood' },
  ])
  assert.deepEqual(await keptAside(folder), [])
})

test('data of an older version is migrated, and the file as it was is kept aside', async () => {
  const folder = await firstWithRun()
  await open(folder, later)
  const file = join(folder, databaseFile)
  assert.deepEqual(read(file, 'select project, name, notes, mood from runs'), [
    { project: 'p', name: 'r', notes: 'kept', mood: 'was running' },
  ])
  const aside = `${file}.before-002-series`
  assert.deepEqual(read(aside, 'select name, notes from runs'), [{ name: 'r', notes: 'kept' }])
  assert.throws(() => read(aside, 'select mood from runs'), /no such column/)
  assert.deepEqual(read(aside, 'select name from migrations'), [{ name: '001-first-tables' }])
})

test('what is kept aside is a data directory of the older version', async () => {
  const folder = await firstWithRun()
  await open(folder, later)
  const back = await temporaryFolder()
  await copyFile(join(folder, `${databaseFile}.before-002-series`), join(back, databaseFile))
  await open(back)
  assert.deepEqual(read(join(back, databaseFile), 'select name from runs'), [{ name: 'r' }])
})

test('what is migrated is not migrated again', async () => {
  const folder = await firstWithRun()
  await open(folder, later)
  const file = join(folder, databaseFile)
  const migrated = read(file, 'select * from migrations order by name')
  const aside = read(`${file}.before-002-series`, 'select * from runs')
  const writing = new DatabaseSync(file)
  writing.exec("update runs set mood = 'changed since'")
  writing.close()
  await open(folder, later)
  assert.deepEqual(read(file, 'select mood from runs'), [{ mood: 'changed since' }])
  assert.deepEqual(read(file, 'select * from migrations order by name'), migrated)
  assert.deepEqual(read(`${file}.before-002-series`, 'select * from runs'), aside)
  assert.deepEqual(await keptAside(folder), [`${databaseFile}.before-002-series`])
})

test('a step that fails changes nothing, those before it neither, and says so', async () => {
  const folder = await firstWithRun()
  await assert.rejects(open(folder, failing), /the last step does not like these runs/)
  const file = join(folder, databaseFile)
  assert.deepEqual(read(file, 'select name, notes from runs'), [{ name: 'r', notes: 'kept' }])
  assert.throws(() => read(file, 'select mood from runs'), /no such column/)
  assert.throws(() => read(file, 'select * from half'), /no such table/)
  assert.deepEqual(read(file, 'select name from migrations'), [{ name: '001-first-tables' }])
  // The older version goes on with it, and a newer one that is mended migrates it.
  await open(folder)
  await open(folder, later)
  assert.deepEqual(read(file, 'select mood from runs'), [{ mood: 'was running' }])
})

test('data of a newer version is refused as it is', async () => {
  const folder = await firstWithRun()
  await open(folder, later)
  await assert.rejects(open(folder), { name: 'StoreUnavailable', message: /newer version .*998-mood/ })
  assert.deepEqual(read(join(folder, databaseFile), 'select mood from runs'), [{ mood: 'was running' }])
})
