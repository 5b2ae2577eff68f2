import type { Search } from '../router.tsx'
import { viewKeys } from './address.ts'
import type { ViewStore } from './view-store.ts'

/** The search of an address with the view as it is now, and what else it had before. */
export const viewSearch = (before: Search, store: ViewStore): Search => ({
  ...Object.fromEntries(Object.entries(before).filter(([key]) => key !== 'view' && !viewKeys.has(key))),
  view: store.base.name ?? undefined,
  ...store.fields,
})
