// Charts of a project, read, zoomed, smoothed and carried away as a person would, in a real browser on a real tracker.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type TrackerProcess, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import { init } from 'aspara'
import {
  becomes,
  chart,
  choose,
  download,
  drag,
  drawn,
  ink,
  panel,
  plot,
  runRow,
  sentence,
  toast,
  watchSeries,
} from './page-parts.ts'
import { logSweep } from './trained-runs.ts'
import { keepScreenshot, prepareStage } from './visit.ts'

const stage = prepareStage(async (tracker) => {
  await Promise.all([logSweep(tracker, { project: 'sweep' }), logDeepRun(tracker, 'deep')])
})

/** One run with 40,000 steps, a spike in each half, and 60 metrics more. */
async function logDeepRun(tracker: TrackerProcess, project: string): Promise<void> {
  const run = await init({
    trackerUri: tracker.url,
    dir: await temporaryFolder(),
    project,
    name: 'deep',
    settings: { quiet: true, exitHandlers: false },
  })
  for (let step = 0; step < 40_000; step++) {
    run.log({ loss: step === 12_345 || step === 30_001 ? 100 : 1 + Math.cos(step / 4_000) })
    if (step % 5_000 === 0) await run.flush()
  }
  for (let step = 0; step < 20; step++) {
    const layers = Object.fromEntries(
      Array.from({ length: 60 }, (_, at) => [`l${String(at).padStart(2, '0')}`, step * at]),
    )
    run.log({ layers }, { step })
  }
  await run.finish({ quiet: true })
}

test('charts are drawn in sections, and only what is in sight is asked for, as finely as it has pixels', async (t) => {
  const page = await stage.visit(t, '/projects/deep', {})
  await drawn(page, 'loss')
  await drawn(page, 'layers/l00')
  const seen = watchSeries(page)
  await page.reload()
  await drawn(page, 'layers/l00')
  await becomes(
    async () => seen.asked.length,
    (count) => count > 0,
    'series are asked for',
  )
  assert.ok(seen.asked.length < 30, `of 61 metrics ${seen.asked.length} are asked for`)
  const width = (await chart(page, 'loss').boundingBox())!.width
  for (const address of seen.addresses) {
    const points = Number(address.searchParams.get('points'))
    assert.ok(points >= width * 0.9 && points <= width + 200, `${points} points for ${width} pixels`)
  }
  assert.ok(!seen.asked.includes('layers/l59'))
  await panel(page, 'layers/l59').scrollIntoViewIfNeeded()
  await drawn(page, 'layers/l59')
  assert.ok(seen.asked.includes('layers/l59'))
})

test('metrics are found by a regular expression, and what is none says so in place', async (t) => {
  const page = await stage.visit(t, '/projects/sweep')
  await drawn(page, 'train/loss')
  await page.keyboard.press('m')
  await page.keyboard.type('^val/(loss|acc)$')
  await panel(page, 'train/loss').waitFor({ state: 'detached' })
  await drawn(page, 'val/acc')
  await page.getByText('2/5').waitFor()
  await page.keyboard.type('(')
  await page.getByRole('alert').filter({ hasText: 'Not a regular expression' }).waitFor()
  await page.keyboard.press('Escape')
  await drawn(page, 'train/loss')
  // Sections close and open, and the address keeps it.
  await page
    .getByRole('region', { name: 'train' })
    .getByRole('button', { name: /^train/ })
    .click()
  await panel(page, 'train/loss').waitFor({ state: 'detached' })
  await page.waitForURL(/closed=train/)
  await page
    .getByRole('region', { name: 'train' })
    .getByRole('button', { name: /^train/ })
    .click()
  await drawn(page, 'train/loss')
})

test('the crosshair is over all panels, the tooltip lists the runs, and a click pins it', async (t) => {
  const page = await stage.visit(t, '/projects/sweep')
  await drawn(page, 'train/loss')
  await drawn(page, 'val/acc')
  const box = (await plot(page, 'train/loss').boundingBox())!
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  const tooltip = page.locator('.chart-tooltip')
  await tooltip.waitFor()
  assert.match(await tooltip.innerText(), /step \d+/i)
  assert.equal(await tooltip.locator('.chart-tooltip-row').count(), 6)
  for (const metric of ['train/loss', 'train/acc', 'val/acc', 'lr']) {
    await panel(page, metric).locator('.chart-cross').waitFor()
  }
  // The nearest run comes forward in the list too.
  const nearest = await tooltip.locator('.is-nearest .chart-tooltip-name').innerText()
  await runRow(page, nearest).and(page.locator('.bg-hover, :has(.bg-hover)')).first().waitFor()
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2)
  await page.mouse.move(10, 10)
  await page.locator('.chart-tooltip.is-pinned').waitFor()
  await page.keyboard.press('Escape')
  await tooltip.waitFor({ state: 'hidden' })
})

