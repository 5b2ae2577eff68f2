import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { after, before, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startTracker, type TrackerOptions, type TrackerProcess } from '@aspara/tracker/testing/tracker-process.ts'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { launchChromium } from '../chromium.ts'

/** Screenshots of what a test has seen, to be looked at after it ran. */
const screenshots = fileURLToPath(new URL('../../build/screenshots/', import.meta.url))

/** What answers locally answers in less; a machine that does other things besides needs some air, ms. */
const patienceMs = 15_000

export interface VisitOptions {
  theme?: 'light' | 'dark'
  /** 390 is a phone: touch, no hover. */
  width?: 1440 | 390
  /** In place of the tracker of the file. */
  at?: TrackerProcess
  /** Shares cookies, storage and workers with this page, as tabs of one browser do. */
  beside?: Page
  /** Faults that the test brings about itself, such as a tracker that is killed. */
  mayFail?: RegExp
}

/** What every file of walks needs: one browser, and one tracker unless it starts its own. */
export interface Stage {
  readonly browser: Browser
  readonly tracker: TrackerProcess
  /** A tracker for one test alone, which is stopped after the pages of the test are closed. */
  startTracker(t: TestContext, options: TrackerOptions): Promise<TrackerProcess>
  /**
   * Opens a page as a person would. When the test ends it fails if the page has said anything on the console, thrown, or
   * asked for something that was not answered well.
   */
  visit(t: TestContext, path: string, options?: VisitOptions): Promise<Page>
}

/** Before the first test of a file: a browser, and a tracker (`null`: none) that `fill` has logged to. */
export function prepareStage(
  fill: (tracker: TrackerProcess) => Promise<void> = async () => {},
  options: TrackerOptions = {},
): Stage {
  let browser: Browser | undefined
  let tracker: TrackerProcess | undefined
  before(async () => {
    ;[browser, tracker] = await Promise.all([launchChromium(), startTracker(options)])
    await fill(tracker)
  })
  after(async () => {
    await browser?.close()
    await tracker?.stop()
  })
  return {
    get browser() {
      return browser!
    },
    get tracker() {
      return tracker!
    },
    async startTracker(t, own) {
      const started = await startTracker(own)
      closing(t).push(() => started.stop())
      return started
    },
    async visit(t, path, { beside, ...own } = {}) {
      const context = beside?.context() ?? (await openContext(t, browser!, own))
      const page = await context.newPage()
      await page.goto((own.at ?? tracker!).url + path)
      return page
    },
  }
}

const closings = new WeakMap<TestContext, (() => Promise<unknown>)[]>()

/** What is done when the test ends, the last first: pages go before the trackers that they look at. */
function closing(t: TestContext): (() => Promise<unknown>)[] {
  const known = closings.get(t)
  if (known) return known
  const deeds: (() => Promise<unknown>)[] = []
  closings.set(t, deeds)
  t.after(async () => {
    for (const deed of deeds.toReversed()) await deed()
  })
  return deeds
}

async function openContext(t: TestContext, browser: Browser, options: VisitOptions): Promise<BrowserContext> {
  const { theme = 'light', width = 1440, mayFail } = options
  const isPhone = width < 640
  const context = await browser.newContext({
    colorScheme: theme,
    viewport: { width, height: isPhone ? 844 : 900 },
    hasTouch: isPhone,
    isMobile: isPhone,
    deviceScaleFactor: 1,
    locale: 'en-US',
    // What stands still can be compared, and tests need not wait.
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  context.setDefaultTimeout(patienceMs)
  const faults = watchFaults(context, mayFail)
  closing(t).push(async () => {
    if (t.error) await keepScreenshot(context.pages().at(-1)!, `failed ${t.name}`).catch(() => {})
    await context.close()
    if (!t.error) assert.deepEqual(faults, [], 'the page is without fault')
  })
  return context
}

/** Everything that goes wrong in the pages of a browser, as it happens. */
function watchFaults(context: BrowserContext, mayFail: RegExp | undefined): string[] {
  const faults: string[] = []
  const note = (fault: string) => {
    if (!mayFail?.test(fault)) faults.push(fault)
  }
  context.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type())) return
    note(`console ${message.type()}: ${message.text()} ${message.location().url}`)
  })
  context.on('weberror', (error) => note(`thrown: ${error.error().stack || error.error()} on ${error.page()?.url()}`))
  context.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? ''
    // Left by the page itself: what it asked for is not needed any more.
    if (!/ERR_ABORTED/.test(reason)) note(`failed: ${request.method()} ${request.url()} ${reason}`)
  })
  context.on('response', (response) => {
    if (response.status() >= 400) note(`${response.status()}: ${response.request().method()} ${response.url()}`)
  })
  return faults
}

/** Keeps what is on the page as build/screenshots/NAME.png. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  await mkdir(screenshots, { recursive: true })
  const file = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 100)
  // Charts are drawn in frames of their own, after what they are told.
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))
  await page.screenshot({ path: `${screenshots}${file}.png`, animations: 'disabled' })
}
