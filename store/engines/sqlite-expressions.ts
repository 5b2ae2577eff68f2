import type { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import type { EngineExpressions } from './engine.ts'

/** Gives a connection what the expressions below call. */
export function addFunctions(database: DatabaseSync): void {
  // lower() of SQLite's own knows only the letters of English.
  database.function('fold_case', { deterministic: true }, (text) =>
    typeof text === 'string' ? text.toLowerCase() : null,
  )
}

/** https://www.sqlite.org/json1.html: what lies at a path, and of which type it is. */
export const sqliteExpressions: EngineExpressions = {
  numberAt(document, keys) {
    const path = pathOf(keys)
    // As a double: integers past 2^53 would come as what JavaScript can't hold.
    return sql`case when json_type(${document}, ${path}) in ('integer', 'real') then cast(json_extract(${document}, ${path}) as real) end`
  },
  textAt(document, keys) {
    const path = pathOf(keys)
    return sql`case when json_type(${document}, ${path}) = 'text' then json_extract(${document}, ${path}) end`
  },
  truthAt(document, keys) {
    return sql`case json_type(${document}, ${pathOf(keys)}) when 'true' then 1 when 'false' then 0 end`
  },
  isNothingAt(document, keys) {
    return sql`coalesce(json_type(${document}, ${pathOf(keys)}), 'null') = 'null'`
  },
  hasElement(list, text) {
    return sql`exists (select 1 from json_each(${list}) where value = ${text})`
  },
  contains(text, part) {
    return sql`instr(fold_case(${text}), ${part.toLowerCase()}) > 0`
  },
  numberRows(rows, columns) {
    // Of no type, a column would not be looked up: each row would be compared with each.
    const selected = columns.map(
      (column, index) => sql`cast(json_extract(value, ${`$[${index}]`}) as real) as ${sql.ref(column)}`,
    )
    return sql`(select ${sql.join(selected)} from json_each(${JSON.stringify(rows)}))`
  },
}

/** In quotes a key is only a key, whatever it holds; JSON's escapes are SQLite's. */
const pathOf = (keys: string[]): string => ['$', ...keys.map((key) => JSON.stringify(key))].join('.')
