import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'
import { TrackerProblem } from '../api/ask.ts'
import { projectQuery } from '../api/queries.ts'
import { setTokenNeed } from '../api/token-need.ts'
import { useFeed, useFeedState } from '../live/use-feed.ts'
import { Button } from '../ui/button.tsx'
import { Header } from '../ui/header.tsx'
import { Notice } from '../ui/notice.tsx'
import { Unreachable } from '../ui/unreachable.tsx'

/** Lets the pages of a project be shown when there is one, and says what there is instead. */
export function ProjectGate({ children }: { children: ReactNode }) {
  const { project } = useFeed()
  const state = useFeedState()
  const { data, error, failureCount, failureReason, isPending, refetch } = useQuery(projectQuery(project))
  const status = state.kind === 'refused' ? state.status : error instanceof TrackerProblem ? error.status : undefined

  useEffect(() => {
    if (state.kind === 'refused' && state.status === 401) setTokenNeed('yes')
    // The project is there after all, or again.
    if (state.kind === 'live' && error) void refetch()
  }, [state, error, refetch])

  // A name that no project can have is a 400.
  if (status === 404 || status === 400) return <Missing project={project} />
  if (status === 401 && data === undefined) return <TokenWanted />
  if (isPending && failureCount > 1 && failureReason instanceof TrackerProblem && failureReason.isPassing) {
    return (
      <Around>
        <Unreachable />
      </Around>
    )
  }
  return children
}

const Around = ({ children }: { children: ReactNode }) => (
  <div className="flex h-full flex-col">
    <Header />
    {children}
  </div>
)

const Missing = ({ project }: { project: string }) => (
  <Around>
    <Notice
      title="There is no such project"
      ways={
        <Link
          to="/"
          search={{}}
          className="inline-flex h-7 items-center rounded-(--radius) border border-line-strong px-2 text-sm hover:bg-hover"
        >
          All projects
        </Link>
      }
    >
      <p>
        The tracker has nothing under <span className="break-all font-mono text-ink text-sm">{project}</span>: it was
        deleted, or never made. If a run begins under this name it is shown here by itself.
      </p>
    </Notice>
  </Around>
)

const TokenWanted = () => (
  <Around>
    <Notice
      title="This tracker asks for a token"
      ways={
        <Button look="accent" onClick={() => setTokenNeed('yes', { isAsked: true })}>
          Enter the token
        </Button>
      }
    />
  </Around>
)
