// What is dragged, pulled and pinched: axes, panels, columns and the border between runs and charts, by a mouse or two fingers.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { becomes, chart, drag, drawn, panel, plot, runTable } from './page-parts.ts'
import { logSweep } from './trained-runs.ts'
import { keepScreenshot, prepareStage } from './visit.ts'

const stage = prepareStage(async (tracker) => {
  await logSweep(tracker, { project: 'sweep' })
  // More steps than a chart has pixels: a part of it has its own detail.
  await logSweep(tracker, { project: 'long', runs: 1, steps: 5_000 })
})

const widthOf = async (page: Page, column: string) =>
  (await runTable(page).locator(`[data-column="${column}"]`).boundingBox())!.width

/** Ids of the columns in sight, from left to right. */
const columnsOf = (page: Page): Promise<string[]> =>
  runTable(page)
    .locator('[data-column]')
    .evaluateAll((cells) =>
      cells
        .toSorted((one, other) => one.getBoundingClientRect().left - other.getBoundingClientRect().left)
        .map((cell) => (cell as HTMLElement).dataset.column!),
    )

test('Alt and a drag zooms y of one chart, and a double click goes back', async (t) => {
  const page = await stage.visit(t, '/projects/sweep')
  await drawn(page, 'train/loss')
  await page.keyboard.down('Alt')
  await drag(page, plot(page, 'train/loss'), [0.5, 0.4], [0.5, 0.8])
  await page.keyboard.up('Alt')
  await page.waitForURL(/[?&]p=/)
  await keepScreenshot(page, 'y-zoomed')
  await plot(page, 'train/loss').dblclick()
  await becomes(
    async () => page.url(),
    (url) => !/[?&]p=/.test(url),
    'y is what it was',
  )
})

test('Shift and a drag moves all charts of the section, which show the coarse line where they have no other', async (t) => {
  const page = await stage.visit(t, '/projects/long')
  await drawn(page, 'train/loss')
  await drag(page, plot(page, 'train/loss'), [0.6, 0.5], [0.9, 0.5])
  await page.waitForURL(/r=/)
  await panel(page, 'train/loss')
    .getByText(/buckets of/)
    .waitFor()
  const [before] = rangeOf(page)
  const box = (await plot(page, 'train/loss').boundingBox())!
  await page.keyboard.down('Shift')
  await page.mouse.move(box.x + box.width * 0.2, box.y + 50)
  await page.mouse.down()
  // While the hand goes on nothing is read; what comes into sight at the left is painted all the same.
  for (let step = 1; step <= 12; step++) {
    await page.mouse.move(box.x + box.width * (0.2 + step * 0.06), box.y + 50)
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))
    assert.ok((await leftInk(page, 'train/loss')) > 0, `lines reach the left edge, step ${step} of the way`)
  }
  await keepScreenshot(page, 'moved-by-hand')
  await page.mouse.up()
  await page.keyboard.up('Shift')
  await becomes(
    async () => rangeOf(page)[0]!,
    (from) => from < before! - 500,
    'the address has the part that is looked at now',
  )
})

test('the corner of a panel makes all taller and this one wider', async (t) => {
  const page = await stage.visit(t, '/projects/sweep')
  await drawn(page, 'train/loss')
  const before = (await panel(page, 'train/loss').boundingBox())!
  await page.mouse.move(before.x + before.width - 5, before.y + before.height - 5)
  await page.mouse.down()
  await page.mouse.move(before.x + before.width * 1.9, before.y + before.height + 80, { steps: 5 })
  await page.mouse.up()
  const after = await becomes(
    async () => (await panel(page, 'train/loss').boundingBox())!,
    ({ width, height }) => width > before.width * 1.8 && height > before.height + 60,
    'wider and taller',
  )
  await becomes(
    async () => (await chart(page, 'train/loss').locator('.uplot').boundingBox())!,
    ({ width, height }) => Math.abs(width - after.width) < 4 && height > before.height,
    'the chart fills it',
  )
  await keepScreenshot(page, 'panel-pulled')
  await page.keyboard.press('z')
  await becomes(
    async () => (await panel(page, 'train/loss').boundingBox())!,
    ({ width, height }) => Math.abs(width - before.width) < 2 && Math.abs(height - before.height) < 2,
    'undone at once',
  )
})

