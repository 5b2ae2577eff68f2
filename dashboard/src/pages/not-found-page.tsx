import { Link } from '@tanstack/react-router'
import { Notice } from '../ui/notice.tsx'

export function NotFoundPage() {
  return (
    <div className="flex h-full flex-col">
      <Notice
        title="There is nothing at this address"
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
        <p className="break-all font-mono text-sm">{location.pathname}</p>
      </Notice>
    </div>
  )
}
