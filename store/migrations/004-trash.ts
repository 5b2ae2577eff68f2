import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { MigrationStep } from './migrate.ts'

/** A number for each run, in the order in which a project's were made; what a deleted run needs to come back. */
export const trash: MigrationStep = (): Migration => ({
  async up(db) {
    await db.schema
      .alterTable('projects')
      .addColumn('runs_made', 'bigint', (column) => column.notNull().defaultTo(0))
      .execute()
    await db.schema
      .alterTable('runs')
      .addColumn('number', 'bigint', (column) => column.notNull().defaultTo(0))
      .execute()
    // Newer runs have higher ids.
    await sql`
      update runs set number = numbered.number
      from (select id, row_number() over (partition by project order by id) as number from runs) as numbered
      where numbered.id = runs.id`.execute(db)
    await sql`
      update projects set runs_made = counted.runs
      from (select project, count(*) as runs from runs group by project) as counted
      where counted.project = projects.name`.execute(db)
    await db.schema.alterTable('deleted_runs').addColumn('project', 'text').execute()
    await db.schema.alterTable('deleted_runs').addColumn('name', 'text').execute()
    await db.schema.alterTable('deleted_runs').addColumn('deleted_at', 'bigint').execute()
    await db.schema
      .alterTable('deleted_runs')
      .addColumn('takes_writers', 'bigint', (column) => column.notNull().defaultTo(0))
      .execute()
    await db.schema.createIndex('deleted_runs_project').on('deleted_runs').columns(['project', 'deleted_at']).execute()
    // A batch that finds no run looks for its name here.
    await db.schema.createIndex('deleted_runs_name').on('deleted_runs').columns(['project', 'name']).execute()
  },
})
