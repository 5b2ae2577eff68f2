/** One crosshair over all charts that have the same axis. */
export interface Crosshair {
  /** Which axis: step, time … */
  axis: string
  x: number
  /** The chart under the pointer. */
  source: object
}

let current: Crosshair | null = null
const listeners = new Set<(crosshair: Crosshair | null) => void>()

export const currentCrosshair = (): Crosshair | null => current

export function moveCrosshair(next: Crosshair | null): void {
  current = next
  for (const listener of listeners) listener(next)
}

export function onCrosshair(listener: (crosshair: Crosshair | null) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
