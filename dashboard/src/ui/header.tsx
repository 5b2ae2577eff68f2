import { Link, useParams } from '@tanstack/react-router'

/** The line at the top of every page: where one is, and the way elsewhere. */
export function Header() {
  const { project } = useParams({ strict: false })
  return (
    <header className="flex h-(--header) shrink-0 items-center gap-2 border-line border-b px-3">
      <Link to="/" className="font-medium">
        Aspara
      </Link>
      {project && <span className="truncate text-ink-2">/ {project}</span>}
    </header>
  )
}
