import { Link } from '@tanstack/react-router'

export function NotFoundPage() {
  return (
    <main className="grid h-full place-content-center gap-2 text-center">
      <h1 className="font-medium text-xl">There is nothing at this address</h1>
      <p className="text-ink-2">
        <Link to="/" className="text-accent underline">
          All projects
        </Link>
      </p>
    </main>
  )
}
