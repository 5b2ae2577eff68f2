import type { ProjectMetric, Run } from '../api/queries.ts'
import { bareField, documentPieces } from './field-text.ts'
import { documentPaths, documentValue } from './run-groups.ts'

/** What the loaded runs have, for completion and for choosing columns. */
export interface Known {
  /** Paths in config and summary, with how many runs have them, most first. */
  config: KnownKey[]
  summary: KnownKey[]
  metrics: string[]
  tags: string[]
  groups: string[]
  jobTypes: string[]
  names: string[]
}

export interface KnownKey {
  path: string
  /** As a filter writes it: `config.optimizer."learning rate"`. */
  field: string
  runs: number
  /** Up to twenty values of it that are no lists, those that most runs have first. */
  values: unknown[]
}

const valuesMax = 20

export function knownKeys(runs: readonly Run[], metrics: readonly Pick<ProjectMetric, 'metric'>[]): Known {
  return {
    config: keysOf(runs, 'config'),
    summary: keysOf(runs, 'summary'),
    metrics: metrics.map(({ metric }) => metric),
    tags: byFrequency(runs.flatMap(({ tags }) => tags)),
    groups: byFrequency(runs.flatMap(({ group }) => group ?? [])),
    jobTypes: byFrequency(runs.flatMap(({ job_type }) => job_type ?? [])),
    names: runs.map(({ name }) => name),
  }
}

interface Seen {
  runs: number
  values: Map<string, { value: unknown; runs: number }>
}

function keysOf(runs: readonly Run[], name: 'config' | 'summary'): KnownKey[] {
  const keys = new Map<string, Seen>()
  for (const run of runs) {
    for (const path of pathsOf(run[name])) {
      const seen = keys.get(path) ?? { runs: 0, values: new Map() }
      keys.set(path, seen)
      seen.runs++
      const value = documentValue(run[name], path)
      if (typeof value === 'object') continue
      const text = JSON.stringify(value)
      const known = seen.values.get(text)
      if (known) known.runs++
      // A key with a value of its own in each run is not remembered for all of ten thousand.
      else if (seen.values.size < 10 * valuesMax) seen.values.set(text, { value, runs: 1 })
    }
  }
  return [...keys]
    .map(([path, { runs: count, values }]) => ({
      path,
      field: bareField(name, documentPieces(runs, name, path)),
      runs: count,
      values: [...values.values()]
        .sort((one, other) => other.runs - one.runs)
        .slice(0, valuesMax)
        .map(({ value }) => value),
    }))
    .sort((one, other) => other.runs - one.runs)
}

const paths = new WeakMap<object, string[]>()

/** A document stays the same object while points of its run come in. */
function pathsOf(document: Record<string, unknown>): string[] {
  const known = paths.get(document) ?? documentPaths(document)
  paths.set(document, known)
  return known
}

function byFrequency(texts: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts].sort((one, other) => other[1] - one[1]).map(([text]) => text)
}
