import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { type Problem, problem } from '@aspara/protocol/errors.ts'
import {
  type DatabaseConnection,
  Kysely,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  type SqliteStatement,
  sql,
} from 'kysely'
import { migrate, migrations, pendingMigrations, type Steps } from '../migrations/migrate.ts'
import type { Tables } from '../tables.ts'
import { type Database, type Engine, type EngineFacts, StoreUnavailable } from './engine.ts'
import { Reserve } from './reserve.ts'
import { addFunctions, sqliteExpressions } from './sqlite-expressions.ts'

export const databaseFile = 'aspara.db'
const lockFile = 'aspara.lock'
const ownerFile = 'aspara.owner'
const reserveFile = 'aspara.reserve'

/** From this size on a database keeps room back: a full disk in its first moments loses nobody much. */
const bytesWithoutReserve = 4 * 1024 * 1024

/** Statements of one connection; the store has about 60, the rest are insertions of different row counts. */
const preparedMax = 256

/** Pages given back at a time: 1,000 of 4 KiB move in about 10 ms. */
const reclaimPages = 1_000

// https://www.sqlite.org/rescode.html
const sqliteBusy = 5
const sqliteIoError = 10
const sqliteFull = 13
/** What is on the disk can't be read, or is not what was written. */
const sqliteReadFaults = new Map([
  [266, 'SQLITE_IOERR_READ'],
  [522, 'SQLITE_IOERR_SHORT_READ'],
  [1802, 'SQLITE_IOERR_FSTAT'],
  [5642, 'SQLITE_IOERR_SEEK'],
  [6154, 'SQLITE_IOERR_MMAP'],
  [8202, 'SQLITE_IOERR_DATA'],
  [8458, 'SQLITE_IOERR_CORRUPTFS'],
  [8714, 'SQLITE_IOERR_IN_PAGE'],
])
const sqliteCorrupt = 11
const sqliteNotADatabase = 26

/** Embedded: one file in a folder, owned by one process. */
export class SqliteEngine implements Engine {
  readonly facts: EngineFacts = { bytes: 'blob', serial: 'integer', keyOrdered: 'without rowid' }
  readonly expressions = sqliteExpressions
  readonly place: string
  #folder: string
  #steps: Steps
  #lock: DatabaseSync | undefined
  #reserve: Reserve
  #needsReserve = true

  /** `steps`: the migrations of another version, for tests. */
  constructor(folder: string, steps = migrations) {
    this.#folder = folder
    this.place = join(folder, databaseFile)
    this.#steps = steps
    this.#reserve = new Reserve(join(folder, reserveFile))
  }

