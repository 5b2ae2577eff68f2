import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'
import type { Search } from '../router.tsx'

/** What the address says of the comparison; undefined takes a key out of it. */
export function useCompareSearch(): [search: Search, change: (change: Search) => void] {
  const search = useSearch({ strict: false }) as Search
  const navigate = useNavigate()
  const change = useCallback(
    (changed: Search) =>
      void navigate({
        to: '.',
        replace: true,
        resetScroll: false,
        search: (before: Search) => ({ ...before, ...changed }),
      }),
    [navigate],
  )
  return [search, change]
}

/** Ids of fields may have commas: a list of them is JSON when one has. */
export const writeIds = (ids: readonly string[]): string =>
  ids.some((id) => id.includes(',') || id.startsWith('[')) ? JSON.stringify(ids) : ids.join(',')

export function readIds(text: string | undefined): string[] | undefined {
  if (text === undefined || text === '') return undefined
  if (!text.startsWith('[')) return text.split(',').filter(Boolean)
  try {
    const ids: unknown = JSON.parse(text)
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : undefined
  } catch {
    // A link that was cut off.
    return undefined
  }
}
