import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Resolves when the journal is empty, or has nothing of one run. */
export async function compacted(folder: string, run?: string): Promise<void> {
  const database = new DatabaseSync(join(folder, 'aspara.db'), { readOnly: true })
  const left = run
    ? database.prepare('select 1 from journal where run = (select id from runs where name = ?) limit 1')
    : database.prepare('select 1 from journal limit 1')
  while (left.get(...(run ? [run] : []))) await new Promise((resolve) => setTimeout(resolve, 10))
  database.close()
}

/** Resolves when the database has no free pages left, and its log is in it. */
export async function givenBack(folder: string): Promise<void> {
  const database = new DatabaseSync(join(folder, 'aspara.db'), { readOnly: true })
  const free = database.prepare('pragma freelist_count')
  const isDone = async () =>
    (free.get() as { freelist_count: number }).freelist_count === 0 &&
    (await stat(join(folder, 'aspara.db-wal'))).size === 0
  for (let tries = 0; tries < 600 && !(await isDone()); tries++)
    await new Promise((resolve) => setTimeout(resolve, 100))
  database.close()
}

/** The database with its log; the reserve is apart, which is as large whatever is stored. */
export async function diskBytes(folder: string): Promise<number> {
  const sizes = await Promise.all(['aspara.db', 'aspara.db-wal'].map((name) => stat(join(folder, name))))
  return sizes.reduce((sum, { size }) => sum + size, 0)
}