test('the border between runs and charts is dragged, and far to the left it hides the runs', async (t) => {
  const page = await stage.visit(t, '/projects/sweep')
  await drawn(page, 'train/loss')
  const border = page.getByRole('separator', { name: 'Width of the run list' })
  const pull = async (toX: number) => {
    const box = (await border.boundingBox())!
    await page.mouse.move(box.x, 400)
    await page.mouse.down()
    await page.mouse.move(toX, 400, { steps: 6 })
    await page.mouse.up()
  }
  await pull(600)
  await becomes(
    async () => (await border.boundingBox())!.x,
    (x) => Math.abs(x - 600) <= 2,
    'where it was pulled to',
  )
  await drawn(page, 'train/loss')
  await pull(20)
  await runTable(page).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Show the runs' }).click()
  await runTable(page).waitFor()
})

test('columns are dragged to another place and pulled wider, and stay so', async (t) => {
  const page = await stage.visit(t, '/projects/sweep?w=full&c=status,created,config.lr,config.seed')
  await runTable(page).locator('[data-column="config.seed"]').waitFor()
  assert.deepEqual((await columnsOf(page)).slice(-4), ['status', 'created', 'config.lr', 'config.seed'])
  await runTable(page).locator('[data-column="config.seed"]').dragTo(runTable(page).locator('[data-column="status"]'))
  await becomes(
    () => columnsOf(page),
    (ids) => ids.slice(-4).join() === 'config.seed,status,created,config.lr',
    'seed comes first',
  )
  const before = await widthOf(page, 'status')
  const edge = (await runTable(page).locator('[data-resize="status"]').boundingBox())!
  await page.mouse.move(edge.x + 3, edge.y + 8)
  await page.mouse.down()
  await page.mouse.move(edge.x + 83, edge.y + 8, { steps: 5 })
  await page.mouse.up()
  await becomes(
    () => widthOf(page, 'status'),
    (width) => Math.abs(width - before - 80) <= 4,
    'as much wider as it was pulled',
  )
  // The address follows while the hand is at work: what it let go at has to be there.
  await becomes(
    async () => JSON.parse(new URL(page.url()).searchParams.get('cw') ?? '{}').status,
    (width) => Math.abs(width - before - 80) <= 4,
    'the address has the width',
  )
  await page.reload()
  await runTable(page).locator('[data-column="status"]').waitFor()
  assert.ok(Math.abs((await widthOf(page, 'status')) - before - 80) <= 4, 'and after a reload')
  assert.deepEqual((await columnsOf(page)).slice(-4), ['config.seed', 'status', 'created', 'config.lr'])
})

test('two fingers zoom a chart on a phone', async (t) => {
  const page = await stage.visit(t, '/projects/sweep', { width: 390 })
  await drawn(page, 'train/loss')
  const { x, y, width, height } = (await plot(page, 'train/loss').boundingBox())!
  const fingers = await page.context().newCDPSession(page)
  const at = (share: number, id: number) => ({ x: x + width * share, y: y + height / 2, id })
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: ReturnType<typeof at>[]) =>
    fingers.send('Input.dispatchTouchEvent', { type, touchPoints })
  await touch('touchStart', [at(0.45, 0)])
  await touch('touchStart', [at(0.45, 0), at(0.55, 1)])
  for (let step = 1; step <= 6; step++) {
    await touch('touchMove', [at(0.45 - step * 0.05, 0), at(0.55 + step * 0.05, 1)])
  }
  await touch('touchEnd', [])
  await page.waitForURL(/r=/)
  const [from, to] = rangeOf(page)
  assert.ok(from! > 20 && to! < 180, `of 200 steps the middle is seen: ${from} to ${to}`)
  await drawn(page, 'train/loss')
  await keepScreenshot(page, 'pinched-390')
})

/** The part of x that the address has for the section of trainings. */
const rangeOf = (page: Page): number[] => JSON.parse(new URL(page.url()).searchParams.get('r') ?? '{}').train ?? []

/** How much of a chart's left tenth its lines cover. */
const leftInk = (page: Page, metric: string): Promise<number> =>
  panel(page, metric)
    .locator('canvas.chart-lines')
    .first()
    .evaluate((canvas: HTMLCanvasElement) => {
      const context = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true })!
      context.drawImage(canvas, 0, 0)
      const { data } = context.getImageData(0, 0, Math.ceil(canvas.width / 10), canvas.height)
      let sum = 0
      for (let at = 3; at < data.length; at += 4) sum += data[at]!
      return sum
    })
