import type { EarlierMetric } from './metric-summaries.ts'
import type { FoundRun, Wanted } from './run-search.ts'
import { listWriters, readSent } from './spool-folder.ts'
import type { RunDocument, SpoolDocument } from './spool-format.ts'
import { SpoolReader } from './spool-reader.ts'
import { readRunOf } from './spool-sync.ts'

/** As long as a tracker would be waited for: a spool of hours of logging is read to where the time is over. */
const readMs = 2_000

/** A run as this machine's spools have it; undefined when they know none. */
export function findSpooledRun(root: string, wanted: Wanted): FoundRun | undefined {
  const spools = spoolsOf(root, wanted)
  if (spools.length === 0) return undefined
  const { run, folder } = spools[spools.length - 1]
  const found: FoundRun = {
    name: readSent(folder).run ?? run.name ?? wanted.name ?? '',
    id: run.id ?? null,
    config: {},
    summary: {},
    lastStep: -1,
    last: [],
    metrics: new Map(),
  }
  const metrics = new Map<string, EarlierMetric>()
  const last = new Map<string, { step: number; value: number }>()
  const until = performance.now() + readMs
  for (const spool of spools) {
    Object.assign(found.config, spool.run.config)
    readInto(spool.folder, found, { last, metrics }, until)
  }
  found.metrics = metrics
  found.last = Array.from(last, ([metric, entry]) => ({ metric, ...entry }))
  return found
}

function spoolsOf(root: string, { project, id, name }: Wanted): { folder: string; run: RunDocument }[] {
  const spools = listWriters(root).flatMap((folder) => {
    const run = readRunOf(folder)
    if (!run || run.project !== project) return []
    const isMeant = (id !== undefined && run.id === id) || (name !== undefined && run.name === name)
    return isMeant ? [{ folder, run }] : []
  })
  return spools.sort((one, other) => (one.run.started ?? 0) - (other.run.started ?? 0))
}

interface Seen {
  last: Map<string, { step: number; value: number }>
  metrics: Map<string, EarlierMetric>
}

function addTo(metrics: Map<string, EarlierMetric>, key: string, step: number, value: number): void {
  const found = metrics.get(key) ?? { count: 0, nonfinite: 0, first_step: step, first: value }
  metrics.set(key, found)
  found.count++
  if (step < found.first_step) Object.assign(found, { first: value, first_step: step })
  if (!Number.isFinite(value)) {
    found.nonfinite++
    return
  }
  const finite = found.count - found.nonfinite
  found.mean = (found.mean ?? 0) + (value - (found.mean ?? 0)) / finite
  if (!(value >= (found.min ?? Number.POSITIVE_INFINITY))) Object.assign(found, { min: value, min_step: step })
  if (!(value <= (found.max ?? Number.NEGATIVE_INFINITY))) Object.assign(found, { max: value, max_step: step })
}

function readInto(folder: string, found: FoundRun, { last, metrics }: Seen, until: number): void {
  const reader = new SpoolReader(folder)
  try {
    let count = 0
    for (let item = reader.peek(); item; item = reader.peek()) {
      if (++count % 1_000 === 0 && performance.now() > until) return
      if (item.document) merge(found, item.document)
      else {
        const { keys, values, at, step } = item
        found.lastStep = Math.max(found.lastStep, step)
        for (const [index, key] of keys.entries()) {
          if (step >= (last.get(key)?.step ?? step)) last.set(key, { step, value: values[at + index] })
          addTo(metrics, key, step, values[at + index])
        }
      }
      reader.pass()
    }
  } finally {
    reader.close()
  }
}

function merge(found: FoundRun, { type, values }: SpoolDocument): void {
  if (type === 'config' || type === 'summary') Object.assign(found[type], values)
}
