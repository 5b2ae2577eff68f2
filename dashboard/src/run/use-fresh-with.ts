import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { RunDetails } from '../api/queries.ts'

/** So often at most, ms: clients say how they do every 30 s, and a long list of artifacts is not read with each point. */
const againMs = 10_000

/** Reads a list of a run again when something was heard of it: the live feed tells of runs, and not of their lists. */
export function useFreshWith(run: RunDetails, list: 'writers' | 'artifacts'): void {
  const queries = useQueryClient()
  const { project, name, heard_at, status } = run
  const readAt = useRef(Date.now())
  const read = useRef(`${heard_at} ${status}`)
  useEffect(() => {
    const heard = `${heard_at} ${status}`
    if (heard === read.current) return
    const timer = setTimeout(
      () => {
        readAt.current = Date.now()
        read.current = heard
        void queries.invalidateQueries({ queryKey: [list, project, name] })
      },
      Math.max(0, readAt.current + againMs - Date.now()),
    )
    return () => clearTimeout(timer)
  }, [queries, list, project, name, heard_at, status])
}
