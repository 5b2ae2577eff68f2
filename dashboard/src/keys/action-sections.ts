import type { Action } from './actions.ts'

/** Where keys are the same the innermost wins, so only that one is there; and one of each id. */
export function liveActions(actions: readonly Action[]): Action[] {
  const seenKeys = new Set<string>()
  const seenIds = new Set<string>()
  return [...actions]
    .reverse()
    .filter(({ id, keys }) => {
      if (seenIds.has(id) || (keys !== undefined && seenKeys.has(keys))) return false
      seenIds.add(id)
      if (keys !== undefined) seenKeys.add(keys)
      return true
    })
    .reverse()
}

/** Actions that have keys, by section; sections of the page at hand before those that are everywhere. */
export function keysBySection(actions: readonly Action[]): [section: string, actions: Action[]][] {
  const withKeys = liveActions(actions).filter(({ keys }) => keys !== undefined)
  const sections = [...Map.groupBy(withKeys, ({ section }) => section)]
  const isEverywhere = ([section]: [string, Action[]]) => (section === 'Everywhere' ? 1 : 0)
  return sections.sort((one, other) => isEverywhere(one) - isEverywhere(other))
}
