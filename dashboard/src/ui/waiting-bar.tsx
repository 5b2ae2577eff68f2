import { useIsFetching, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { describeWaiting } from '../data/waiting.ts'

/** What answers sooner needs no sign, ms. */
const patienceMs = 400

/** A thin line at the top while something is waited for, which says what. */
export function WaitingBar() {
  const queries = useQueryClient()
  const isFetching = useIsFetching() > 0
  const [isLong, setLong] = useState(false)
  useEffect(() => {
    if (!isFetching) return
    const timer = setTimeout(() => setLong(true), patienceMs)
    return () => {
      clearTimeout(timer)
      setLong(false)
    }
  }, [isFetching])
  if (!isLong) return null
  const fetching = queries.getQueryCache().findAll({ fetchStatus: 'fetching' })
  const what = describeWaiting(fetching.map(({ queryKey }) => queryKey))
  return (
    <div
      role="progressbar"
      aria-label={what}
      title={what}
      className="fixed inset-x-0 top-0 z-60 h-0.5 overflow-hidden bg-line"
    >
      <div className="h-full w-1/3 bg-accent motion-safe:animate-waiting" />
    </div>
  )
}
