import assert from 'node:assert/strict'
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { sql } from 'kysely'
import { openDatabase } from '../testing/open-database.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import type { Database } from './engine.ts'
import { StoreUnavailable } from './engine.ts'
import { databaseFile, SqliteEngine } from './sqlite.ts'

const addEntry = (db: Database, position: number, bytes: number) =>
  db
    .insertInto('journal')
    .values({ run: 1, position, body: new Uint8Array(bytes) })
    .execute()

async function pragma(db: Database, name: string): Promise<unknown> {
  const { rows } = await sql<Record<string, unknown>>`pragma ${sql.raw(name)}`.execute(db)
  return Object.values(rows[0])[0]
}

test('what a writer commits is synced, in a file that can give pages back', async () => {
  await using opened = await openDatabase()
  assert.equal(await pragma(opened.db, 'journal_mode'), 'wal')
  assert.equal(await pragma(opened.db, 'synchronous'), 2)
  assert.equal(await pragma(opened.db, 'auto_vacuum'), 2)
})

test('a reader cannot write', async () => {
  await using opened = await openDatabase()
  const reader = await opened.engine.openReader()
  try {
    await assert.rejects(addEntry(reader, 0, 1), /readonly/)
  } finally {
    await reader.destroy()
  }
})

test('a folder has one owner at a time, and the second is told who it is', async () => {
  const folder = await temporaryFolder()
  {
    await using _ = await openDatabase(folder)
    const second = new SqliteEngine(folder)
    await assert.rejects(second.take(), (error: Error) => {
      assert.ok(error instanceof StoreUnavailable)
      assert.equal(error.message, `The data directory ${folder} is in use by another tracker (process ${process.pid})`)
      return true
    })
    await second.release()
    await assert.rejects(new SqliteEngine(folder).take(), StoreUnavailable, 'the refused one took nothing with it')
  }
  await using _ = await openDatabase(folder)
})

test('missing folders are made', async () => {
  const folder = join(await temporaryFolder(), 'a', 'b')
  await using _ = await openDatabase(folder)
  assert.ok((await readdir(folder)).includes(databaseFile))
})

test('a file where the folder should be is named in a sentence', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'file')
  await writeFile(file, 'not ours')
  await assert.rejects(new SqliteEngine(file).take(), {
    name: 'StoreUnavailable',
    message: `The data directory ${file} can't be written to (it is not a folder)`,
  })
  await assert.rejects(new SqliteEngine(join(file, 'below')).take(), {
    name: 'StoreUnavailable',
    message: /can't be written to \(it is not a folder\)/,
  })
})

test('a folder that may not be written to is named in a sentence', {
  skip: process.getuid?.() === 0 && 'root may write anywhere',
}, async () => {
  const folder = join(await temporaryFolder(), 'mine')
  await mkdir(folder)
  await chmod(folder, 0o500)
  await assert.rejects(new SqliteEngine(folder).take(), { name: 'StoreUnavailable', message: /can't be written to/ })
})

test('a folder that nobody can make is named in a sentence', {
  skip: process.platform !== 'linux' && 'needs /proc',
}, async () => {
  for (const folder of ['/proc/aspara', '/proc/aspara/data']) {
    await assert.rejects(new SqliteEngine(folder).take(), {
      name: 'StoreUnavailable',
      message: `The data directory ${folder} can't be written to (ENOENT)`,
    })
  }
})

test('a file of something else is refused and stays as it is', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, databaseFile), 'these are the notes of somebody else, '.repeat(100))
  const engine = new SqliteEngine(folder)
  await assert.rejects(engine.take(), {
    name: 'StoreUnavailable',
    message: /aspara\.db can't be opened: .*not a database/,
  })
  await engine.release()
})

test('a disk without room is a problem that may be tried again, and the next commit finds it in order', async () => {
  await using opened = await openDatabase()
  const { db, engine } = opened
  await addEntry(db, 0, 100)
  const pages = Number(await pragma(db, 'page_count'))
  await sql`pragma max_page_count = ${sql.raw(String(pages + 10))}`.execute(db)
  const tooMuch = db.transaction().execute(async (trx) => {
    for (let position = 1; position < 100; position++) await addEntry(trx, position, 4_000)
  })
  await assert.rejects(tooMuch, (error) => {
    assert.equal(engine.problemOf(error)?.code, 'diskFull', String(error))
    return true
  })
  await db.transaction().execute((trx) => addEntry(trx, 1, 100))
  const rows = await db.selectFrom('journal').select('position').execute()
  assert.deepEqual(
    rows.map((row) => row.position),
    [0, 1],
  )
})

test('what is no fault of the world is no problem of its', async () => {
  await using opened = await openDatabase()
  await addEntry(opened.db, 0, 1)
  const error = await addEntry(opened.db, 0, 1).catch((error: unknown) => error)
  assert.match(String(error), /UNIQUE/)
  assert.equal(opened.engine.problemOf(error), undefined)
  assert.equal(opened.engine.problemOf(new Error('BUG: nothing of SQLite')), undefined)
  assert.equal(opened.engine.problemOf(undefined), undefined)
})

test('a disk that fails to read is told from a full one', async () => {
  const engine = new SqliteEngine('/data')
  const codes = { 266: 'READ', 522: 'SHORT_READ', 8458: 'CORRUPTFS', 11: 'CORRUPT', 267: 'CORRUPT_VTAB', 26: 'NOTADB' }
  for (const [code, name] of Object.entries(codes)) {
    const error = Object.assign(new Error('disk I/O error'), { errcode: Number(code) })
    assert.equal(engine.problemOf(error)?.code, 'diskUnreadable', name)
    assert.match(engine.diskFaultOf(error) as string, /^\/data\/aspara\.db: disk I\/O error \(SQLITE_/, name)
  }
  for (const errcode of [13, 778, 1034, 4874, 10]) {
    assert.equal(engine.problemOf({ errcode })?.code, 'diskFull')
    assert.equal(engine.diskFaultOf({ errcode }), undefined)
  }
  assert.equal(engine.problemOf({ errcode: 5 })?.code, 'tooBusy')
})

test('freed pages are given back a thousand at a time', async () => {
  await using opened = await openDatabase()
  const { db, engine } = opened
  await db.transaction().execute(async (trx) => {
    for (let position = 0; position < 25; position++) await addEntry(trx, position, 100 * 4_084)
  })
  await db.deleteFrom('journal').execute()
  const free = Number(await pragma(db, 'freelist_count'))
  assert.ok(free >= 2_500, `${free} pages are free`)
  let turns = 0
  while (turns < 10 && (await engine.reclaim(db)) === 'more') turns++
  assert.equal(turns, Math.ceil(free / 1_000))
  assert.equal(await pragma(db, 'freelist_count'), 0)
})
