import { Link } from '@tanstack/react-router'
import { useMayWrite } from '../api/use-may-write.ts'
import { useFeed } from '../live/use-feed.ts'
import { FirstLines, WaitingForRun } from './first-lines.tsx'

/** A project without runs: what to paste. Its first run takes the place of this by itself. */
export function ProjectEmpty() {
  const { project } = useFeed()
  const { mayWrite } = useMayWrite()
  return (
    <div className="mx-auto flex w-full max-w-160 flex-col gap-4 p-4 pt-[12vh]">
      <h1 className="font-medium text-xl">No runs yet</h1>
      <p className="text-ink-2">
        Three lines in a training are enough. Runs that were deleted lie in the{' '}
        <Link to="/projects/$project/trash" params={{ project }} className="text-accent underline">
          trash
        </Link>{' '}
        for 7 days.
      </p>
      <FirstLines project={project} />
      {mayWrite && <WaitingForRun />}
    </div>
  )
}
