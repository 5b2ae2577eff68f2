import type { Problem } from '@aspara/protocol/errors.ts'
import type { Expression, Kysely, RawBuilder, SqlBool } from 'kysely'
import type { Tables } from '../tables.ts'

export type Database = Kysely<Tables>

/** What differs between the engines, as facts and deeds with the same names in each. Nothing else asks which one it is. */
export interface Engine {
  readonly facts: EngineFacts
  /** Where everything is kept, for the log. */
  readonly place: string
  readonly expressions: EngineExpressions

  /** Makes the store ready and this process its owner. @throws StoreUnavailable with a sentence for the user */
  take(): Promise<void>
  /** A connection for the one thread that writes; each of its commits is on disk when it resolves. */
  openWriter(): Promise<Database>
  /** A connection for a thread that only reads. */
  openReader(): Promise<Database>
  /** What an error of the engine means to the caller; undefined when it is none of the world's faults. */
  problemOf(error: unknown): Problem | undefined
  /** What could not be read, and why, for the log; undefined when the error is something else. */
  diskFaultOf(error: unknown): string | undefined
  /**
   * Moves what is committed from the log to where it stays, beside whoever writes: its commits then need not.
   * @throws what the engine throws where the disk could not be read
   */
  flush(reader: Database): Promise<void>
  /**
   * Gives a part of the freed disk back, in some milliseconds. @returns whether there is more to do at once, or later
   * because somebody is reading what would move
   */
  reclaim(writer: Database): Promise<'more' | 'later' | 'done'>
  /** On a full disk, gives up what was kept back, so that deletions can be written. @returns whether there was anything */
  makeRoom(writer: Database): Promise<boolean>
  /** Keeps a little more back for that, in about a millisecond. @returns whether there is more to do */
  keepRoom(): boolean
  release(): Promise<void>
}

/** What migrations need to know. */
export interface EngineFacts {
  /** The column type for bytes. */
  readonly bytes: 'blob' | 'bytea'
  /** The column type of a key that counts by itself. */
  readonly serial: 'integer' | 'bigserial'
  /** What follows a table of which the rows are to be kept in the order of the key. */
  readonly keyOrdered: string
}

/** What every engine can say, and each says in its own way. JSON is kept as text; keys lead into nested objects. */
export interface EngineExpressions {
  /** The number there; null when it is missing or something else. The same with the two that follow. */
  numberAt(document: Expression<string>, keys: string[]): Expression<number | null>
  textAt(document: Expression<string>, keys: string[]): Expression<string | null>
  /** 1 for true, 0 for false. */
  truthAt(document: Expression<string>, keys: string[]): Expression<number | null>
  /** Whether it is missing, or null; never null itself. */
  isNothingAt(document: Expression<string>, keys: string[]): Expression<SqlBool>
  /** Whether a list of texts has this one. */
  hasElement(list: Expression<string>, text: string): Expression<SqlBool>
  /** Whether a text has this part, in whatever case; null when the text is. */
  contains(text: Expression<string | null>, part: string): Expression<SqlBool | null>
  /** A query, in parentheses, that gives rows of numbers back, in a few parameters however many they are. */
  numberRows(rows: (number | null)[][], columns: string[]): RawBuilder<Record<string, number | null>>
}

/** The store can't be opened: a sentence for whoever started it. */
export class StoreUnavailable extends Error {
  override name = 'StoreUnavailable'
}

/** How a thread finds the engine. */
export type EngineAddress = { readonly engine: 'sqlite'; readonly folder: string }
