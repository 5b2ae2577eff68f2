/**
 * When the page has shown what one came for, as the browser's own marks (User Timing): bench/page reads them, and so can
 * anybody's developer tools.
 */
export const marks = { firstChart: 'aspara:first-chart', visibleCharts: 'aspara:visible-charts' } as const

const waiting = new Set<string>()
let isFirstMarked = false
let timer: ReturnType<typeof setTimeout> | undefined

/** A panel has been painted; `isComplete`: with everything that it waits for. */
export function markDrawn(metric: string, { isComplete, hasLines }: { isComplete: boolean; hasLines: boolean }): void {
  if (!isComplete) {
    waiting.add(metric)
    return
  }
  waiting.delete(metric)
  if (!isFirstMarked && hasLines) {
    isFirstMarked = true
    performance.mark(marks.firstChart)
  }
  if (waiting.size > 0) return
  const at = performance.now()
  clearTimeout(timer)
  // Another panel may only be about to ask.
  timer = setTimeout(() => {
    if (waiting.size === 0) performance.mark(marks.visibleCharts, { startTime: at })
  }, 100)
}
