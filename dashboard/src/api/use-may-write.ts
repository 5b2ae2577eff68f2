import { useQuery } from '@tanstack/react-query'
import { aboutQuery } from './queries.ts'

/**
 * Whether this tracker takes changes, and if not why: `why` is for the `title` of what is disabled. True until the tracker
 * has said otherwise, which it does to each change, too.
 */
export function useMayWrite(): { mayWrite: boolean; why: string | undefined } {
  const { data } = useQuery(aboutQuery())
  if (!data?.read_only) return { mayWrite: true, why: undefined }
  return { mayWrite: false, why: 'This tracker is read-only: it was started with --read-only' }
}
