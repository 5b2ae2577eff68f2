import { useSyncExternalStore } from 'react'

/** The two windows that are the keyboard's: one at a time, from anywhere. */
export type Overlay = 'palette' | 'help'

let open: Overlay | null = null
const listeners = new Set<() => void>()

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const currentOverlay = (): Overlay | null => open

export function openOverlay(next: Overlay | null): void {
  open = next
  for (const listener of listeners) listener()
}

export const useOverlay = (): Overlay | null => useSyncExternalStore(subscribe, currentOverlay)
