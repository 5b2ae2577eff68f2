import { formatBytes } from '../data/format.ts'
import { Button } from '../ui/button.tsx'

/** Below a file of which only the beginning is here. */
export function ShowMore({
  bytesRead,
  bytes,
  isReading,
  onMore,
}: {
  bytesRead: number
  bytes: number
  isReading: boolean
  onMore: () => void
}) {
  if (bytesRead >= bytes) return null
  return (
    <div className="mt-1.5 flex items-center gap-2 text-ink-2 text-sm">
      <Button look="outline" disabled={isReading} onClick={onMore}>
        {isReading ? 'Reading …' : 'Show more'}
      </Button>
      The first {formatBytes(bytesRead)} of {formatBytes(bytes)} are shown.
    </div>
  )
}
