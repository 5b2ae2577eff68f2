import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { MigrationStep } from './migrate.ts'

/**
 * Runs get the times of their training instead of those of its arrival, and a reason for their end. A running run with
 * numbered batches is lost when it falls silent, whether or not it ever sent an empty one.
 */
export const timesOfRuns: MigrationStep = (): Migration => ({
  async up(db) {
    await db.schema.alterTable('runs').addColumn('finish_reason', 'text').execute()
    for (const name of ['last_point_at', 'last_point_heard_at']) {
      await db.schema.alterTable('heads').addColumn(name, 'bigint').execute()
    }
    // Pages of a project's runs come newest first, which is no longer by id: a run that was sent later may be older.
    await db.schema.createIndex('runs_project_created').on('runs').columns(['project', 'created_at', 'id']).execute()
    await db.schema.dropIndex('runs_project_id').execute()
    await sql`
      update heads set has_heartbeats = 1
      where has_heartbeats = 0 and run in (select run from writers)`.execute(db)
  },
})
