/** `import { init } from 'aspara'` in Node, Deno and Bun; browsers get browser.ts. */
import type { InitOptions } from './options.ts'
import type { Run } from './run.ts'
import { openSpoolRun } from './spool-run.ts'

export type { LiveDocument } from './document.ts'
export type { Metrics, MetricValue } from './flatten.ts'
export type { MetricDefinition, SummaryKind } from './metric-definition.ts'
export type { InitOptions, Mode, Settings } from './options.ts'
export type { ArtifactOptions, Finished, FinishOptions, LogOptions, Run } from './run.ts'

/**
 * Begins a run. Nothing is waited for: with no tracker there it spools, and sends when there is one. It is a promise for
 * the sake of what may come, and rejects only for a wrong option.
 * @throws TypeError that names the option
 */
export async function init(options: InitOptions = {}): Promise<Run> {
  return openSpoolRun(options)
}
