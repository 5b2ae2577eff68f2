import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { MigrationStep } from './migrate.ts'

/** Chunks and what metrics come to; stamps, by which a stream knows what is new. The journal there is stays the journal. */
export const series: MigrationStep = (facts): Migration => ({
  async up(db) {
    await db.schema
      .createTable('series')
      .addColumn('run', 'bigint', (column) => column.notNull())
      .addColumn('number', 'bigint', (column) => column.notNull())
      .addColumn('project', 'text', (column) => column.notNull())
      .addColumn('metric', 'text', (column) => column.notNull())
      .addColumn('count', 'bigint', (column) => column.notNull())
      .addColumn('nonfinite', 'bigint', (column) => column.notNull())
      .addColumn('first', 'double precision')
      .addColumn('last', 'double precision')
      .addColumn('min', 'double precision')
      .addColumn('max', 'double precision')
      .addColumn('mean', 'double precision')
      .addColumn('rollup', facts.bytes, (column) => column.notNull())
      .addColumn('levels', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('series_key', ['run', 'number'])
      .modifyEnd(sql.raw(facts.keyOrdered))
      .execute()
    // A project's runs by a metric: read from end to end, and nothing else is.
    await db.schema
      .createIndex('series_metric')
      .on('series')
      .columns(['project', 'metric', 'run', 'count', 'nonfinite', 'first', 'last', 'min', 'max', 'mean'])
      .execute()
    // With a row id of its own: chunks are as large as pages, which a table in the order of the key fills badly.
    await db.schema
      .createTable('chunks')
      .addColumn('run', 'bigint', (column) => column.notNull())
      .addColumn('series', 'bigint', (column) => column.notNull())
      .addColumn('level', 'bigint', (column) => column.notNull())
      .addColumn('first_step', 'bigint', (column) => column.notNull())
      .addColumn('part', 'bigint', (column) => column.notNull())
      .addColumn('body', facts.bytes, (column) => column.notNull())
      .addPrimaryKeyConstraint('chunks_key', ['run', 'series', 'level', 'first_step', 'part'])
      .execute()
    // The stamp stands before the body, which is skipped only by reading all of it; exports do not read by step any more.
    // And in SQLite with a row id: large bodies are read and deleted six times as fast (bench/README.md).
    await db.schema.alterTable('journal').renameTo('journal_before').execute()
    await db.schema
      .createTable('journal')
      .addColumn('run', 'bigint', (column) => column.notNull())
      .addColumn('position', 'bigint', (column) => column.notNull())
      .addColumn('stamp', 'bigint', (column) => column.notNull().defaultTo(0))
      .addColumn('body', facts.bytes, (column) => column.notNull())
      .addPrimaryKeyConstraint('journal_entries', ['run', 'position'])
      .execute()
    await sql`insert into journal (run, position, body) select run, position, body from journal_before`.execute(db)
    await db.schema.dropTable('journal_before').execute()
    const stamps = {
      heads: ['stamp', 'described', 'compacted', 'has_heartbeats'],
      projects: ['removed'],
    }
    for (const [table, columns] of Object.entries(stamps)) {
      for (const name of columns) {
        await db.schema
          .alterTable(table)
          .addColumn(name, 'bigint', (column) => column.notNull().defaultTo(0))
          .execute()
      }
    }
    // What changed since a stamp.
    await db.schema.createIndex('heads_stamp').on('heads').column('stamp').execute()
  },
})
