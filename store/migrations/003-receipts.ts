import type { Migration } from 'kysely/migration'
import type { MigrationStep } from './migrate.ts'

/**
 * Runs get an id that their client gives, and what groups them; writers get a receipt over what is stored of theirs. Of
 * writers that were there before it stays null: what they gave so far was not counted.
 */
export const receipts: MigrationStep = (): Migration => ({
  async up(db) {
    for (const name of ['given_id', 'group', 'job_type']) {
      await db.schema.alterTable('runs').addColumn(name, 'text').execute()
    }
    // Of those that have one: null is equal to nothing.
    await db.schema.createIndex('runs_given_id').unique().on('runs').columns(['project', 'given_id']).execute()
    await db.schema.alterTable('heads').addColumn('ending_code', 'bigint').execute()
    for (const name of ['rows', 'points', 'checksum', 'heard_at', 'finished_at', 'exit_code'] as const) {
      await db.schema.alterTable('writers').addColumn(name, 'bigint').execute()
    }
    for (const name of ['label', 'client']) await db.schema.alterTable('writers').addColumn(name, 'text').execute()
  },
})
