import { LoaderCircle } from 'lucide-react'
import { Notice } from './notice.tsx'

/** The tracker has not answered yet, and is asked again and again. */
export function Unreachable() {
  return (
    <Notice title="The tracker does not answer">
      <p role="status">
        <LoaderCircle aria-hidden className="mr-1.5 inline size-3.5 motion-safe:animate-spin" />
        Nothing answers on <span className="font-mono text-ink text-sm">{location.origin}</span>; trying again.
      </p>
    </Notice>
  )
}
