import { median, printTable } from '../report.ts'
import { launchBrowser, openPage } from './browser.ts'
import { ours } from './contenders.ts'
import { lengths, startFilledTracker } from './data-sets.ts'
import type { PageSettings } from './page.ts'
import { type Painted, paintedOf, watchPainting } from './painting.ts'
import { printErrors } from './panels.ts'

/** The page of a run of 10 k steps and of one of 10 M, 5 metrics each, in turn. */
export async function measureLengths({ rounds }: PageSettings): Promise<void> {
  const tracker = await startFilledTracker('lengths')
  const browser = await launchBrowser()
  try {
    const visit = async (steps: number): Promise<Painted> => {
      const open = await openPage(browser)
      await watchPainting(open.page, ours.charts)
      const url = `http://127.0.0.1:${tracker.port}/projects/lengths/runs/steps-${steps}?tab=charts`
      await open.page.goto(url, { waitUntil: 'commit' })
      const painted = await paintedOf(open.page, 60)
      printErrors(open.errors)
      await open.close()
      return painted
    }
    const painted = new Map([lengths.short, lengths.long].map((steps) => [steps, [] as Painted[]]))
    for (let round = -1; round < rounds; round++) {
      for (const [steps, times] of painted) {
        const one = await visit(steps)
        // The first finds nothing warm.
        if (round >= 0) times.push(one)
      }
    }
    const of = (times: Painted[], which: 'first' | 'all') =>
      median(times.map((one) => one[which] ?? Number.POSITIVE_INFINITY))
    const short = painted.get(lengths.short)!
    printTable(
      `The page of one run, ${lengths.metrics.length} metrics: medians of ${rounds} visits`,
      ['steps', 'first lines seen, ms', 'all in sight, ms', 'ratio'],
      Array.from(painted, ([steps, times]) => [
        steps.toLocaleString('en'),
        of(times, 'first').toFixed(0),
        of(times, 'all').toFixed(0),
        (of(times, 'first') / of(short, 'first')).toFixed(2),
      ]),
    )
  } finally {
    await browser.close()
    await tracker.stop()
  }
}
