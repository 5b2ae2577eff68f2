import { median, megabytes, printTable } from '../report.ts'
import { launchBrowser, memoryOf, openPage } from './browser.ts'
import { ours } from './contenders.ts'
import { startFilledTracker } from './data-sets.ts'
import { boxesOf, hover } from './hand.ts'
import type { PageSettings } from './page.ts'
import { type Painted, paintedOf, watchPainting } from './painting.ts'
import { framesText, printErrors } from './panels.ts'

/** 500 runs × 200 metrics: when the workspace can be used, and what memory it takes. */
export async function measureWide({ rounds }: PageSettings): Promise<void> {
  const tracker = await startFilledTracker('wide')
  const browser = await launchBrowser()
  try {
    const all: (Painted & { heap: number; renderer: number; rows?: number })[] = []
    let frames = '–'
    for (let round = -1; round < rounds; round++) {
      const open = await openPage(browser)
      const { page } = open
      await watchPainting(page, ours.charts)
      await page.goto(`http://127.0.0.1:${tracker.port}/projects/wide`, { waitUntil: 'commit' })
      const rows = await page
        .locator('[data-run]')
        .first()
        .waitFor({ timeout: 60_000 })
        .then(() => page.evaluate(() => performance.now()))
        .catch(() => undefined)
      const painted = await paintedOf(page, 60)
      if (round >= 0) all.push({ ...painted, ...(await memoryOf(browser, open)), rows })
      if (round === rounds - 1) {
        const boxes = await boxesOf(open, ours.charts)
        if (boxes.length > 0) frames = framesText(await hover(open, boxes, ours.charts))
        printErrors(open.errors)
      }
      await open.close()
    }
    const ms = (of: (one: (typeof all)[number]) => number | undefined) =>
      median(all.map((one) => of(one) ?? Number.POSITIVE_INFINITY)).toFixed(0)
    printTable(
      `500 runs × 200 metrics: medians of ${rounds} visits`,
      ['rows of runs, ms', 'first lines seen, ms', 'all in sight, ms', 'heap', 'process', 'hover: frames/s, worst'],
      [
        [
          ms(({ rows }) => rows),
          ms(({ first }) => first),
          ms(({ all }) => all),
          megabytes(median(all.map(({ heap }) => heap))),
          megabytes(median(all.map(({ renderer }) => renderer))),
          frames,
        ],
      ],
    )
  } finally {
    await browser.close()
    await tracker.stop()
  }
}
