import type { Run } from '../api/queries.ts'

/** How fields are written in filters and sorts (docs/api/filter.md). */

const bare = /^[\p{L}\p{M}\p{N}_/-]+$/u

/** A piece of a path, in quotes where it needs them. */
export const piece = (text: string): string => (bare.test(text) ? text : JSON.stringify(text))

/** `config`, `['optimizer', 'learning rate']` → `config.optimizer."learning rate"`. */
export const bareField = (name: string, pieces: readonly string[]): string => [name, ...pieces.map(piece)].join('.')

/** `metric.val/acc.max`; dots in the name need no quotes. */
export const metricField = (metric: string, stat: string): string =>
  `metric.${metric.split('.').every((part) => bare.test(part)) ? metric : JSON.stringify(metric)}.${stat}`

/** Where the dots of a path lead into objects and where they are part of a key, which only a run that has it can tell. */
export function documentPieces(
  runs: readonly Pick<Run, 'config' | 'summary'>[],
  name: 'config' | 'summary',
  path: string,
): string[] {
  if (!path.includes('.')) return [path]
  for (const run of runs) {
    const pieces = piecesIn(run[name], path)
    if (pieces) return pieces
  }
  return path.split('.')
}

function piecesIn(document: unknown, path: string): string[] | undefined {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return undefined
  const record = document as Record<string, unknown>
  if (Object.hasOwn(record, path)) return [path]
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const head = path.slice(0, dot)
    if (!Object.hasOwn(record, head)) continue
    const rest = piecesIn(record[head], path.slice(dot + 1))
    if (rest) return [head, ...rest]
  }
  return undefined
}
