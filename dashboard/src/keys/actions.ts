import { useEffect, useRef } from 'react'

/** Something that can be done here: it is in the palette, and where it has keys they do it. */
export interface Action {
  id: string
  title: string
  section: string
  /** One key, `Mod+k`, `Shift+z`, or a sequence: `g p`. Letters as they are typed: `?`, `[`. */
  keys?: string
  /** More words that the palette finds it by. */
  words?: string
  run: () => void
}

const registered = new Map<symbol, Action[]>()
const listeners = new Set<() => void>()
let flat: Action[] = []

/** All actions of what is on the page now, the innermost last. */
export const currentActions = (): Action[] => flat

export function onActions(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function tell(): void {
  flat = [...registered.values()].flat()
  for (const listener of listeners) listener()
}

/** Offers actions as long as the component is there. What they do may change with every drawing; ids and keys tell them apart. */
export function useActions(actions: Action[]): void {
  const latest = useRef(actions)
  latest.current = actions
  const signature = actions.map(({ id, title, keys }) => `${id}\t${title}\t${keys}`).join('\n')
  // biome-ignore lint/correctness/useExhaustiveDependencies: the signature stands for the actions
  useEffect(() => {
    const owner = Symbol()
    registered.set(
      owner,
      latest.current.map((action, at) => ({ ...action, run: () => latest.current[at]?.run() })),
    )
    tell()
    return () => {
      registered.delete(owner)
      tell()
    }
  }, [signature])
}
