import { useEffect, useRef, useState } from 'react'
import type { Importance, ImportanceRequest } from './importance.ts'

interface Told {
  subject: string
  key: string
  answer: Importance
}

/**
 * What is asked again only when something in it is another, by value. Of the same `subject` (target, goal) one answer is
 * waited for before the next is asked for: runs that go on change their values more often than a forest grows.
 */
export function useImportance(
  request: ImportanceRequest | null,
  subject: string,
): { answer: Importance | null; isGrowing: boolean } {
  const [told, setTold] = useState<Told | null>(null)
  const key = keyOf(request)
  const latest = useRef({ request, key })
  latest.current = { request, key }
  const ask = useRef(() => {})

  useEffect(() => {
    const worker = new Worker(new URL('./forest-worker.ts', import.meta.url), { type: 'module', name: 'forest' })
    let asked: string | null = null
    let isBusy = false
    ask.current = () => {
      const { request: next, key: nextKey } = latest.current
      if (isBusy || next === null || nextKey === asked) return
      isBusy = true
      asked = nextKey
      worker.postMessage(next)
    }
    worker.onmessage = ({ data }: MessageEvent<Importance>) => {
      isBusy = false
      setTold({ subject, key: asked!, answer: data })
      ask.current()
    }
    ask.current()
    return () => worker.terminate()
  }, [subject])

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the request
  useEffect(() => ask.current(), [key])
  const isOf = told?.subject === subject
  return { answer: isOf ? told.answer : null, isGrowing: !isOf || told.key !== key }
}

/** JSON writes NaN as null, which is something else here. */
const keyOf = (request: ImportanceRequest | null): string =>
  JSON.stringify(request, (_, value) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value))
