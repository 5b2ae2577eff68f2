import type { Filter, Operator } from '@aspara/protocol/filter.ts'
import type { Field } from '@aspara/protocol/filter-field.ts'
import type { FilterTime, FilterValue } from '@aspara/protocol/filter-value.ts'
import type { Run } from '@aspara/protocol/runs.ts'
import type { SortKey } from '@aspara/protocol/sort.ts'

/*
 * What filters and sorts mean, in plain JavaScript over whole runs: what a store says in SQL must be the same.
 */

export function matches(filter: Filter, run: Run, nowMs: number): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.parts.every((part) => matches(part, run, nowMs))
    case 'or':
      return filter.parts.some((part) => matches(part, run, nowMs))
    case 'not':
      return !matches(filter.part, run, nowMs)
    case 'comparison':
      return compares(fieldValue(filter.field, run), filter.operator, filter.value, nowMs)
    case 'oneOf':
      return filter.values.some((value) => compares(fieldValue(filter.field, run), '=', value, nowMs))
    case 'contains': {
      const value = fieldValue(filter.field, run)
      return typeof value === 'string' && value.toLowerCase().includes(filter.part.toLowerCase())
    }
    case 'tagged':
      return run.tags.includes(filter.tag)
  }
}

/** Newest first, unless it says otherwise; among equals the run that was made last comes first. */
export function sortRuns(runs: Run[], sort: SortKey[] = [{ field: { name: 'created' }, isDescending: true }]): Run[] {
  const keysOf = (run: Run) =>
    sort.flatMap(({ field, isDescending }) => {
      const value = fieldValue(field, run)
      const text = typeof value === 'string' ? Array.from(value).slice(0, 256).join('') : null
      const number = typeof value === 'number' || typeof value === 'boolean' ? Number(value) : null
      return [
        { key: number, isDescending },
        { key: text, isDescending },
      ]
    })
  const lastMadeFirst = runs.toSorted((one, other) => other.number - one.number)
  return lastMadeFirst.toSorted((one, other) => {
    const others = keysOf(other)
    for (const [index, { key, isDescending }] of keysOf(one).entries()) {
      const its = others[index].key
      if (key === null || its === null) {
        if (key !== its) return key === null ? 1 : -1
        continue
      }
      const order = compare(key, its)
      if (order !== 0) return isDescending ? -order : order
    }
    return 0
  })
}

/** undefined and null: there is none. */
export function fieldValue(field: Field, run: Run): unknown {
  switch (field.name) {
    case 'config':
    case 'summary': {
      let value: unknown = run[field.name]
      for (const key of field.path) {
        const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
        value = isObject && Object.hasOwn(value as object, key) ? (value as Record<string, unknown>)[key] : undefined
      }
      return value
    }
    case 'metric': {
      const value = run.metrics.find((metric) => metric.metric === field.metric)?.[field.stat]
      return typeof value === 'number' ? value : null
    }
    case 'created':
    case 'heard':
    case 'finished': {
      const moment = run[`${field.name}_at`]
      return moment === null ? null : Date.parse(moment)
    }
    default:
      return run[field.name]
  }
}

function compares(value: unknown, operator: Operator, given: FilterValue, nowMs: number): boolean {
  const isNothing = value === null || value === undefined
  if (given === null) return isNothing === (operator === '=')
  const other = typeof given === 'object' ? timeOf(given, nowMs) : given
  if (typeof value !== typeof other) return false
  const order = compare(value as number, other as number)
  switch (operator) {
    case '=':
      return order === 0
    case '!=':
      return order !== 0
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
  }
}

const timeOf = (time: FilterTime, nowMs: number) => ('ms' in time ? time.ms : nowMs - time.beforeNowMs)

/** Texts by code points, as UTF-8 sorts: by UTF-16 units an emoji would come before some letters. */
function compare<Value extends number | string>(one: Value, other: Value): number {
  if (typeof one === 'string') return Buffer.compare(Buffer.from(one), Buffer.from(other as string))
  return one < other ? -1 : one > other ? 1 : 0
}