  async take(): Promise<void> {
    makeFolder(this.#folder)
    this.#lock = lock(this.#folder)
    this.#reserve.giveIfScarce()
    const file = this.place
    const isNew = !existsSync(file)
    const writer = await this.openWriter()
    try {
      if (!isNew) {
        const pending = await pendingMigrations(writer, this.facts, this.#steps)
        if (pending.length > 0) await keepAside(writer, file, pending[0])
      }
      await migrate(writer, this.facts, this.#steps)
    } finally {
      await writer.destroy()
    }
  }

  async openWriter(): Promise<Database> {
    return open(this.place, [
      'pragma busy_timeout = 5000',
      // Only a new file takes it: pages of deleted runs can then be given back a few at a time.
      'pragma auto_vacuum = incremental',
      'pragma journal_mode = wal',
      // A commit is on disk when it returns; NORMAL would lose the last ones at a power cut.
      'pragma synchronous = full',
      // 8,000 pages: a write-ahead log of 32 MiB. By then `flush` has moved most of it into the file.
      'pragma wal_autocheckpoint = 8000',
      'pragma journal_size_limit = 67108864',
      'pragma cache_size = -16000',
    ])
  }

  async openReader(): Promise<Database> {
    return open(this.place, ['pragma query_only = on', 'pragma busy_timeout = 5000', 'pragma cache_size = -16000'])
  }

  problemOf(error: unknown): Problem | undefined {
    const code = errorCode(error)
    if (code === undefined) return undefined
    if (this.diskFaultOf(error) !== undefined) return problem('diskUnreadable')
    if ((code & 0xff) === sqliteBusy) return problem('tooBusy')
    // A write that the disk refuses for another reason than room (a quota, a limit on file size) is an I/O error here.
    if ((code & 0xff) === sqliteFull || (code & 0xff) === sqliteIoError) return problem('diskFull')
    return undefined
  }

  diskFaultOf(error: unknown): string | undefined {
    const code = errorCode(error)
    if (code === undefined) return undefined
    const isCorrupt = (code & 0xff) === sqliteCorrupt || (code & 0xff) === sqliteNotADatabase
    const name = sqliteReadFaults.get(code) ?? (isCorrupt ? 'SQLITE_CORRUPT' : undefined)
    return name && `${this.place}: ${(error as Error).message} (${name})`
  }

  async flush(reader: Database): Promise<void> {
    try {
      await sql`pragma wal_checkpoint(passive)`.execute(reader)
    } catch (error) {
      // On a full disk it stays in the log, where it is as safe.
      if (!this.problemOf(error) || this.diskFaultOf(error)) throw error
    }
  }

  async reclaim(writer: Database): Promise<'more' | 'later' | 'done'> {
    const free = await sql<{ freelist_count: number }>`pragma freelist_count`.execute(writer)
    if (free.rows[0].freelist_count > 0) {
      await sql`pragma incremental_vacuum(${sql.raw(String(reclaimPages))})`.execute(writer)
      return 'more'
    }
    // The file shrinks when the write-ahead log is moved into it, for which nobody may be reading: whoever writes does not
    // wait for that.
    await sql`pragma busy_timeout = 20`.execute(writer)
    const moved = await sql<{ busy: 0 | 1 }>`pragma wal_checkpoint(truncate)`.execute(writer)
    await sql`pragma busy_timeout = 5000`.execute(writer)
    if (moved.rows[0].busy) return 'later'
    if (this.#isSmall()) this.#giveReserve()
    return 'done'
  }

  async makeRoom(writer: Database): Promise<boolean> {
    if (!this.#giveReserve()) return false
    try {
      // Moved into the file, the log leaves its place to what is written next.
      await sql`pragma wal_checkpoint(truncate)`.execute(writer)
    } catch {
      // The reserve was too small for that; it may do for what is to be written.
    }
    return true
  }

  keepRoom(): boolean {
    if (!this.#needsReserve || this.#isSmall()) return false
    this.#needsReserve = this.#reserve.keep()
    return this.#needsReserve
  }

  async release(): Promise<void> {
    if (!this.#lock) return
    rmSync(join(this.#folder, ownerFile), { force: true })
    this.#lock.close()
    this.#lock = undefined
  }

  #giveReserve(): boolean {
    this.#needsReserve = true
    return this.#reserve.give()
  }

  #isSmall(): boolean {
    const file = this.place
    const [size, logSize] = [file, `${file}-wal`].map((path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0)
    return size + logSize < bytesWithoutReserve
  }
}

const errorCode = (error: unknown) => (error as { errcode?: number } | undefined)?.errcode

function makeFolder(folder: string): void {
  try {
    makeFolders(folder)
    // With the dot a file is told from a folder that may not be entered.
    accessSync(`${folder}/.`, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    const why =
      code === 'EEXIST' || code === 'ENOTDIR' ? 'it is not a folder' : code === 'EROFS' ? 'read-only file system' : code
    throw new StoreUnavailable(`The data directory ${folder} can't be written to (${why})`, { cause })
  }
}

/** Each missing folder in turn: Node's own recursive mkdir never ends where the kernel says ENOENT to it, as in /proc. */
function makeFolders(folder: string): void {
  if (existsSync(folder)) return
  makeFolders(dirname(folder))
  mkdirSync(folder)
}

/** The lock is an exclusive transaction on a file of its own: the operating system ends it with the process, however it ends. */
function lock(folder: string): DatabaseSync {
  const database = new DatabaseSync(join(folder, lockFile))
  try {
    // It writes nothing, so that a full disk keeps nobody from reading.
    database.exec('pragma journal_mode = memory')
    database.exec('begin exclusive')
  } catch (cause) {
    database.close()
    if ((cause as { errcode?: number }).errcode !== sqliteBusy) {
      throw new StoreUnavailable(`The data directory ${folder} can't be locked: ${(cause as Error).message}`, { cause })
    }
    throw new StoreUnavailable(`The data directory ${folder} is in use by another tracker${owner(folder)}`, { cause })
  }
  try {
    writeFileSync(join(folder, ownerFile), `${process.pid}\n`)
  } catch {
    // On a full disk the next one is told that there is an owner, and not which.
  }
  return database
}

function owner(folder: string): string {
  try {
    return ` (process ${readFileSync(join(folder, ownerFile), 'utf8').trim()})`
  } catch {
    return '' // It has the lock and not yet written its number.
  }
}

/** Copies the file as it was before a newer version changes it. */
async function keepAside(writer: Database, file: string, migration: string): Promise<void> {
  await sql`pragma wal_checkpoint(truncate)`.execute(writer)
  copyFileSync(file, `${file}.before-${migration}`)
}

function open(file: string, pragmas: string[]): Database {
  let database: DatabaseSync
  try {
    database = new DatabaseSync(file)
    for (const pragma of pragmas) database.exec(pragma)
    addFunctions(database)
  } catch (cause) {
    throw new StoreUnavailable(`${file} can't be opened: ${(cause as Error).message}`, { cause })
  }
  return new Kysely<Tables>({ dialect: new Dialect(new PreparedDatabase(database)) })
}

class Dialect extends SqliteDialect {
  #database: PreparedDatabase

  constructor(database: PreparedDatabase) {
    super({ database })
    this.#database = database
  }

  override createAdapter() {
    return new Adapter()
  }

  override createDriver() {
    return new Driver(this.#database)
  }
}

/** A disk that is full ends the transaction by itself; rolling back what is over would hide the reason. */
class Driver extends SqliteDriver {
  #database: PreparedDatabase

  constructor(database: PreparedDatabase) {
    super({ database })
    this.#database = database
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.isInTransaction) await super.rollbackTransaction(connection)
  }
}

/** Kysely says that SQLite can't change tables in a transaction; it can, and a migration must be all or nothing. */
class Adapter extends SqliteAdapter {
  override get supportsTransactionalDdl() {
    return true
  }
}

/** node:sqlite as Kysely's dialect knows better-sqlite3, with its statements kept prepared. */
class PreparedDatabase implements SqliteDatabase {
  #database: DatabaseSync
  #prepared = new Map<string, PreparedStatement>()

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  prepare(text: string): SqliteStatement {
    let statement = this.#prepared.get(text)
    if (statement) return statement
    if (this.#prepared.size >= preparedMax) this.#prepared.delete(this.#prepared.keys().next().value as string)
    statement = new PreparedStatement(this.#database.prepare(text), text)
    this.#prepared.set(text, statement)
    return statement
  }

  get isInTransaction(): boolean {
    return this.#database.isTransaction
  }

  close(): void {
    this.#prepared.clear()
    this.#database.close()
  }
}

class PreparedStatement implements SqliteStatement {
  readonly reader: boolean
  #statement: StatementSync

  constructor(statement: StatementSync, text: string) {
    this.#statement = statement
    // `pragma incremental_vacuum` has no columns, yet a row for each page: left at its first one, it gives one page back.
    this.reader = statement.columns().length > 0 || text.startsWith('pragma')
  }

  all(parameters: readonly unknown[]): unknown[] {
    return this.#statement.all(...(parameters as SQLInputValue[]))
  }

  run(parameters: readonly unknown[]) {
    return this.#statement.run(...(parameters as SQLInputValue[]))
  }

  iterate(parameters: readonly unknown[]): IterableIterator<unknown> {
    return this.#statement.iterate(...(parameters as SQLInputValue[]))
  }
}
