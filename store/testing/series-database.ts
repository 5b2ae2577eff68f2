import { commitAt } from '../catalog/commit.ts'
import type { Append } from '../journal/appends.ts'
import { writeAppends } from '../journal/write-appends.ts'
import { applyChanges, type SeriesChanges } from '../series/changes.ts'
import { compact } from '../series/compact.ts'
import { growLevels, type Levels, readLevels } from '../series/levels.ts'
import type { RunId } from '../tables.ts'
import { type OpenedDatabase, openDatabase } from './open-database.ts'

/**
 * A database in which a test does by hand what the writer and the compactor thread do by themselves: each append and each
 * transaction of compaction happens when the test says so.
 */
export class SeriesDatabase {
  readonly #opened: OpenedDatabase
  #lastStamp = 0

  private constructor(opened: OpenedDatabase) {
    this.#opened = opened
  }

  static async open(folder?: string): Promise<SeriesDatabase> {
    return new SeriesDatabase(await openDatabase(folder))
  }

  get db() {
    return this.#opened.db
  }

  get folder() {
    return this.#opened.folder
  }

  /** Commits appends, all in one transaction. */
  async append(appends: Append[]): Promise<void> {
    const commit = commitAt(Date.now(), this.#lastStamp)
    this.#lastStamp = commit.stamp
    await this.db.transaction().execute((trx) => writeAppends(trx, appends, commit))
  }

  async runId(run: string, project = 'p'): Promise<RunId> {
    const query = this.db.selectFrom('runs').select('id').where('project', '=', project).where('name', '=', run)
    return (await query.executeTakeFirstOrThrow()).id
  }

  /** One turn of compaction, and the levels that it makes due. @returns whether there was anything in the journal */
  async compactOnce(run: RunId): Promise<boolean> {
    const changes = await this.db.transaction().execute((snapshot) => compact(snapshot, run))
    if (!changes || !(await this.apply(changes))) return false
    for await (const growth of growLevels(this.db, run, changes.series)) await this.apply(growth)
    return true
  }

  /** Compacts all that is in the run's journal. */
  async compactAll(run: RunId): Promise<void> {
    while (await this.compactOnce(run));
  }

  apply(changes: SeriesChanges): Promise<boolean> {
    return this.db.transaction().execute((trx) => applyChanges(trx, changes))
  }

  async levelsOf(run: RunId, metric: string): Promise<Levels> {
    const query = this.db.selectFrom('series').select('levels').where('run', '=', run).where('metric', '=', metric)
    return readLevels((await query.executeTakeFirstOrThrow()).levels)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened[Symbol.asyncDispose]()
  }
}
