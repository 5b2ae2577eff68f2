import { sql } from 'kysely'
import type { Database } from '../engines/engine.ts'
import { SqliteEngine } from '../engines/sqlite.ts'
import { migrations } from '../migrations/migrate.ts'
import { temporaryFolder } from './temporary-folder.ts'

/**
 * A data directory as the first release leaves it, with a run in it.
 * @param fill writes the rest, in statements: the tables of today have other columns
 */
export const firstRelease = (fill: (db: Database) => Promise<void>): Promise<string> => release(1, fill)

/** The same as a release of so many migrations leaves it. */
export async function release(count: number, fill: (db: Database) => Promise<void>): Promise<string> {
  const folder = await temporaryFolder()
  const engine = new SqliteEngine(folder, Object.fromEntries(Object.entries(migrations).slice(0, count)))
  await engine.take()
  const db = await engine.openWriter()
  await sql`insert into projects (name, display_name, tags, notes, created_at) values ('p', null, '[]', '', 0)`.execute(
    db,
  )
  await sql`
    insert into runs (id, project, name, status, tags, notes, config, summary, created_at)
    values (1, 'p', 'r', 'running', '[]', 'kept', '{}', '{}', 0)`.execute(db)
  await fill(db)
  await db.destroy()
  await engine.release()
  return folder
}
