import { useEffect, useRef, useState } from 'react'
import type { Importance, ImportanceRequest } from './importance.ts'

/** What is asked again only when something in it is another, by value: runs that go on hand in the same values all the time. */
export function useImportance(request: ImportanceRequest | null): { answer: Importance | null; isGrowing: boolean } {
  const [told, setTold] = useState<{ key: string; answer: Importance } | null>(null)
  const key = JSON.stringify(request, (_, value) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  )
  const latest = useRef(request)
  latest.current = request
  useEffect(() => {
    if (latest.current === null) return
    const own = new Worker(new URL('./forest-worker.ts', import.meta.url), { type: 'module', name: 'forest' })
    own.onmessage = ({ data }: MessageEvent<Importance>) => {
      setTold({ key, answer: data })
      own.terminate()
    }
    own.postMessage(latest.current)
    return () => own.terminate()
  }, [key])
  return { answer: request === null ? null : (told?.answer ?? null), isGrowing: request !== null && told?.key !== key }
}
