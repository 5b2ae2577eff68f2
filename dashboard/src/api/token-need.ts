import { useSyncExternalStore } from 'react'

/** Whether the tracker wants a token that the page does not have. `put off`: the person closed the question. */
export type TokenNeed = 'no' | 'yes' | 'put off'

let need: TokenNeed = 'no'
const listeners = new Set<() => void>()

/** The tracker refused what it was asked, or the person puts it off or has answered. A question once put off waits for the person. */
export function setTokenNeed(next: TokenNeed, { isAsked = false } = {}): void {
  if (next === need || (next === 'yes' && need === 'put off' && !isAsked)) return
  need = next
  for (const listener of listeners) listener()
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const useTokenNeed = (): TokenNeed => useSyncExternalStore(subscribe, () => need)
