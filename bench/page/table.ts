import { printTable } from '../report.ts'
import { launchBrowser, memoryOf, type OpenPage, openPage } from './browser.ts'
import { startFilledTracker } from './data-sets.ts'
import { type Frames, scroll } from './hand.ts'
import type { PageSettings } from './page.ts'
import { framesText, printErrors } from './panels.ts'

const scroller = '[data-run-table]'
const secondsPerScroll = 5

/** 10,000 runs in the table, which is scrolled as one reads, as one searches, and as one throws it. */
export async function measureTable(_: PageSettings): Promise<void> {
  const tracker = await startFilledTracker('table')
  const browser = await launchBrowser()
  try {
    const open = await openPage(browser)
    await open.page.goto(`http://127.0.0.1:${tracker.port}/projects/table`, { waitUntil: 'commit' })
    await open.page.locator('[data-run]').first().waitFor({ timeout: 60_000 })
    const rowsMs = await open.page.evaluate(() => performance.now())
    const rows: string[][] = []
    for (const [deed, pixels] of Object.entries({ reading: 20, searching: 120, throwing: 1_000 })) {
      const { frames, blank, scrolled } = await scrollOnce(open, pixels)
      rows.push([
        `${deed}, ${pixels} px a turn`,
        framesText(frames),
        `${(blank * 100).toFixed(0)} %`,
        scrolled.toLocaleString('en'),
      ])
    }
    printTable(
      '10,000 runs in the table, the wheel at 60 turns a second',
      ['', 'frames/s, worst', 'frames without rows', 'px scrolled'],
      rows,
    )
    const { heap } = await memoryOf(browser, open)
    console.log(`First rows after ${rowsMs.toFixed(0)} ms; heap ${(heap / 1e6).toFixed(0)} MB\n`)
    printErrors(open.errors)
    await open.close()
  } finally {
    await browser.close()
    await tracker.stop()
  }
}

declare global {
  interface Window {
    rowSights?: { frames: number; blank: number; isOver: boolean }
  }
}

async function scrollOnce(
  open: OpenPage,
  pixels: number,
): Promise<{ frames: Frames; blank: number; scrolled: number }> {
  const { page } = open
  const box = await page.locator(scroller).first().boundingBox()
  if (!box) throw new Error(`${scroller} is not to be seen`)
  const top = await scrollTop(open)
  await page.evaluate(
    ({ x, y, width, height }) => {
      const sights = { frames: 0, blank: 0, isOver: false }
      window.rowSights = sights
      const look = () => {
        sights.frames++
        const middle = document.elementFromPoint(x + Math.min(100, width / 2), y + height / 2)
        if (!middle?.closest('[data-run]')) sights.blank++
        if (!sights.isOver) requestAnimationFrame(look)
      }
      requestAnimationFrame(look)
    },
    { ...box },
  )
  const frames = await scroll(open, box, secondsPerScroll, pixels)
  const { frames: seen, blank } = await page.evaluate(() => {
    window.rowSights!.isOver = true
    return window.rowSights!
  })
  return { frames, blank: blank / seen, scrolled: Math.round((await scrollTop(open)) - top) }
}

/** Of what scrolls: the table, or something in it. */
const scrollTop = ({ page }: OpenPage) =>
  page.evaluate((selector) => {
    const table = document.querySelector(selector)!
    return Math.max(table.scrollTop, ...Array.from(table.querySelectorAll('*'), (inside) => inside.scrollTop))
  }, scroller)
