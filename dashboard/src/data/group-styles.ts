import type { Run } from '../api/queries.ts'
import { groupName } from './run-groups.ts'
import { type RunStyle, runStyle } from './run-style.ts'

/**
 * How each group is drawn: in the order of the oldest run of each, so that the first twelve have a colour of their own and
 * keep it as more come. Empty when nothing groups.
 */
export function groupStyles(
  runs: readonly Omit<Run, 'metrics'>[],
  keys: readonly string[],
): ReadonlyMap<string, RunStyle> {
  const oldest = new Map<string, number>()
  for (const run of runs) {
    const group = groupName(run, [...keys])
    if (group !== undefined) oldest.set(group, Math.min(run.number, oldest.get(group) ?? run.number))
  }
  const inOrder = [...oldest].sort(([, one], [, other]) => one - other)
  return new Map(inOrder.map(([group], rank) => [group, runStyle(rank + 1)]))
}
