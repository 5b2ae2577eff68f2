import type { Migration } from 'kysely/migration'
import type { MigrationStep } from './migrate.ts'

/** Views of projects, saved by name; when a project was described last, for who listens. */
export const views: MigrationStep = (): Migration => ({
  async up(db) {
    await db.schema
      .alterTable('projects')
      .addColumn('described', 'bigint', (column) => column.notNull().defaultTo(0))
      .execute()
    await db.schema
      .createTable('views')
      .addColumn('project', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('view', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('views_key', ['project', 'name'])
      .execute()
  },
})
