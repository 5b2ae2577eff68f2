import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { median, megabytes, printTable } from '../report.ts'
import { launchBrowser, memoryOf, type OpenPage, openPage } from './browser.ts'
import { type Contender, ours, peers } from './contenders.ts'
import { benchData, panelRuns } from './data-sets.ts'
import { boxesOf, type Frames, hover, pan, zoom } from './hand.ts'
import type { PageSettings } from './page.ts'
import { marksOf, type Painted, paintedOf, watchPainting } from './painting.ts'

/** Longer than this nobody waits for a chart. */
const patienceSeconds = 60

interface Measured {
  painted: Painted[]
  /** By the page's own marks, on visits that were not watched. */
  marked: Painted[]
  scriptBytes: number
  memory?: { heap: number; renderer: number }
  charts: number
  /** Over all charts in sight. */
  hover?: Frames
  /** Of our page: of as many charts as the goals are for. */
  hand?: Record<'hover' | 'zoom' | 'pan', Frames> & { charts: number }
  errors: string[]
}

/** The metrics of one section, whose charts are all moved together: twelve, which are all in sight. */
const handSection = 'grad'

/** 50 runs × 2,000 points × 20 metrics: the first chart, and what the hand feels, on our page and on those of others. */
export async function measurePanels({ rounds, withPeers }: PageSettings): Promise<void> {
  const browser = await launchBrowser()
  try {
    const results: [Contender, Measured][] = []
    for (const contender of withPeers ? [ours, ...peers] : [ours]) {
      results.push([contender, await measure(browser, contender, rounds)])
    }
    print(results, rounds)
  } finally {
    await browser.close()
  }
}

async function measure(browser: Browser, contender: Contender, rounds: number): Promise<Measured> {
  const server = await contender.start()
  try {
    // What a server reads once is read: ours and theirs are warm.
    const warm = await visit(browser, contender, server.url)
    await warm.open.close()
    const isSlow = (warm.painted.all ?? Number.POSITIVE_INFINITY) > 20_000
    const painted: Painted[] = []
    // One visit tells enough of a page that takes longer than that.
    for (let round = isSlow ? rounds : 1; round < rounds; round++) {
      const { open, painted: times } = await visit(browser, contender, server.url)
      painted.push(times)
      await open.close()
    }
    const marked: Painted[] = []
    for (let round = contender === ours ? 0 : rounds; round < rounds; round++) {
      const open = await openPage(browser)
      await open.page.goto(server.url, { waitUntil: 'commit' })
      marked.push(await marksOf(open.page, patienceSeconds))
      await open.close()
    }
    const last = await visit(browser, contender, server.url)
    painted.push(last.painted)
    const measured = await use(browser, contender, last.open, { painted, marked })
    await last.open.close()
    if (contender === ours) measured.hand = await measureHand(browser, server.url)
    return measured
  } finally {
    await server.stop()
  }
}

async function visit(browser: Browser, { charts }: Contender, url: string) {
  const open = await openPage(browser)
  await watchPainting(open.page, charts)
  await open.page.goto(url, { waitUntil: 'commit' })
  return { open, painted: await paintedOf(open.page, patienceSeconds) }
}

async function use(
  browser: Browser,
  contender: Contender,
  open: OpenPage,
  visits: Pick<Measured, 'painted' | 'marked'>,
): Promise<Measured> {
  const { charts } = contender
  const last = visits.painted[visits.painted.length - 1]
  const measured: Measured = {
    ...visits,
    scriptBytes: await open.scriptBytes(),
    charts: last.charts,
    errors: open.errors,
  }
  // What was measured is to be looked at.
  const picture = join(benchData, 'screenshots', `${contender.name.replaceAll(' ', '-')}.png`)
  await open.page.screenshot({ path: picture }).catch(() => console.log(`${contender.name} gave no picture of itself`))
  // A page that is still computing has no memory that stays, and answers no hand.
  if (last.all === undefined) return measured
  measured.memory = await memoryOf(browser, open)
  const boxes = await boxesOf(open, charts)
  if (boxes.length === 0) return measured
  measured.hover = await hover(open, boxes, charts)
  return measured
}

/** What the hand feels on our page, with the charts of one section. */
async function measureHand(browser: Browser, url: string): Promise<Measured['hand']> {
  const { charts } = ours
  const { open } = await visit(browser, ours, `${url}?m=%5E${handSection}/`)
  const boxes = await boxesOf(open, charts)
  const hand = boxes[Math.floor(boxes.length / 2)]
  const frames = {
    charts: boxes.length,
    hover: await hover(open, boxes, charts),
    zoom: await zoom(open, hand, charts),
    pan: await pan(open, hand, charts),
  }
  printErrors(open.errors)
  await open.close()
  return frames
}

function print(results: [Contender, Measured][], rounds: number): void {
  const ms = (times: (number | undefined)[]) => {
    const known = times.map((time) => time ?? Number.POSITIVE_INFINITY)
    const middle = median(known)
    return middle === Number.POSITIVE_INFINITY
      ? `> ${patienceSeconds} s`
      : `${Math.round(middle).toLocaleString('en')} ms`
  }
  const { count, rows, metrics } = panelRuns
  printTable(
    `${count} runs × ${rows.toLocaleString('en')} points × ${metrics.length} metrics: medians of ${rounds} visits, nothing cached`,
    [
      '',
      'first lines seen',
      'all in sight',
      'charts in sight',
      'script, gzipped',
      'heap',
      'process',
      'hover: frames/s, worst',
    ],
    results.map(([{ name }, { painted, charts, scriptBytes, memory, hover }]) => [
      name,
      ms(painted.map(({ first }) => first)),
      ms(painted.map(({ all }) => all)),
      String(charts),
      `${Math.round(scriptBytes / 1_000)} kB`,
      memory ? megabytes(memory.heap) : '–',
      memory ? megabytes(memory.renderer) : '–',
      framesText(hover),
    ]),
  )
  const [[, mine]] = results
  console.log(
    `By the page's own marks, on visits that nobody watched: first chart ${ms(mine.marked.map(({ firstMark }) => firstMark))}, all in sight ${ms(mine.marked.map(({ allMark }) => allMark))}\n`,
  )
  const { hand } = mine
  if (hand) {
    printTable(
      `The hand on Aspara's page, ${count} lines × ${hand.charts} charts in sight, mouse at 60 a second`,
      ['', 'frames/s, worst', 'chart under the hand, draws/s', 'slowest that follows, draws/s'],
      (['hover', 'zoom', 'pan'] as const).map((deed) => [
        deed,
        framesText(hand[deed]),
        hand[deed].handRate?.toFixed(0) ?? '–',
        hand[deed].followerRate?.toFixed(0) ?? '–',
      ]),
    )
  }
  printErrors(mine.errors)
}

export const framesText = (frames: Frames | undefined): string =>
  frames ? `${frames.median.toFixed(0)}, ${frames.worstMs.toFixed(0)} ms` : '–'

/** There should be none. */
export function printErrors(errors: string[]): void {
  if (errors.length > 0) console.log(`Errors in the console: ${errors.join('; ')}\n`)
}
