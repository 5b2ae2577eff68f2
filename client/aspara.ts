/** `import { init } from 'aspara'` in Node, Deno and Bun; browsers get browser.ts. */
import type { InitOptions } from './options.ts'
import type { Run } from './run.ts'
import { openSpoolRun } from './spool-run.ts'

export {
  Api,
  ApiArtifact,
  ApiError,
  ApiRun,
  type ArtifactRecord,
  type MetricFigures,
  type Point,
  type RunRecord,
} from './api.ts'
export type { LiveDocument } from './document.ts'
export type { Metrics, MetricValue } from './flatten.ts'
export type { History } from './history.ts'
export type { Loggable } from './loggable.ts'
export type { MetricDefinition, SummaryKind } from './metric-summaries.ts'
export type { InitOptions, Mode, Resume, Settings } from './options.ts'
export type { Run } from './run.ts'
export type { ArtifactOptions, Finished, FinishOptions, LogOptions } from './run-parts.ts'

/**
 * Begins a run. With no tracker there it spools, and sends when there is one. Only with `resume` is the tracker asked for
 * the run, for at most 2 s; otherwise nothing is waited for.
 * @throws TypeError that names the option that is wrong; the promise rejects for nothing else
 */
export function init(options: InitOptions = {}): Promise<Run> {
  return openSpoolRun(options)
}
