import { useSyncExternalStore } from 'react'

// Tailwind's `md`.
const narrow = window.matchMedia('(width < 48rem)')

const subscribe = (listener: () => void) => {
  narrow.addEventListener('change', listener)
  return () => narrow.removeEventListener('change', listener)
}

/** Whether the page is as narrow as a phone, where it is not a matter of styles alone. */
export const useIsNarrow = (): boolean => useSyncExternalStore(subscribe, () => narrow.matches)
