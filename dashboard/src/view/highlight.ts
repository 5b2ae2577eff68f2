import { useSyncExternalStore } from 'react'

/** The run that is pointed at, in a chart or in the list: its lines come forward everywhere. */
let highlighted: string | null = null
const listeners = new Set<() => void>()

export const highlightedRun = (): string | null => highlighted

export function highlightRun(run: string | null): void {
  if (run === highlighted) return
  highlighted = run
  for (const listener of listeners) listener()
}

export function onHighlight(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Whether this run is the one. A row hears of it only when that changes. */
export const useIsHighlighted = (run: string): boolean => useSyncExternalStore(onHighlight, () => highlighted === run)
