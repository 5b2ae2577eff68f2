import { useQuery } from '@tanstack/react-query'
import { TrackerProblem } from '../api/ask.ts'
import { projectsQuery } from '../api/queries.ts'
import { setTokenNeed, useTokenNeed } from '../api/token-need.ts'
import { formatMoment } from '../data/format.ts'
import { useFeedState } from '../live/use-feed.ts'
import { Button } from './button.tsx'
import { LiveDot } from './live-dot.tsx'

/** How the page stands to its tracker, in a project: by the stream of its changes. */
export function ProjectConnection() {
  const state = useFeedState()
  if (state.kind === 'refused') return state.status === 401 ? <TokenNeeded /> : null
  if (state.kind === 'away') return <Away since={state.since} />
  return state.kind === 'live' ? <Live /> : <Connecting />
}

/** The same where all projects are listed: by the last answer. */
export function ListConnection() {
  const need = useTokenNeed()
  const { isPending, error, failureReason, failureCount, dataUpdatedAt } = useQuery(projectsQuery())
  const problem = error ?? failureReason
  if (need !== 'no' || (problem instanceof TrackerProblem && problem.status === 401)) return <TokenNeeded />
  // One answer that fails is no news: the next try is half a second later.
  if (error || failureCount > 1) return <Away since={dataUpdatedAt} />
  return isPending ? <Connecting /> : <Live />
}

const look = 'flex items-center gap-1.5 whitespace-nowrap text-ink-2 text-sm'

const Live = () => (
  <span role="status" title="What is shown follows the tracker" className={look}>
    <LiveDot />
    <span className="max-sm:sr-only">live</span>
  </span>
)

const Connecting = () => (
  <span role="status" className={look}>
    <span aria-hidden className="text-ink-3 motion-safe:animate-pulse">
      ○
    </span>
    <span className="max-sm:sr-only">connecting</span>
  </span>
)

/** @param since ms since the epoch; 0: there is nothing to show yet */
const Away = ({ since }: { since: number }) => (
  <span
    role="status"
    title={since === 0 ? undefined : `The tracker does not answer. What is shown is of ${formatMoment(since)}`}
    className={`${look} min-w-0`}
  >
    <span aria-hidden className="font-bold text-lost">
      !
    </span>
    <span className="truncate">
      reconnecting
      {since > 0 && (
        <span className="max-lg:sr-only">
          , showing data of <time dateTime={new Date(since).toISOString()}>{formatMoment(since).slice(11, 16)}</time>
        </span>
      )}
    </span>
  </span>
)

const TokenNeeded = () => (
  <Button look="outline" className="text-lost" onClick={() => setTokenNeed('yes', { isAsked: true })}>
    Token needed
  </Button>
)
