// Runs set against each other: what differs, parallel coordinates, a scatter, and what matters.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Locator } from 'playwright-core'
import { becomes, drag, drawn, sentence } from './page-parts.ts'
import { logSweep } from './trained-runs.ts'
import { keepScreenshot, prepareStage } from './visit.ts'

const stage = prepareStage((tracker) => logSweep(tracker, { project: 'p', runs: 12, steps: 40 }))
const runs = (count: number) => `runs=${Array.from({ length: count }, (_, at) => `run-${at + 1}`).join()}`

test('side by side only what differs is shown, until one asks for all of it or finds a line', async (t) => {
  const page = await stage.visit(t, `/projects/p/compare?${runs(3)}`)
  const table = page.getByRole('table', { name: 'Runs side by side' })
  const line = (name: string | RegExp) => table.getByRole('rowheader').filter({ hasText: name })
  await line('optimizer.name').waitFor()
  assert.equal(await line('batch_size').count(), 0, 'all runs have the same')
  await page.getByRole('switch', { name: 'Only what differs' }).click()
  await line('batch_size').waitFor()
  await page.getByRole('textbox', { name: 'Find lines' }).fill('batch')
  await line('optimizer.name').waitFor({ state: 'detached' })
  await line('batch_size').waitFor()
  await page.getByRole('textbox', { name: 'Find lines' }).fill('')

  await page.keyboard.press('Tab')
  await page.getByRole('button', { name: 'Runs', exact: true }).click()
  await page.getByRole('checkbox', { name: /run-4/ }).click()
  await page.getByRole('heading', { name: 'Compare 4 runs' }).waitFor()
  await page.keyboard.press('Escape')
  await table.getByRole('columnheader').filter({ hasText: 'run-4' }).waitFor()
  await page.waitForURL(/runs=run-1,run-2,run-3,run-4/)
})

test('the charts of compared runs are theirs alone', async (t) => {
  const page = await stage.visit(t, `/projects/p/compare?tab=charts&${runs(2)}`)
  await drawn(page, 'train/loss')
  assert.match(await sentence(page, 'train/loss'), /2 lines/)
})

test('a brush along an axis leaves the runs that pass it, by hand and by keys', async (t) => {
  const page = await stage.visit(t, `/projects/p/compare?tab=parallel&${runs(12)}`)
  await page.getByText('All 12 runs.').waitFor()
  const lr = page.getByRole('slider', { name: 'Brush of lr', exact: true })
  await drag(page, lr, [0.5, 0], [0.5, 0.3])
  await page.getByText(/of 12 runs pass the brushes/).waitFor()
  const passed = Number(/^(\d+) of/.exec(await page.getByText(/of 12 runs pass/).innerText())![1])
  assert.ok(passed > 0 && passed < 12)
  const listed = page.getByRole('table', { name: 'Runs that pass the brushes' }).getByRole('rowheader')
  assert.equal(await listed.count(), passed)
  await page.waitForURL(/brush=/)
  await keepScreenshot(page, 'parallel-brushed-light-1440')
  await page.keyboard.press('b')
  await page.getByText('All 12 runs.').waitFor()

  await lr.focus()
  await page.keyboard.press('ArrowDown')
  await becomes(
    () => lr.getAttribute('aria-valuetext'),
    (words) => words !== 'all',
    'the brush has a range',
  )
  await page.getByRole('button', { name: 'Clear brushes' }).click()
  await page.getByRole('button', { name: /^Axis seed/ }).click()
  await page.getByRole('textbox', { name: /^seed from/ }).fill('1')
  await page.getByRole('textbox', { name: 'seed to' }).fill('1')
  await page.keyboard.press('Enter')
  await page.getByText('4 of 12 runs pass the brushes').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Compare only these' }).click()
  await page.getByRole('heading', { name: 'Compare 4 runs' }).waitFor()
})

test('any two values are a scatter, and a point leads to its run', async (t) => {
  const page = await stage.visit(t, `/projects/p/compare?tab=scatter&${runs(12)}`)
  const points = page.locator('[data-scatter] circle')
  await becomes(
    () => points.count(),
    (count) => count === 12,
    'a point for each run',
  )
  await page.getByRole('button', { name: /^x / }).click()
  await page.keyboard.type('seed')
  await page.getByRole('option', { name: 'seed' }).click()
  await page.waitForURL(/px=config\.seed/)
  await becomes(
    () => points.count(),
    (count) => count === 12,
    'still all',
  )
  await points.first().hover()
  await page
    .locator('[data-scatter]')
    .getByText(/^run-\d+$/)
    .waitFor()
  await page
    .locator('[data-scatter]')
    .click({ position: await centreOf(points.first(), page.locator('[data-scatter]')) })
  await page.getByRole('heading', { name: /^run-\d+$/, level: 1 }).waitFor()
})

test('what matters for a metric is told, with how far it can be trusted', async (t) => {
  const page = await stage.visit(t, `/projects/p/compare?tab=importance&${runs(12)}`)
  const table = page.getByRole('table', { name: /^What the keys of the config have to do with/ })
  await table.waitFor()
  await becomes(
    () => table.locator('xpath=ancestor::*[@aria-busy]').getAttribute('aria-busy'),
    (busy) => busy === 'false',
    'the forest has grown',
  )
  const keys = await table.getByRole('rowheader').allInnerTexts()
  assert.match(keys[0]!, /^lr/, `learning rates matter most: ${keys.join()}`)
  await page
    .getByRole('status')
    .filter({ hasText: /^12 runs with/ })
    .or(page.getByText(/^\d+ runs with/))
    .first()
    .waitFor()
  const few = await stage.visit(t, `/projects/p/compare?tab=importance&${runs(3)}`)
  await few.getByText('Too few runs to tell').waitFor()
})

test('runs that are not there are said to be missing', async (t) => {
  const page = await stage.visit(t, '/projects/p/compare?runs=run-1,nobody,run-2')
  await page.getByText('There is no run nobody').waitFor()
  await page.getByRole('button', { name: 'Leave it out' }).click()
  await page.getByRole('heading', { name: 'Compare 2 runs' }).waitFor()
})

async function centreOf(what: Locator, within: Locator): Promise<{ x: number; y: number }> {
  const [inner, outer] = [(await what.boundingBox())!, (await within.boundingBox())!]
  return { x: inner.x + inner.width / 2 - outer.x, y: inner.y + inner.height / 2 - outer.y }
}
