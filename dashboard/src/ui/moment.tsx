import { useSyncExternalStore } from 'react'
import { formatAgo, formatMoment } from '../data/format.ts'

let now = Date.now()
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

/** One clock for the whole page, which stands still where nobody looks. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    if (document.hidden) return
    now = Date.now()
    for (const one of listeners) one()
  }, 10_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** Milliseconds since the epoch, anew every ten seconds. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => now)

/** How long ago, and on hover when exactly. */
export function Moment({ at }: { at: string | null }) {
  const nowMs = useNow()
  if (at === null) return <span className="text-ink-3">–</span>
  const ms = Date.parse(at)
  return (
    <time dateTime={at} title={formatMoment(ms)} className="whitespace-nowrap">
      {formatAgo(ms, Math.max(nowMs, ms))}
    </time>
  )
}
