import type { Keeper } from './keeper.ts'
import type { EarlierMetric } from './metric-summaries.ts'
import { artifactNameOf } from './names.ts'
import type { Mode, RunDescription } from './options.ts'
import type { Sender } from './sender.ts'
import type { SpoolDocument } from './spool-format.ts'

export interface LogOptions {
  /** A whole number; without it one more than the highest so far. */
  step?: number
  /** false: the next call without a step logs to the same one. */
  commit?: boolean
  /** Milliseconds since the epoch, ISO 8601 or a Date; without it now. */
  timestamp?: number | string | Date
}

export interface ArtifactOptions {
  /** What it is called; without it the file's name. */
  name?: string
  description?: string
  category?: 'code' | 'model' | 'config' | 'data' | 'other'
}

export interface FinishOptions {
  exitCode?: number
  /** Why it ended, at most 1,000 characters: shown beside the run's status. */
  reason?: string
  /** Nothing is said of what could not be sent. */
  quiet?: boolean
  /** How long what is not sent yet is waited for. */
  flushTimeoutMs?: number
}

export interface Finished {
  /** Whether the tracker has everything. */
  isSent: boolean
  /** Rows that it does not have yet. */
  rowsWaiting: number
  /** Calls of `log` that had to be dropped: no room. */
  lost: number
}

/** What a run stands on: where it keeps what is logged, and who sends it. */
export interface RunParts {
  description: RunDescription & { id: string }
  trackerUri: string
  mode: Mode
  /** What the tracker has of a run that goes on. */
  before?: RunBefore
  keeper: Keeper
  /** Where that is; undefined for a run that is disabled. What is in memory is lost when the process ends. */
  storage?: 'disk' | 'temporary' | 'memory'
  /** None when the run is not online. */
  sender?: Sender
  /** The run has ended, with this exit code; nothing more is written. */
  onEnd?: (exitCode: number) => void
  /** The command by which what is left can be sent; empty when there is none. */
  advice?: string
  /** How a person skips the wait for the tracker at the end. */
  skipHint?: string
  warn: (sentence: string) => void
  /** What the spool keeps of a file, or of each file of a folder. @throws TypeError when there is none */
  artifactsOf: (file: string | Blob, options: ArtifactOptions) => Promise<SpoolDocument[]>
}

/** A run as it was before this process went on with it. */
export interface RunBefore {
  /** The highest step; -1 when there is none. */
  lastStep: number
  config: Record<string, unknown>
  summary: Record<string, unknown>
  /** The value of each metric at its highest step. */
  last: { metric: string; step: number; value: number }[]
  /** What each metric came to. */
  metrics: ReadonlyMap<string, EarlierMetric>
}

/** What the spool keeps of one file. @throws TypeError when it has no name */
export function artifactDocument(fields: object, name: string | undefined, options: ArtifactOptions): SpoolDocument {
  if (!name) throw new TypeError('an artifact that is not a file needs a name: logArtifact(blob, { name })')
  return { ...options, ...fields, type: 'artifact', name: artifactNameOf(name as string) }
}
