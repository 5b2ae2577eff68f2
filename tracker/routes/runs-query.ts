import { invalidField } from '@aspara/protocol/errors.ts'
import { parseFilter } from '@aspara/protocol/filter.ts'
import { FilterError } from '@aspara/protocol/filter-error.ts'
import type { RunsQuery } from '@aspara/protocol/runs.ts'
import { parseSort } from '@aspara/protocol/sort.ts'
import type { RunPageRequest } from '@aspara/store/catalog/list-runs.ts'

/** What a query asks for, its filter and sort read. @throws invalidField */
export function runPageRequest({ filter, sort, ...page }: RunsQuery): RunPageRequest {
  return { ...page, filter: parse('filter', parseFilter, filter), sort: parse('sort', parseSort, sort) }
}

function parse<Parsed>(field: string, read: (text: string) => Parsed, text: string | undefined): Parsed | undefined {
  if (text === undefined) return undefined
  try {
    return read(text)
  } catch (error) {
    if (error instanceof FilterError) throw invalidField(['query', field], error.message)
    throw error
  }
}
