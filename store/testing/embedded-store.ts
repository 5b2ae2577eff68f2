import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { SqliteEngine } from '../engines/sqlite.ts'
import { embedded, openStore, type Store, type StoreOptions } from '../store.ts'
import type { StoreUnderTest } from './store-suite.ts'
import { folderBytes, temporaryFolder } from './temporary-folder.ts'

/** Opens the embedded store of a folder with its real threads; the death of one fails the test. */
export function openEmbedded(folder: string, options: Partial<StoreOptions> = {}): Promise<Store> {
  return openStore({
    ...embedded(folder),
    observer: { committed: () => {} },
    keepJournalMs: 0,
    onDeath: (error) => {
      throw error
    },
    ...options,
  })
}

/** The embedded store over a real file in a temporary folder. */
export async function embeddedUnderTest(folder?: string): Promise<StoreUnderTest> {
  const place = folder ?? (await temporaryFolder())
  let store = await openEmbedded(place)
  return {
    get store() {
      return store
    },
    async reopen() {
      await store.close()
      store = await openEmbedded(place)
    },
    close: () => store.close(),
    // Room that is kept back comes and goes by itself.
    bytesOnDisk: () => folderBytes(place, 'aspara.reserve'),
    async artifactFiles() {
      const entries = await readdir(join(place, 'artifacts'), { recursive: true, withFileTypes: true })
      return entries.filter((entry) => entry.isFile()).length
    },
    async silence({ project, run }, ms) {
      const db = await new SqliteEngine(place).openWriter()
      for (const table of ['heads', 'writers'] as const) {
        await db
          .updateTable(table)
          .set((eb) => ({ heard_at: eb('heard_at', '-', ms) }))
          .where('run', '=', (eb) =>
            eb.selectFrom('runs').select('id').where('project', '=', project).where('name', '=', run),
          )
          .execute()
      }
      await db
        .updateTable('heads')
        .set((eb) => ({ last_point_heard_at: eb('last_point_heard_at', '-', ms) }))
        .where('run', '=', (eb) =>
          eb.selectFrom('runs').select('id').where('project', '=', project).where('name', '=', run),
        )
        .execute()
      await db.destroy()
    },
    async ageTrash({ project, run }, ms) {
      const db = await new SqliteEngine(place).openWriter()
      const deleted = await db
        .updateTable('deleted_runs')
        .set((eb) => ({ deleted_at: eb('deleted_at', '-', ms) }))
        .where('project', '=', project)
        .where('name', '=', run)
        .returning('run')
        .executeTakeFirstOrThrow()
      await db
        .updateTable('heads')
        .set((eb) => ({ heard_at: eb('heard_at', '-', ms) }))
        .where('run', '=', deleted.run)
        .execute()
      await db.destroy()
    },
  }
}
