import type { ParallelLayout } from './parallel-layout.ts'

interface Painting {
  layout: ParallelLayout
  /** Of `linesOf`. */
  lines: Float32Array
  colours: readonly string[]
  kept: readonly boolean[]
  /** Of what the brushes leave out. */
  dim: string
}

type Painter = Pick<
  CanvasRenderingContext2D,
  'beginPath' | 'moveTo' | 'lineTo' | 'stroke' | 'globalAlpha' | 'lineWidth' | 'strokeStyle' | 'lineJoin'
>

/** What is left out first, so that it hides nothing; many lines are fainter, so that where they are dense shows. */
export function paintParallel(canvas: Painter, { layout, lines, colours, kept, dim }: Painting): void {
  canvas.lineJoin = 'round'
  canvas.lineWidth = 1
  canvas.globalAlpha = 0.7
  canvas.strokeStyle = dim
  for (let run = 0; run < kept.length; run++) if (!kept[run]) paintRun(canvas, layout, lines, run)
  const count = kept.filter(Boolean).length
  canvas.globalAlpha = count <= 40 ? 0.9 : count <= 200 ? 0.6 : 0.4
  canvas.lineWidth = 1.5
  for (let run = 0; run < kept.length; run++) {
    if (!kept[run]) continue
    canvas.strokeStyle = colours[run]!
    paintRun(canvas, layout, lines, run)
  }
  canvas.globalAlpha = 1
}

export function paintRun(canvas: Painter, { xs }: ParallelLayout, lines: Float32Array, run: number): void {
  canvas.beginPath()
  for (let at = 0; at < xs.length; at++) {
    const y = lines[run * xs.length + at]!
    if (at === 0) canvas.moveTo(xs[0]!, y)
    else canvas.lineTo(xs[at]!, y)
  }
  // A line of one axis has no length, and is a dash through it.
  if (xs.length === 1) {
    canvas.moveTo(xs[0]! - 12, lines[run]!)
    canvas.lineTo(xs[0]! + 12, lines[run]!)
  }
  canvas.stroke()
}
