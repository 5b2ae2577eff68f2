import type { ErrorComponentProps } from '@tanstack/react-router'
import { Button } from '../ui/button.tsx'

/** A mistake of the page's own: said, with a way on. */
export function ProblemPage({ error, reset }: ErrorComponentProps) {
  return (
    <main className="grid h-full place-content-center justify-items-center gap-3 p-4 text-center">
      <h1 className="font-medium text-xl">The page has made a mistake</h1>
      <p className="max-w-120 break-words font-mono text-failed text-sm">
        {error instanceof Error ? error.message : String(error)}
      </p>
      <Button look="outline" onClick={reset}>
        Try again
      </Button>
    </main>
  )
}
