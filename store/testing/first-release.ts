import { sql } from 'kysely'
import type { Database } from '../engines/engine.ts'
import { SqliteEngine } from '../engines/sqlite.ts'
import { migrations } from '../migrations/migrate.ts'
import { temporaryFolder } from './temporary-folder.ts'

/**
 * A data directory as the first release leaves it, with a run in it.
 * @param fill writes the rest, in statements: the tables of today have other columns
 */
export async function firstRelease(fill: (db: Database) => Promise<void>): Promise<string> {
  const folder = await temporaryFolder()
  const engine = new SqliteEngine(folder, { '001-first-tables': migrations['001-first-tables'] })
  await engine.take()
  const db = await engine.openWriter()
  await sql`insert into projects values ('p', null, '[]', '', 0)`.execute(db)
  await sql`insert into runs values (1, 'p', 'r', null, 'running', null, '[]', 'kept', '{}', '{}', 0, null)`.execute(db)
  await fill(db)
  await db.destroy()
  await engine.release()
  return folder
}
