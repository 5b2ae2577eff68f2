import type { MetricSummary } from '@aspara/protocol/metrics.ts'
import type { RunId } from '../tables.ts'

/** What the metrics of runs came to, all acknowledged points included. */
export interface RunSummaries {
  /** The runs of which points still stand in the journal: their rows in `series` are behind, or not there yet. */
  liveRuns(): Promise<RunId[]>
  /** The metrics of a run, in the order in which they first came. */
  read(run: RunId): Promise<MetricSummary[]>
  /** The same of some hundred runs at once, or of these metrics only; a run of which there is nothing has an empty list. */
  readMany(runs: RunId[], metrics?: string[]): Promise<Map<RunId, MetricSummary[]>>
}
