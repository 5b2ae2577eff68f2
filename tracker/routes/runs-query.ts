import { invalidField } from '@aspara/protocol/errors.ts'
import { parseFilter } from '@aspara/protocol/filter.ts'
import { FilterError } from '@aspara/protocol/filter-error.ts'
import type { RunsQuery } from '@aspara/protocol/runs.ts'
import { parseSort } from '@aspara/protocol/sort.ts'
import type { RunPageRequest } from '@aspara/store/catalog/list-runs.ts'

/** What a query asks for, its filter and sort read. @throws invalidField */
export function runPageRequest({ filter, sort, metrics, metric, ...page }: RunsQuery): RunPageRequest {
  return {
    ...page,
    metrics: wantedMetrics({ metrics, metric }),
    filter: parse('filter', parseFilter, filter),
    sort: parse('sort', parseSort, sort),
  }
}

/** Of names with commas between them, and names by themselves, each once; undefined without either: all are wanted. */
export function wantedMetrics({ metrics, metric }: { metrics?: string; metric?: string[] }): string[] | undefined {
  if (metrics === undefined && metric === undefined) return undefined
  return [...new Set([...(metrics ? metrics.split(',') : []), ...(metric ?? [])])]
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
