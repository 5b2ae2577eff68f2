import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core'

/** Eighteen charts of the workspace are in sight, and of one section all twelve. */
const viewport = { width: 1_920, height: 1_080 }

/** A browser that takes less than this of a core does nothing any more. */
const quietPart = 0.05
const quietMs = 300

/** A page in a context of its own: nothing is cached. */
export interface OpenPage {
  page: Page
  cdp: CDPSession
  /** Resolves when the size of every script so far is known: bytes, each gzipped by itself. */
  scriptBytes(): Promise<number>
  /** What the page wrote to the console as an error, or threw. */
  errors: string[]
  close(): Promise<void>
}

/** The machine's Chromium, which `npm test` installs. */
export function launchBrowser(): Promise<Browser> {
  const found = spawnSync('which', ['chromium', 'chromium-browser', 'google-chrome'], { encoding: 'utf8' })
  const executablePath = process.env.CHROMIUM_PATH ?? found.stdout.split('\n')[0]
  if (!executablePath) throw new Error('There is no Chromium: `npm test` installs one')
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', ...quiet] })
}

/** Opens a window with an empty page, and waits until the browser is done with it: it draws its own frame for up to a second. */
export async function openPage(browser: Browser): Promise<OpenPage> {
  const context = await browser.newContext({ viewport })
  const page = await context.newPage()
  const cdp = await context.newCDPSession(page)
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  const sizes: Promise<number>[] = []
  page.on('response', (response) => {
    if (response.request().resourceType() !== 'script' || !response.ok()) return
    sizes.push(
      response.body().then(
        (body) => gzipSync(body).length,
        () => 0,
      ),
    )
  })
  await becomesQuiet(browser)
  return {
    page,
    cdp,
    errors,
    scriptBytes: async () => (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0),
    close: () => context.close(),
  }
}

async function becomesQuiet(browser: Browser): Promise<void> {
  for (let last = (await cpuOf(browser)).browser, isQuiet = false; !isQuiet; ) {
    await sleep(quietMs)
    const { browser: now } = await cpuOf(browser)
    isQuiet = now - last < (quietMs / 1_000) * quietPart
    last = now
  }
}

/** Bytes: the heap of JavaScript after a collection, and the memory of the page's process that is its alone. */
export async function memoryOf(browser: Browser, { cdp }: OpenPage): Promise<{ heap: number; renderer: number }> {
  await cdp.send('HeapProfiler.collectGarbage')
  const { usedSize } = await cdp.send('Runtime.getHeapUsage')
  const resident = await Promise.all((await renderers(browser)).map(({ id }) => proportionalBytes(id)))
  return { heap: usedSize, renderer: Math.max(0, ...resident) }
}

/** Seconds of processor time so far: of all processes that run pages, and of the whole browser. */
export async function cpuOf(browser: Browser): Promise<{ renderers: number; browser: number }> {
  const all = await processes(browser)
  const sum = (some: BrowserProcess[]) => some.reduce((seconds, { cpuTime }) => seconds + cpuTime, 0)
  return { renderers: sum(all.filter(({ type }) => type === 'renderer')), browser: sum(all) }
}

interface BrowserProcess {
  type: string
  id: number
  cpuTime: number
}

async function processes(browser: Browser): Promise<BrowserProcess[]> {
  const cdp = await browser.newBrowserCDPSession()
  const { processInfo } = await cdp.send('SystemInfo.getProcessInfo')
  await cdp.detach()
  return processInfo
}

const renderers = async (browser: Browser) => (await processes(browser)).filter(({ type }) => type === 'renderer')

/** https://man7.org/linux/man-pages/man5/proc_pid_smaps.5.html: what is shared counts in part. */
async function proportionalBytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024
}
