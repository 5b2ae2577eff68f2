/** Something that can paint itself. */
export interface Drawable {
  draw(): void
}

/** What of a frame may be spent on charts that are not under the hand, ms: the rest is the browser's and the hand's. */
const budgetMs = 9

const urgent = new Set<Drawable>()
const waiting = new Set<Drawable>()
let isAsked = false

/**
 * Paints charts in frames: those under the hand in each, the others in turn as far as the time goes. Whoever asks again
 * before its turn has come keeps its place, so no chart starves.
 */
export function requestDraw(chart: Drawable, isUrgent = false): void {
  if (isUrgent) {
    waiting.delete(chart)
    urgent.add(chart)
  } else if (!urgent.has(chart)) waiting.add(chart)
  askForFrame()
}

export function cancelDraw(chart: Drawable): void {
  urgent.delete(chart)
  waiting.delete(chart)
}

function drawFrame(): void {
  isAsked = false
  const start = performance.now()
  for (const chart of urgent) chart.draw()
  urgent.clear()
  for (const chart of waiting) {
    waiting.delete(chart)
    chart.draw()
    if (performance.now() - start > budgetMs) break
  }
  if (waiting.size > 0) askForFrame()
}

function askForFrame(): void {
  if (isAsked) return
  isAsked = true
  requestAnimationFrame(drawFrame)
}
