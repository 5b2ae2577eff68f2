import type { Download, Locator, Page } from 'playwright-core'

/** What is where on the page, by the names that people and screen readers know. */

export const panel = (page: Page, metric: string): Locator => page.locator(`[data-panel="${metric}"]`).first()

export const chart = (page: Page, metric: string): Locator => panel(page, metric).locator('.chart-root')

export const runTable = (page: Page): Locator => page.locator('[data-run-table]')

export const runRow = (page: Page, run: string): Locator => runTable(page).locator(`[data-run="${run}"]`)

/** Names of the runs in the table, from top to bottom. */
export const runNames = (page: Page): Promise<string[]> =>
  runTable(page)
    .locator('[data-run]')
    .evaluateAll((rows) =>
      rows
        .toSorted((one, other) => one.getBoundingClientRect().top - other.getBoundingClientRect().top)
        .map((row) => (row as HTMLElement).dataset.run!),
    )

/** Waits until something that is read from the page is so. */
export async function becomes<Value>(read: () => Promise<Value>, isSo: (value: Value) => boolean, what: string) {
  const deadline = performance.now() + 15_000
  for (;;) {
    const value = await read()
    if (isSo(value)) return value
    if (performance.now() > deadline) throw new Error(`${what}: it is ${JSON.stringify(value)}`)
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}

/** Waits until a chart has lines: pixels of its canvas that are not clear. */
export async function drawn(page: Page, metric: string): Promise<void> {
  await panel(page, metric).locator('canvas.chart-lines').first().waitFor()
  await becomes(
    () => ink(page, metric),
    (amount) => amount > 0,
    `${metric} is drawn`,
  )
}

/** How much of a chart its lines cover: other lines, another amount. */
export const ink = (page: Page, metric: string): Promise<number> =>
  panel(page, metric)
    .locator('canvas.chart-lines')
    .first()
    .evaluate((canvas: HTMLCanvasElement) => {
      if (canvas.width === 0 || canvas.height === 0) return 0
      // A copy: a canvas that is read from is drawn in another way by the browser from then on.
      const context = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true })!
      context.drawImage(canvas, 0, 0)
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
      let sum = 0
      for (let at = 3; at < data.length; at += 4) sum += data[at]!
      return sum
    })

/** The chart in a sentence, as a screen reader says it when it gets the focus. */
export async function sentence(page: Page, metric: string): Promise<string> {
  await chart(page, metric).blur()
  await chart(page, metric).focus()
  return (await chart(page, metric).getAttribute('aria-label'))!
}

/** Drags over a part of a chart, in shares of its width and height from the upper left. */
export async function drag(page: Page, what: Locator, from: [number, number], to: [number, number]): Promise<void> {
  const box = (await what.boundingBox())!
  const at = ([x, y]: [number, number]): [number, number] => [box.x + x * box.width, box.y + y * box.height]
  await page.mouse.move(...at(from))
  await page.mouse.down()
  await page.mouse.move(...at([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]))
  await page.mouse.move(...at(to))
  await page.mouse.up()
}

/** Where the lines are, without the axes. */
export const plot = (page: Page, metric: string): Locator => panel(page, metric).locator('.u-over')

/** Chooses from a panel's menu. */
export async function choose(page: Page, metric: string, item: string): Promise<void> {
  await panel(page, metric).hover()
  await page.getByRole('button', { name: `More: ${metric}` }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

/** What a panel's menu downloads. */
export async function download(page: Page, metric: string, item: string): Promise<{ name: string; bytes: Buffer }> {
  const [file] = await Promise.all([page.waitForEvent('download'), choose(page, metric, item)])
  return { name: file.suggestedFilename(), bytes: await bytesOf(file) }
}

export async function bytesOf(file: Download): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** Metrics that requests for series name, from now on. */
export function watchSeries(page: Page): { asked: string[]; addresses: URL[] } {
  const seen = { asked: [] as string[], addresses: [] as URL[] }
  page.on('request', (request) => {
    const address = new URL(request.url())
    if (!address.pathname.endsWith('/series')) return
    seen.addresses.push(address)
    seen.asked.push(
      ...address.searchParams.getAll('metric'),
      ...(address.searchParams.get('metrics')?.split(',') ?? []),
    )
  })
  return seen
}

/** What a toast says, once it is there. */
export const toast = (page: Page, text: string | RegExp): Locator =>
  page.locator('[aria-live=polite] [role=status], [aria-live=polite] [role=alert]').filter({ hasText: text })
