import type { Filter, Operator } from '@aspara/protocol/filter.ts'
import { type Field, kindOf } from '@aspara/protocol/filter-field.ts'
import type { FilterTime, FilterValue } from '@aspara/protocol/filter-value.ts'
import { type Expression, expressionBuilder, type SqlBool, sql } from 'kysely'
import type { Tables } from '../tables.ts'
import type { RunFields } from './run-fields.ts'

const eb = expressionBuilder<Tables, 'runs' | 'heads'>()

/** A filter in SQL: true or false of every run, never null, so that `not` gives exactly the others. */
export function filterRuns(filter: Filter, fields: RunFields): Expression<SqlBool> {
  switch (filter.kind) {
    case 'and':
      return eb.and(filter.parts.map((part) => filterRuns(part, fields)))
    case 'or':
      return eb.or(filter.parts.map((part) => filterRuns(part, fields)))
    case 'not':
      return eb.not(eb.parens(filterRuns(filter.part, fields)))
    case 'comparison':
      return compare(filter.field, filter.operator, filter.value, fields)
    case 'oneOf':
      return isOneOf(filter.field, filter.values, fields)
    case 'contains':
      return isTrue(fields.expressions.contains(fields.text(filter.field), filter.part))
    case 'tagged':
      return fields.expressions.hasElement(fields.tags, filter.tag)
  }
}

function compare(field: Field, operator: Operator, value: FilterValue, fields: RunFields): Expression<SqlBool> {
  if (value === null) {
    const isNothing = isMissing(field, fields)
    return operator === '=' ? isNothing : eb.not(eb.parens(isNothing))
  }
  return isTrue(
    typeof value === 'string'
      ? eb(fields.text(field), operator, value)
      : eb(numberOf(field, value, fields), operator, toNumber(value, fields)),
  )
}

/** By type, for a list of each: joined by `or`, a long one would be too deep for SQL. */
function isOneOf(field: Field, values: FilterValue[], fields: RunFields): Expression<SqlBool> {
  const found: Expression<SqlBool>[] = values.includes(null) ? [isMissing(field, fields)] : []
  const texts = values.filter((value) => typeof value === 'string')
  if (texts.length > 0) found.push(isTrue(eb(fields.text(field), 'in', texts)))
  for (const type of ['number', 'boolean', 'object'] as const) {
    const its = values.filter((value) => value !== null && typeof value === type) as (number | boolean | FilterTime)[]
    if (its.length === 0) continue
    const numbers = its.map((value) => toNumber(value, fields))
    found.push(isTrue(eb(numberOf(field, its[0], fields), 'in', numbers)))
  }
  return eb.or(found)
}

/** The field where it is of the value's type: what is of another has no number. */
function numberOf(field: Field, value: number | boolean | FilterTime, fields: RunFields): Expression<number | null> {
  if (typeof value !== 'boolean') return fields.number(field)
  if (field.name !== 'config' && field.name !== 'summary')
    throw new Error(`BUG: ${field.name} is neither true nor false`)
  return fields.expressions.truthAt(fields.document(field), field.path)
}

function toNumber(value: number | boolean | FilterTime, { nowMs }: RunFields): number {
  if (typeof value !== 'object') return Number(value)
  return 'ms' in value ? value.ms : nowMs - value.beforeNowMs
}

function isMissing(field: Field, fields: RunFields): Expression<SqlBool> {
  if (field.name === 'config' || field.name === 'summary') {
    return fields.expressions.isNothingAt(fields.document(field), field.path)
  }
  const isText = kindOf(field) === 'text'
  return sql<SqlBool>`${isText ? fields.text(field) : fields.number(field)} is null`
}

const isTrue = (expression: Expression<SqlBool | null>): Expression<SqlBool> => sql`(${expression}) is true`
