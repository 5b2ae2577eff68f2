/** Something that can paint itself. */
export interface Drawable {
  /** About how much it is to paint, beside a few bare lines: 1 and more. */
  readonly cost: number
  draw(): void
}

/** A frame that took longer than that was too full, ms; most screens show sixty a second. */
const fullFrameMs = 20
/** How much of charts that are not under the hand may be painted in a frame, at most. */
const perFrameMax = 24
/** Script that a frame may take for them, ms. */
const budgetMs = 9
/** A hand that has asked for nothing for so long is not on a chart, ms. */
const handMs = 300

const urgent = new Set<Drawable>()
const waiting = new Set<Drawable>()
let isAsked = false
let lastFrame = 0
/** Between 0.5, one in two frames, and `perFrameMax`. */
let perFrame = 4
let credit = 0
let handAt = Number.NEGATIVE_INFINITY

/**
 * Paints charts in frames: those under the hand in each, the others in turn as far as the time goes. Whoever asks again
 * before its turn has come keeps its place, so no chart starves. Much of what painting costs comes after the script, when the
 * browser makes pixels of it, and no clock here tells: so it is the frames themselves that say how many charts fit into one.
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

function drawFrame(time: number): void {
  isAsked = false
  const took = time - lastFrame
  lastFrame = time
  // A long pause says nothing of what a frame holds.
  if (took < 500) perFrame = took > fullFrameMs ? Math.max(0.5, perFrame * 0.75) : Math.min(perFrameMax, perFrame + 0.5)
  if (urgent.size > 0) handAt = time
  // Without a hand on a chart nobody waits for the next frame, only for what is painted.
  const isHandOn = time - handAt < handMs
  if (isHandOn) credit = Math.min(credit + perFrame, perFrameMax)
  const start = performance.now()
  for (const chart of urgent) chart.draw()
  urgent.clear()
  for (const chart of waiting) {
    if (isHandOn) {
      if (credit < Math.min(chart.cost, perFrameMax)) break
      credit -= chart.cost
    }
    waiting.delete(chart)
    chart.draw()
    if (performance.now() - start > budgetMs) break
  }
  if (waiting.size > 0) askForFrame()
  else credit = 0
}

function askForFrame(): void {
  if (isAsked) return
  isAsked = true
  requestAnimationFrame(drawFrame)
}
