import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { MigrationStep } from './migrate.ts'

/** Projects, runs, the journal with its heads and writers, artifacts, and what is to be cleared. */
export const firstTables: MigrationStep = (facts): Migration => ({
  async up(db) {
    await db.schema
      .createTable('projects')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('display_name', 'text')
      .addColumn('tags', 'text', (column) => column.notNull())
      .addColumn('notes', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('runs')
      .addColumn('id', 'bigint', (column) => column.primaryKey())
      .addColumn('project', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('display_name', 'text')
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('exit_code', 'bigint')
      .addColumn('tags', 'text', (column) => column.notNull())
      .addColumn('notes', 'text', (column) => column.notNull())
      .addColumn('config', 'text', (column) => column.notNull())
      .addColumn('summary', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('finished_at', 'bigint')
      .addUniqueConstraint('runs_project_name', ['project', 'name'])
      .execute()
    // Pages of a project's runs come newest first, which is by id.
    await db.schema.createIndex('runs_project_id').on('runs').columns(['project', 'id']).execute()
    await db.schema
      .createTable('heads')
      .addColumn('run', 'bigint', (column) => column.primaryKey())
      .addColumn('next_position', 'bigint', (column) => column.notNull())
      .addColumn('last_step', 'bigint')
      .addColumn('heard_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('writers')
      .addColumn('run', 'bigint', (column) => column.notNull())
      .addColumn('writer', 'text', (column) => column.notNull())
      .addColumn('next_sequence', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('writers_key', ['run', 'writer'])
      .modifyEnd(sql.raw(facts.keyOrdered))
      .execute()
    await db.schema
      .createTable('journal')
      .addColumn('run', 'bigint', (column) => column.notNull())
      .addColumn('position', 'bigint', (column) => column.notNull())
      .addColumn('step_min', 'bigint', (column) => column.notNull())
      .addColumn('body', facts.bytes, (column) => column.notNull())
      .addPrimaryKeyConstraint('journal_key', ['run', 'position'])
      .modifyEnd(sql.raw(facts.keyOrdered))
      .execute()
    // An export goes through a run by step, whatever order its records came in.
    await db.schema.createIndex('journal_step').on('journal').columns(['run', 'step_min', 'position']).execute()
    await db.schema
      .createTable('artifacts')
      .addColumn('run', 'bigint', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('sha256', 'text', (column) => column.notNull())
      .addColumn('size', 'bigint', (column) => column.notNull())
      .addColumn('description', 'text')
      .addColumn('category', 'text')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('artifacts_key', ['run', 'name'])
      .execute()
    await db.schema.createIndex('artifacts_sha256').on('artifacts').column('sha256').execute()
    await db.schema
      .createTable('deleted_runs')
      .addColumn('run', 'bigint', (column) => column.primaryKey())
      .execute()
    await db.schema
      .createTable('dropped_files')
      .addColumn('id', facts.serial, (column) => column.primaryKey())
      .addColumn('sha256', 'text', (column) => column.notNull())
      .execute()
  },
})
