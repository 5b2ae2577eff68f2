import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { type EngineFacts, StoreUnavailable } from '../engines/engine.ts'
import type { Tables } from '../tables.ts'
import { firstTables } from './001-first-tables.ts'
import { series } from './002-series.ts'
import { receipts } from './003-receipts.ts'
import { trash } from './004-trash.ts'
import { views } from './005-views.ts'
import { timesOfRuns } from './006-times-of-runs.ts'

/** A step from one version of the tables to the next. It never changes once it is released. */
export type MigrationStep = (facts: EngineFacts) => Migration
export type Steps = Record<string, MigrationStep>

/** In order; the names are kept in the database. */
export const migrations: Steps = {
  '001-first-tables': firstTables,
  '002-series': series,
  '003-receipts': receipts,
  '004-trash': trash,
  '005-views': views,
  '006-times-of-runs': timesOfRuns,
}

/** Names of the migrations that a database has not had yet, in order. */
export async function pendingMigrations(db: Kysely<Tables>, facts: EngineFacts, steps: Steps): Promise<string[]> {
  const known = await migrator(db, facts, steps).getMigrations()
  return known.filter((migration) => migration.executedAt === undefined).map((migration) => migration.name)
}

/** Brings the tables to this version, all or nothing. @throws StoreUnavailable, and what the failing step threw */
export async function migrate(db: Kysely<Tables>, facts: EngineFacts, steps: Steps): Promise<void> {
  const { error } = await migrator(db, facts, steps).migrateToLatest()
  if (!error) return
  const { rows: done } = await sql<{ name: string }>`select name from migrations order by name`.execute(db)
  const unknown = done.map((row) => row.name).filter((name) => !(name in steps))
  if (unknown.length === 0) throw error
  const sentence = `The data is of a newer version of Aspara, which has ${unknown.join(', ')}: start that one`
  throw new StoreUnavailable(sentence, { cause: error })
}

function migrator(db: Kysely<Tables>, facts: EngineFacts, steps: Steps): Migrator {
  const named = Object.entries(steps).map(([name, step]) => [name, step(facts)] as const)
  return new Migrator({
    db,
    provider: { getMigrations: async () => Object.fromEntries(named) },
    migrationTableName: 'migrations',
    migrationLockTableName: 'migrations_lock',
  })
}
