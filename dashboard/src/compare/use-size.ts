import { type RefCallback, useCallback, useState } from 'react'

/** The width and height of an element in CSS pixels, as it changes; 0 until it is there. */
export function useSize(): [ref: RefCallback<HTMLElement>, size: { width: number; height: number }] {
  const [size, setSize] = useState({ width: 0, height: 0 })
  const ref = useCallback((element: HTMLElement | null) => {
    if (!element) return
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect
      setSize({ width: Math.floor(width), height: Math.floor(height) })
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [ref, size]
}
