import type { Engine, EngineAddress } from './engine.ts'
import { SqliteEngine } from './sqlite.ts'

/** The engine at an address. Nothing is opened yet. */
export function openEngine(address: EngineAddress): Engine {
  switch (address.engine) {
    case 'sqlite':
      return new SqliteEngine(address.folder)
  }
}
