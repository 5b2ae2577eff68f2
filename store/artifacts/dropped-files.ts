import type { Database } from '../engines/engine.ts'

/** A file that lost a name, and whether another artifact still has it. */
export interface DroppedFile {
  id: number
  sha256: string
}

const filesPerTurn = 100

/** Files that lost a name, some of them. */
export async function listDroppedFiles(db: Database, _: Record<string, never>): Promise<DroppedFile[]> {
  return db.selectFrom('dropped_files').selectAll().orderBy('id').limit(filesPerTurn).execute()
}

/** Those files have been seen to. */
export async function forgetDroppedFiles(db: Database, { ids }: { ids: number[] }): Promise<void> {
  await db.deleteFrom('dropped_files').where('id', 'in', ids).execute()
}

/** Whether an artifact names the file. */
export async function isFileNamed(db: Database, { sha256 }: { sha256: string }): Promise<boolean> {
  const found = await db.selectFrom('artifacts').select('run').where('sha256', '=', sha256).limit(1).executeTakeFirst()
  return found !== undefined
}
