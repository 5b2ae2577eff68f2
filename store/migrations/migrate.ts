import type { Kysely } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import type { EngineFacts } from '../engines/engine.ts'
import type { Tables } from '../tables.ts'
import { firstTables } from './001-first-tables.ts'

/** A step from one version of the tables to the next. It never changes once it is released. */
export type MigrationStep = (facts: EngineFacts) => Migration

/** In order; the names are kept in the database. */
const migrations: Record<string, MigrationStep> = {
  '001-first-tables': firstTables,
}

/** Names of the migrations that a database has not had yet, in order. */
export async function pendingMigrations(db: Kysely<Tables>, facts: EngineFacts, steps = migrations): Promise<string[]> {
  const known = await migrator(db, facts, steps).getMigrations()
  return known.filter((migration) => migration.executedAt === undefined).map((migration) => migration.name)
}

/** Brings the tables to this version, all or nothing. @throws what the failing step threw */
export async function migrate(db: Kysely<Tables>, facts: EngineFacts, steps = migrations): Promise<void> {
  const { error } = await migrator(db, facts, steps).migrateToLatest()
  if (error) throw error
}

function migrator(db: Kysely<Tables>, facts: EngineFacts, steps: Record<string, MigrationStep>): Migrator {
  const named = Object.entries(steps).map(([name, step]) => [name, step(facts)] as const)
  return new Migrator({
    db,
    provider: { getMigrations: async () => Object.fromEntries(named) },
    migrationTableName: 'migrations',
    migrationLockTableName: 'migrations_lock',
  })
}
