import type { Run } from '../api/queries.ts'
import { formatDocumentValue } from './format.ts'

/** What a run has under a key that one can group by; undefined when it has nothing there. */
export function groupValue(run: Omit<Run, 'metrics'>, key: string): unknown {
  if (key === 'tags') return run.tags.length > 0 ? run.tags.join(', ') : undefined
  if (key === 'group') return run.group ?? undefined
  if (key === 'job_type') return run.job_type ?? undefined
  if (key === 'status') return run.status
  if (key.startsWith('config.')) return documentValue(run.config, key.slice('config.'.length))
  if (key.startsWith('summary.')) return documentValue(run.summary, key.slice('summary.'.length))
  return undefined
}

/** Dots lead into nested objects; a key that has dots itself is found too. */
export function documentValue(document: unknown, path: string): unknown {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return undefined
  const record = document as Record<string, unknown>
  if (Object.hasOwn(record, path)) return record[path]
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const head = path.slice(0, dot)
    if (!Object.hasOwn(record, head)) continue
    const found = documentValue(record[head], path.slice(dot + 1))
    if (found !== undefined) return found
  }
  return undefined
}

/** What tells the group of a run from others, or undefined when nothing groups: `optimizer: adam · seed: 3`. */
export function groupName(run: Omit<Run, 'metrics'>, keys: string[]): string | undefined {
  if (keys.length === 0) return undefined
  return keys
    .map((key) => {
      const value = groupValue(run, key)
      const label = key.replace(/^(config|summary)\./, '')
      return `${label}: ${value === undefined ? '–' : formatDocumentValue(value)}`
    })
    .join(' · ')
}

/** All paths of a document that lead to something else than an object, in order of first sight. */
export function documentPaths(document: Record<string, unknown>): string[] {
  const paths: string[] = []
  addPaths(document, '', paths)
  return paths
}

function addPaths(document: Record<string, unknown>, prefix: string, paths: string[]): void {
  for (const key of Object.keys(document)) {
    const value = document[key]
    const isNested =
      typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
    if (isNested) addPaths(value as Record<string, unknown>, `${prefix}${key}.`, paths)
    else paths.push(prefix + key)
  }
}
