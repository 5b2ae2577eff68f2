// Trackers that are not as usual: empty, read-only, behind a token, slow; and addresses at which there is nothing.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTracker, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import { send } from '../read-back.ts'
import { findNoFault } from './axe.ts'
import { drawn, runRow } from './page-parts.ts'
import { beginRun, logSweep } from './trained-runs.ts'
import { keepScreenshot, prepareStage } from './visit.ts'

const stage = prepareStage((tracker) => logSweep(tracker, { project: 'p', runs: 2, steps: 30 }))

test('a read-only tracker shows all and offers to change nothing', async (t) => {
  const dataDir = await temporaryFolder()
  const before = await startTracker({ dataDir })
  await logSweep(before, { project: 'p', runs: 2, steps: 30 })
  await before.stop()
  const tracker = await stage.startTracker(t, { dataDir, args: ['--read-only'] })
  const page = await stage.visit(t, '/projects/p', { at: tracker })
  await drawn(page, 'train/loss')
  await page.getByText('read-only', { exact: true }).waitFor()
  await runRow(page, 'run-1').getByRole('checkbox').click()
  const chosen = page.getByRole('toolbar', { name: 'Chosen runs' })
  assert.ok(await chosen.getByRole('button', { name: 'Delete' }).isDisabled())
  assert.ok(await chosen.getByRole('button', { name: 'Tags' }).isDisabled())
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog', { name: 'Search or jump' }).waitFor()
  await page.keyboard.type('save the view')
  await page.getByRole('option', { name: 'Reset the view to what is saved' }).waitFor()
  assert.equal(await page.getByRole('option', { name: /^Save the view/ }).count(), 0)
  await page.keyboard.press('Escape')
  await runRow(page, 'run-1').getByRole('link', { name: 'run-1' }).click()
  await page.getByRole('heading', { name: 'run-1' }).waitFor()
  assert.ok(await page.getByRole('button', { name: 'Delete this run' }).isDisabled())
  assert.equal(await page.getByRole('button', { name: 'Rename' }).count(), 0)
  await keepScreenshot(page, 'read-only-light-1440')
  await page.goto(`${tracker.url}/`)
  await page.getByRole('button', { name: 'Actions of p' }).click()
  await page.getByRole('menuitem', { name: 'Delete …' }).and(page.locator('[data-disabled]')).waitFor()
})

test('a tracker behind a token asks for it, says when it is wrong, and then shows everything', async (t) => {
  const token = 'correct-horse-battery-staple'
  const tracker = await stage.startTracker(t, { args: ['--token', token] })
  const run = await beginRun(t, tracker, { project: 'p', name: 'secret', token })
  run.log({ loss: 1 })
  await run.flush()
  const page = await stage.visit(t, '/projects/p', { at: tracker, mayFail: /\b401\b/ })
  const dialog = page.getByRole('dialog', { name: 'This tracker asks for a token' })
  await dialog.waitFor()
  await findNoFault(page, 'the question for a token')
  await keepScreenshot(page, 'token-light-1440')
  await page
    .getByRole('textbox', { name: 'Token' })
    .or(page.getByLabel('Token', { exact: true }))
    .fill('wrong')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').filter({ hasText: 'does not take this token' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Enter the token' }).click()
  await dialog.getByLabel('Token', { exact: true }).fill(token)
  await dialog.getByRole('button', { name: 'Go on' }).click()
  await drawn(page, 'loss')
  await page.getByRole('status').filter({ hasText: 'live' }).waitFor()
  await page.reload()
  await drawn(page, 'loss')
  await page.goto(`${tracker.url}/`)
  await page.getByRole('button', { name: 'How to log' }).click()
  await page.getByText('ASPARA_TOKEN').waitFor()
  assert.equal(await page.getByText(token).count(), 0, 'the token itself is shown nowhere')
})

test('at an address without a page there is a way back, and a project that is not there begins by itself', async (t) => {
  const page = await stage.visit(t, '/projects/p/nowhere', { mayFail: /\b404\b/ })
  await page.getByText('There is nothing at this address').waitFor()
  await findNoFault(page, 'a wrong address')
  await page.getByRole('link', { name: 'All projects' }).click()
  await page.getByRole('heading', { name: /^Projects/ }).waitFor()

  await page.goto(`${stage.tracker.url}/projects/later`)
  await page.getByText('There is no such project').waitFor()
  await keepScreenshot(page, 'no-such-project-light-1440')
  const run = await beginRun(t, stage.tracker, { project: 'later', name: 'r' })
  run.log({ loss: 1 })
  await run.flush()
  await drawn(page, 'loss')

  await page.goto(`${stage.tracker.url}/projects/p/runs/nobody`)
  await page.getByText('There is no such run').waitFor()
  await page.getByRole('link', { name: 'All runs' }).click()
  await drawn(page, 'train/loss')
})

test('a project that is renamed or deleted while it is open says so', async (t) => {
  const run = await beginRun(t, stage.tracker, { project: 'moved', name: 'r' })
  run.log({ loss: 1 })
  await run.finish({ quiet: true })
  const page = await stage.visit(t, '/projects/moved', { mayFail: /\b404\b/ })
  await drawn(page, 'loss')
  await page.getByRole('status').filter({ hasText: 'live' }).waitFor()
  await send('PATCH', `${stage.tracker.api}/projects/moved`, { display_name: 'Another name' })
  await page.getByRole('button', { name: /^Another name/ }).waitFor()
  assert.match(await page.title(), /Another name/)
  await send('DELETE', `${stage.tracker.api}/projects/moved`)
  await page.getByText('There is no such project').waitFor()
})

test('while a slow tracker is waited for the page keeps its shape and says what it waits for', async (t) => {
  const page = await stage.visit(t, '/')
  await page.getByRole('link', { name: 'p', exact: true }).waitFor()
  const held = Promise.withResolvers<void>()
  await page.route(/\/tracker\/api\/v1\/projects\/p\/(runs|series)/, async (route) => {
    await held.promise
    await route.continue()
  })
  await page.getByRole('link', { name: 'p', exact: true }).click()
  await page.getByRole('progressbar', { name: 'waiting for the runs' }).waitFor()
  await keepScreenshot(page, 'slow-light-1440')
  const toolbar = (await page.getByRole('toolbar', { name: 'Charts' }).boundingBox())!
  held.resolve()
  await drawn(page, 'train/loss')
  await page.getByRole('progressbar').waitFor({ state: 'detached' })
  assert.deepEqual(await page.getByRole('toolbar', { name: 'Charts' }).boundingBox(), toolbar, 'nothing has moved')
})

test('a chart that could not be read says why, and is read again on demand', async (t) => {
  const page = await stage.visit(t, '/', { mayFail: /\b503\b/ })
  const isBusy = { now: true }
  await page.route(/\/series\?/, (route) =>
    isBusy.now
      ? route.fulfill({ status: 503, contentType: 'application/json', body: '{"detail":"Too busy; try again"}' })
      : route.continue(),
  )
  await page.getByRole('link', { name: 'p', exact: true }).click()
  await page.locator('[data-panel="train/loss"]').getByRole('alert').filter({ hasText: 'Too busy' }).waitFor()
  await keepScreenshot(page, 'charts-failed-light-1440')
  isBusy.now = false
  await page.locator('[data-panel="train/loss"]').getByRole('button', { name: 'Try again' }).click()
  await drawn(page, 'train/loss')
})
