import { limits } from '@aspara/protocol/limits.ts'
import type { SortKey } from '@aspara/protocol/sort.ts'
import { type Expression, expressionBuilder, type SqlBool, sql } from 'kysely'
import type { RunId } from '../tables.ts'
import type { RunFields } from './run-fields.ts'

export type SortValue = number | string | null

/** One column by which rows are ordered, null last in either direction. */
export interface SortColumn {
  value: Expression<SortValue>
  isDescending: boolean
}

/** A place in an order: the values of a row's columns, and its run. */
export interface SortPlace {
  at: SortValue[]
  run: RunId
}

/** What a sort means in columns; a value of a document, which may be of any type, is two: numbers first, then texts. */
export function sortColumns(sort: SortKey[], fields: RunFields): SortColumn[] {
  return sort.flatMap(({ field, isDescending }): SortColumn[] => {
    switch (field.name) {
      case 'name':
      case 'display_name':
      case 'id':
      case 'group':
      case 'job_type':
      case 'status':
        return [{ value: startOf(fields.text(field)), isDescending }]
      case 'config':
      case 'summary': {
        const truth = fields.expressions.truthAt(fields.document(field), field.path)
        const value = sql<number | null>`coalesce(${fields.number(field)}, ${truth})`
        return [
          { value, isDescending },
          { value: startOf(fields.text(field)), isDescending },
        ]
      }
      default:
        return [{ value: fields.number(field), isDescending }]
    }
  })
}

/** The name of a column in the table of what is sorted. */
export const sortName = (index: number): `k${number}` => `k${index}`

/** Whether a row of `id` and the columns comes after a place; among equals the run that was made last comes first. */
export function isAfter(columns: SortColumn[], { at, run }: SortPlace): Expression<SqlBool> {
  const eb = expressionBuilder<{ sorted: { id: RunId } }, 'sorted'>()
  const reference = (index: number) => sql.ref<SortValue>(sortName(index))
  const isEqual = columns.map((_, index) =>
    at[index] === null ? sql<SqlBool>`${reference(index)} is null` : eb(reference(index), '=', at[index]),
  )
  const cases: Expression<SqlBool>[] = []
  columns.forEach(({ isDescending }, index) => {
    if (at[index] === null) return // Nothing comes after what is last.
    const isBeyond = eb(reference(index), isDescending ? '<' : '>', at[index])
    const follows = eb.or([isBeyond, sql<SqlBool>`${reference(index)} is null`])
    cases.push(eb.and([...isEqual.slice(0, index), follows]))
  })
  cases.push(eb.and([...isEqual, eb('sorted.id', '<', run)]))
  return eb.or(cases)
}

/** So much of a text as a cursor can hold. */
const startOf = (text: Expression<string | null>): Expression<string | null> =>
  sql`substr(${text}, 1, ${sql.lit(limits.sortTextCharsMax)})`
