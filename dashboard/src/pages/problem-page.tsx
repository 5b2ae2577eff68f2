import type { ErrorComponentProps } from '@tanstack/react-router'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'

/** As browsers say it when a part of the page can't be had. */
const missingPart = /dynamically imported module|importing a module script|error loading/i

/** A mistake of the page's own, or a part of it that did not come: said, with a way on. */
export function ProblemPage({ error, reset }: ErrorComponentProps) {
  const message = error instanceof Error ? error.message : String(error)
  const isPartMissing = missingPart.test(message)
  return (
    <div className="flex h-full flex-col">
      <Notice
        title={isPartMissing ? 'The rest of the page did not come' : 'The page has made a mistake'}
        ways={
          // What did not come once is not asked for again by the same page.
          <Button look="outline" onClick={isPartMissing ? () => location.reload() : reset}>
            Try again
          </Button>
        }
      >
        {isPartMissing ? (
          <p>The tracker does not answer, or was replaced by another version.</p>
        ) : (
          <p className="break-words font-mono text-failed text-sm">{message}</p>
        )}
      </Notice>
    </div>
  )
}