test('a drag zooms all panels of the section and reads true detail, a double click goes back', async (t) => {
  const page = await stage.visit(t, '/projects/deep?cols=1')
  await drawn(page, 'loss')
  await panel(page, 'loss')
    .getByText(/buckets of 40k points/)
    .waitFor()
  const seen = watchSeries(page)
  const [detail] = await Promise.all([
    page.waitForResponse((response) => response.url().includes('/series?') && response.url().includes('from=')),
    drag(page, plot(page, 'loss'), [0.3, 0.5], [0.31, 0.5]),
  ])
  const { series } = await detail.json()
  assert.ok(series[0].exact, 'of this part every point is read')
  assert.ok(series[0].y.includes(100), 'the spike is among them')
  await page.waitForURL(/r=/)
  await panel(page, 'loss')
    .getByText(/buckets of/)
    .waitFor({ state: 'detached' })
  const count = seen.addresses.length
  await plot(page, 'loss').dblclick()
  await panel(page, 'loss')
    .getByText(/buckets of 40k points/)
    .waitFor()
  assert.equal(seen.addresses.length, count, 'what was read before is not read again')
  await becomes(
    async () => page.url(),
    (url) => !/[?&]r=/.test(url),
    'the address forgets the zoom',
  )
})

test('smoothing keeps the raw line, log says what it can’t show, outliers are said aloud', async (t) => {
  const sweep = await stage.visit(t, '/projects/sweep')
  await drawn(sweep, 'train/loss')
  const before = await ink(sweep, 'train/loss')
  await sweep.keyboard.press(']')
  await sweep.keyboard.press(']')
  await sweep.locator('output').filter({ hasText: '0.2' }).waitFor()
  await becomes(
    () => ink(sweep, 'train/loss'),
    (amount) => amount !== before,
    'the chart is drawn anew',
  )

  const page = await stage.visit(t, '/projects/deep')
  await drawn(page, 'loss')
  await page.keyboard.press('l')
  await panel(page, 'layers/l01')
    .getByText(/not above 0, which a log axis can.t show/)
    .waitFor()
  await page.keyboard.press('l')
  await page.getByRole('button', { name: 'y: linear' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Leave outliers out' }).click()
  await page.keyboard.press('Escape')
  await panel(page, 'loss')
    .getByText(/% of points above/)
    .waitFor()
  // Every change of the view is undone by a key.
  await page.keyboard.press('z')
  await toast(page, 'Undone: outliers').waitFor()
  await panel(page, 'loss')
    .getByText(/% of points above/)
    .waitFor({ state: 'detached' })
})

test('groups are one line with a band each, and say of how many runs they are', async (t) => {
  const page = await stage.visit(t, '/projects/sweep?g=config.optimizer.name')
  await drawn(page, 'train/loss')
  assert.match(await sentence(page, 'train/loss'), /2 lines/)
  await page.getByRole('button', { name: /groups: mean, min–max/ }).click()
  await page.getByRole('menuitemradio', { name: '95 % confidence interval' }).click()
  await page.getByRole('button', { name: /groups: mean, 95 % CI/ }).waitFor()
  const box = (await plot(page, 'train/loss').boundingBox())!
  await page.mouse.move(box.x + 30, box.y + box.height / 2)
  const tooltip = page.locator('.chart-tooltip')
  await tooltip.getByText('n = 3').first().waitFor()
  assert.equal(await tooltip.locator('.chart-tooltip-row').count(), 2)
})

test('a chart on full screen has a legend by value, and arrows go to the next one', async (t) => {
  const page = await stage.visit(t, '/projects/sweep')
  await drawn(page, 'train/loss')
  await panel(page, 'train/loss').hover()
  await page.keyboard.press('f')
  const dialog = page.getByRole('dialog', { name: 'train/loss' })
  await dialog.waitFor()
  const legend = dialog.getByRole('region', { name: 'Legend' })
  await legend.getByText('run-1').waitFor()
  assert.equal(await legend.getByRole('listitem').count(), 6)
  assert.match(await legend.getByRole('listitem').last().innerText(), /run-6\s+NaN/, 'what is not finite is last')
  await keepScreenshot(page, 'full-screen-light-1440')
  await page.keyboard.press('ArrowRight')
  await page.getByRole('dialog', { name: 'val/acc' }).waitFor()
  await page.waitForURL(/panel=val\/acc/)
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await becomes(
    async () => page.url(),
    (url) => !url.includes('panel='),
    'the address forgets it',
  )
})

test('the table behind a chart has its numbers', async (t) => {
  const page = await stage.visit(t, '/projects/sweep')
  await drawn(page, 'val/loss')
  await choose(page, 'val/loss', 'Show as table')
  const dialog = page.getByRole('dialog', { name: 'val/loss' })
  await dialog.waitFor()
  const rows = await dialog.getByRole('row').count()
  assert.equal(rows, 1 + 6 * 20)
  assert.match(await dialog.getByRole('row').nth(1).innerText(), /run-6\s+9\s+\d/)
  await dialog.getByText('NaN').first().waitFor()
  await page.keyboard.press('Escape')
})

test('PNG, SVG and CSV have in them what the chart shows', async (t) => {
  const page = await stage.visit(t, '/projects/sweep')
  await drawn(page, 'train/loss')
  const svg = await download(page, 'train/loss', 'Download SVG')
  assert.equal(svg.name, 'train-loss.svg')
  const drawing = svg.bytes.toString()
  for (const run of [1, 2, 3, 4, 5, 6]) assert.match(drawing, new RegExp(`>run-${run}</text>`))
  const paths = [...drawing.matchAll(/<path d="(M[^"]{200,})" fill="none"/g)]
  assert.ok(paths.length >= 6, `${paths.length} lines`)

  const png = await download(page, 'train/loss', 'Download PNG')
  assert.equal(png.name, 'train-loss.png')
  const colours = await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
    const bitmap = await createImageBitmap(new Blob([bytes]))
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
    const context = canvas.getContext('2d')!
    context.drawImage(bitmap, 0, 0)
    const pixels = new Uint32Array(context.getImageData(0, 0, bitmap.width, bitmap.height).data.buffer)
    return new Set(pixels).size
  }, png.bytes.toString('base64'))
  assert.ok(colours > 20, `${colours} colours`)

  const drawnCsv = (await download(page, 'train/loss', 'Download CSV as drawn')).bytes.toString().trim().split('\n')
  assert.equal(drawnCsv[0], 'run,step,value,min,max,not_finite')
  const every = await download(page, 'train/loss', 'Download CSV of every point')
  assert.equal(every.name, 'train-loss-points.csv')
  const rows = every.bytes.toString().trim().split(/\r?\n/)
  assert.equal(rows.length, 1 + 6 * 200)
  assert.equal(rows.filter((row) => /NaN/.test(row)).length, 99)
})

test('a copied link opens exactly this view, on another browser', async (t) => {
  const page = await stage.visit(t, '/projects/sweep')
  await drawn(page, 'train/loss')
  await runRow(page, 'run-2').getByRole('button', { name: 'Hide run-2 in charts' }).click()
  await page.keyboard.press('l')
  await page.keyboard.press(']')
  await drag(page, plot(page, 'train/loss'), [0.2, 0.5], [0.6, 0.5])
  await page.getByRole('button', { name: 'all of x' }).waitFor()
  await page.keyboard.press('y')
  await toast(page, 'Copied the link').waitFor()
  const link = await page.evaluate(() => navigator.clipboard.readText())
  const other = await stage.visit(t, link.slice(stage.tracker.url.length))
  await drawn(other, 'train/loss')
  await other.getByRole('button', { name: 'all of x' }).waitFor()
  await other.getByRole('button', { name: 'y: logarithmic' }).waitFor()
  assert.equal(await other.locator('output').innerText(), '0.1')
  await runRow(other, 'run-2').getByRole('button', { name: 'Show run-2 in charts' }).waitFor()
  assert.match(await sentence(other, 'train/loss'), /5 lines/)
})
