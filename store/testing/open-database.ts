import type { Database } from '../engines/engine.ts'
import { SqliteEngine } from '../engines/sqlite.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface OpenedDatabase {
  engine: SqliteEngine
  /** The connection of the one who writes. */
  db: Database
  folder: string
  [Symbol.asyncDispose](): Promise<void>
}

/** A database without the threads around it, for what is tried statement by statement. */
export async function openDatabase(folder?: string): Promise<OpenedDatabase> {
  folder ??= await temporaryFolder()
  const engine = new SqliteEngine(folder)
  await engine.take()
  const db = await engine.openWriter()
  return {
    engine,
    db,
    folder,
    async [Symbol.asyncDispose]() {
      await db.destroy()
      await engine.release()
    },
  }
}
