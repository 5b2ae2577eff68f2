import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'

/** Milliseconds after the navigation began; undefined where it did not come to that in time. */
export interface Painted {
  /** A chart had coloured lines on its canvas, or in its SVG. */
  first?: number
  /** All charts in sight had, and no more of them came for half a second. */
  all?: number
  charts: number
  /** What the page says of itself, by performance.mark. */
  firstMark?: number
  allMark?: number
}

interface Watch {
  first?: number
  all?: number
  charts: number
}

declare global {
  interface Window {
    painted?: Watch
  }
}

/** From the next navigation on, looks at the pixels of the charts in sight, every 25 ms, until all are drawn. */
export async function watchPainting(page: Page, charts: string): Promise<void> {
  await page.addInitScript(watch, charts)
}

/** Of a page that nobody watches: waits for its own marks, at most so long. */
export async function marksOf(page: Page, secondsMax: number): Promise<Painted> {
  await page
    .waitForFunction(() => performance.getEntriesByName('aspara:visible-charts').length > 0, undefined, {
      timeout: secondsMax * 1_000,
      polling: 500,
    })
    .catch(() => {})
  return toldBy(page)
}

/** Waits until it is painted, at most so long. */
export async function paintedOf(page: Page, secondsMax: number): Promise<Painted> {
  await page
    .waitForFunction(() => window.painted?.all !== undefined, undefined, { timeout: secondsMax * 1_000, polling: 100 })
    .catch(() => {})
  return toldBy(page)
}

function toldBy(page: Page): Promise<Painted> {
  const told = page.evaluate(() => {
    const mark = (name: string) => performance.getEntriesByName(name)[0]?.startTime
    const { first, all, charts } = window.painted ?? { charts: 0 }
    return { first, all, charts, firstMark: mark('aspara:first-chart'), allMark: mark('aspara:visible-charts') }
  })
  // A page that computes all the time does not even say so.
  const silence = sleep(10_000, { charts: 0 }, { ref: false })
  return Promise.race([told.catch(() => silence), silence])
}

/** Runs in the page, before anything of it does. */
function watch(charts: string): void {
  if (window !== window.top) return
  const lookEveryMs = 25
  const settledMs = 500
  const drawn = new Set<Element>()
  const small = new OffscreenCanvas(160, 100)
  const brush = small.getContext('2d', { willReadFrequently: true })
  const seen: Watch = { charts: 0 }
  window.painted = seen
  let lastNews = 0

  const isInSight = (element: Element) => {
    const { top, bottom, left, right, width, height } = element.getBoundingClientRect()
    return width > 40 && height > 40 && bottom > 0 && top < innerHeight && right > 0 && left < innerWidth
  }
  const hasColour = (canvas: HTMLCanvasElement) => {
    if (canvas.width === 0 || canvas.height === 0 || !brush) return false
    brush.clearRect(0, 0, small.width, small.height)
    brush.drawImage(canvas, 0, 0, small.width, small.height)
    const { data } = brush.getImageData(0, 0, small.width, small.height)
    let coloured = 0
    for (let at = 0; at < data.length; at += 4) {
      const spread = Math.max(data[at], data[at + 1], data[at + 2]) - Math.min(data[at], data[at + 1], data[at + 2])
      if (spread > 40 && data[at + 3] > 40) coloured++
    }
    return coloured > 50
  }
  const isDrawn = (chart: Element) =>
    Array.from(chart.querySelectorAll('canvas')).some(hasColour) ||
    Array.from(chart.querySelectorAll('svg path')).some((path) => (path.getAttribute('d')?.length ?? 0) > 400)

  const timer = setInterval(() => {
    const now = performance.now()
    const inSight = Array.from(document.querySelectorAll(charts)).filter(isInSight)
    for (const chart of inSight) {
      if (drawn.has(chart) || !isDrawn(chart)) continue
      drawn.add(chart)
      lastNews = now
      // The rest has time until the next look: looking must not hold up what is looked at.
      if (seen.first === undefined) break
    }
    if (drawn.size > 0) seen.first ??= now
    if (inSight.length !== seen.charts) lastNews = now
    seen.charts = inSight.length
    if (seen.charts > 0 && inSight.every((chart) => drawn.has(chart)) && now - lastNews > settledMs) {
      seen.all = lastNews
      clearInterval(timer)
    }
  }, lookEveryMs)
}
