import { createContext, useContext, useSyncExternalStore } from 'react'
import type { FeedState, ProjectFeed } from './project-feed.ts'

export const FeedContext = createContext<ProjectFeed | null>(null)

export function useFeed(): ProjectFeed {
  const feed = useContext(FeedContext)
  if (!feed) throw new Error('there is no feed outside of a project')
  return feed
}

export function useFeedState(): FeedState {
  const feed = useFeed()
  return useSyncExternalStore(feed.subscribe, () => feed.state)
}
