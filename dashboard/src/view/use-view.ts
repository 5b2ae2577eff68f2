import { createContext, useContext, useRef, useSyncExternalStore } from 'react'
import type { View } from './view.ts'
import type { ViewStore } from './view-store.ts'

export const ViewContext = createContext<ViewStore | null>(null)

export function useViewStore(): ViewStore {
  const store = useContext(ViewContext)
  if (!store) throw new Error('there is no view outside of a project')
  return store
}

/**
 * What `pick` takes of the view. A component is drawn again only when that has changed, by value: charts must not hear of
 * a column that was moved.
 */
export function useView<Picked>(pick: (view: View) => Picked): Picked {
  const store = useViewStore()
  const last = useRef<{ view: View; picked: Picked } | null>(null)
  const read = () => {
    const { view } = store
    if (last.current?.view === view) return last.current.picked
    const picked = pick(view)
    const isSame = last.current !== null && JSON.stringify(last.current.picked) === JSON.stringify(picked)
    last.current = { view, picked: isSame ? last.current!.picked : picked }
    return last.current.picked
  }
  return useSyncExternalStore(store.subscribe, read)
}
