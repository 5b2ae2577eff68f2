import { useEffect, useRef } from 'react'

/** A canvas as sharp as the screen, painted anew when `paint` is another function. Its units are CSS pixels. */
export function PlotCanvas({
  width,
  height,
  paint,
}: {
  width: number
  height: number
  paint: (canvas: CanvasRenderingContext2D) => void
}) {
  const ref = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const element = ref.current
    const canvas = element?.getContext('2d')
    if (!element || !canvas) return
    const frame = requestAnimationFrame(() => {
      const ratio = devicePixelRatio
      element.width = Math.round(width * ratio)
      element.height = Math.round(height * ratio)
      canvas.setTransform(ratio, 0, 0, ratio, 0, 0)
      canvas.clearRect(0, 0, width, height)
      paint(canvas)
    })
    return () => cancelAnimationFrame(frame)
  }, [width, height, paint])
  return (
    <span aria-hidden="true" className="pointer-events-none absolute inset-0">
      <canvas ref={ref} style={{ width, height }} />
    </span>
  )
}
