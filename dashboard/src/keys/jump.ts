/**
 * From the palette to a metric's panel. Whoever draws panels listens, and opens what hides the panel (its section, a
 * filter, a place further down); the page is then scrolled to it.
 */

const listeners = new Set<(metric: string) => void>()
let waiting: string | null = null

/** How long the panel may take to be drawn, ms: a page that has to be loaded first, and its data. */
const patienceMs = 5_000

/** Calls `open` for a metric that is to be seen, also for one that was asked for just before. */
export function onJump(open: (metric: string) => void): () => void {
  listeners.add(open)
  if (waiting !== null) open(waiting)
  return () => listeners.delete(open)
}

/** Shows a metric's panel. The page that has panels may still be on its way. */
export function jumpToPanel(metric: string): void {
  waiting = metric
  for (const open of listeners) open(metric)
  const until = performance.now() + patienceMs
  const look = () => {
    if (waiting !== metric) return
    const panel = document.querySelector<HTMLElement>(`[data-panel="${CSS.escape(metric)}"]`)
    if (panel) {
      waiting = null
      panel.scrollIntoView({ block: 'center' })
      const inside = panel.matches('[tabindex]') ? panel : panel.querySelector<HTMLElement>('button, [tabindex]')
      inside?.focus({ preventScroll: true })
    } else if (performance.now() < until) {
      requestAnimationFrame(look)
    } else {
      waiting = null
    }
  }
  requestAnimationFrame(look)
}
