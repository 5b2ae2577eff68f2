import type { RunsRequest } from '../api/queries.ts'
import type { View } from '../view/view.ts'
import { isSort, isUnchosen, metricsOfColumns } from './columns.ts'

/** What a view asks of the runs; `headline` are the columns of metrics that stand there until somebody chooses. */
export function runsRequestOf(
  { filter, sort, columns }: Pick<View, 'filter' | 'sort' | 'columns'>,
  headline: readonly string[],
): RunsRequest {
  return {
    filter,
    // An order in an old link may be none any more: the usual one will do.
    sort: isSort(sort) ? sort : '',
    metrics: metricsOfColumns(isUnchosen(columns) ? headline : columns),
  }
}
