import { QueryClient } from '@tanstack/react-query'
import { TrackerProblem } from './ask.ts'

/** What is asked stays true while the live feed keeps it so: nothing is asked again on a timer or on focus. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      refetchOnReconnect: true,
      // The page knows better than the browser whether the tracker of this machine is there.
      networkMode: 'always',
      retry: (_, error) => error instanceof TrackerProblem && error.isPassing,
      retryDelay: (tries) => Math.min(500 * 2 ** tries, 5_000),
    },
    mutations: { networkMode: 'always' },
  },
})
