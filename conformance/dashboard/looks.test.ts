// Every page in light and dark, on a desk and on a phone: without fault for axe, nothing wider than the screen, and a
// picture of each in build/screenshots/, to be looked at.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { send } from '../read-back.ts'
import { findNoFault } from './axe.ts'
import { becomes, drawn } from './page-parts.ts'
import { beginRun, logSweep } from './trained-runs.ts'
import { keepScreenshot, prepareStage } from './visit.ts'

const runs = Array.from({ length: 12 }, (_, at) => `run-${at + 1}`).join()

/** The pages of the dashboard, each with what shows that it is all there. */
const pages: { name: string; path: string; isThere: (page: Page) => Promise<unknown> }[] = [
  { name: 'projects', path: '/', isThere: (page) => page.getByRole('link', { name: 'Digits' }).waitFor() },
  { name: 'workspace', path: '/projects/digits', isThere: (page) => drawn(page, 'train/loss') },
  {
    name: 'grouped',
    path: '/projects/digits?g=config.optimizer.name&gc=group&sm={"kind":"time-ema","amount":0.6}',
    isThere: (page) => drawn(page, 'train/loss'),
  },
  {
    name: 'run',
    path: '/projects/digits/runs/run-1',
    isThere: (page) => page.getByRole('tree', { name: 'Config' }).getByText('batch_size').waitFor(),
  },
  { name: 'run-charts', path: '/projects/digits/runs/run-1?tab=charts', isThere: (page) => drawn(page, 'train/loss') },
  {
    name: 'artifacts',
    path: '/projects/digits/runs/run-1?tab=artifacts',
    isThere: (page) => page.getByRole('link', { name: 'notes.md' }).waitFor(),
  },
  {
    name: 'side-by-side',
    path: `/projects/digits/compare?runs=${runs}`,
    isThere: (page) => page.getByRole('rowheader').filter({ hasText: 'optimizer.name' }).waitFor(),
  },
  {
    name: 'parallel',
    path: `/projects/digits/compare?tab=parallel&runs=${runs}`,
    isThere: (page) => page.getByText('All 12 runs.').waitFor(),
  },
  {
    name: 'scatter',
    path: `/projects/digits/compare?tab=scatter&runs=${runs}`,
    isThere: (page) =>
      becomes(
        () => page.locator('[data-scatter] circle').count(),
        (count) => count === 12,
        'points',
      ),
  },
  {
    name: 'importance',
    path: `/projects/digits/compare?tab=importance&runs=${runs}`,
    isThere: (page) => page.locator('[aria-busy=false]').getByRole('row').nth(2).waitFor(),
  },
  {
    name: 'trash',
    path: '/projects/digits/trash',
    isThere: (page) => page.getByRole('button', { name: 'Restore thrown-away' }).waitFor(),
  },
]

const stage = prepareStage(async (tracker) => {
  await logSweep(tracker, { project: 'digits', runs: 12, steps: 300 })
  const { api } = tracker
  await send('POST', `${api}/projects/digits/runs`, { name: 'thrown-away' })
  await send('DELETE', `${api}/projects/digits/runs/thrown-away`)
  await send('PATCH', `${api}/projects/digits`, {
    display_name: 'Digits',
    notes: 'Which *rate* is right?',
    tags: ['demo'],
  })
  await send('POST', `${api}/projects/${'long-'.repeat(40)}name/runs`, {
    name: 'r',
    project_tags: ['a-tag'.repeat(20)],
  })
  const form = new FormData()
  form.append('file', new Blob(['# What it was for\n']), 'notes.md')
  await fetch(`${api}/projects/digits/runs/run-1/artifacts`, { method: 'POST', body: form })
})

for (const width of [1440, 390] as const) {
  test(`all pages in light and dark, ${width} pixels wide`, async (t) => {
    const run = await beginRun(t, stage.tracker, { project: 'digits', name: `goes-on-${width}` })
    run.log({ train: { loss: 1 } })
    await run.flush()
    const page = await stage.visit(t, '/', { width })
    for (const { name, path, isThere } of pages) {
      await page.goto(stage.tracker.url + path)
      await isThere(page)
      const wide = await page.evaluate(() => document.documentElement.scrollWidth)
      assert.ok(wide <= width, `${name} is ${wide} pixels wide`)
      for (const theme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: theme })
        await keepScreenshot(page, `${name}-${theme}-${width}`)
        await findNoFault(page, `${name}, ${theme}, ${width}`)
      }
    }
  })
}

test('on a phone the runs come up from below, and a finger reads a chart', async (t) => {
  const page = await stage.visit(t, '/projects/digits', { width: 390 })
  await drawn(page, 'train/loss')
  await page.getByRole('button', { name: /^Runs \d+\/\d+/ }).tap()
  const sheet = page.getByRole('dialog', { name: 'Runs' })
  await sheet.locator('[data-run="run-1"]').waitFor()
  await keepScreenshot(page, 'runs-sheet-light-390')
  await findNoFault(page, 'the sheet of runs')
  await sheet.getByRole('button', { name: 'Hide run-1 in charts' }).tap()
  await sheet.getByRole('button', { name: 'Close' }).tap()
  await sheet.waitFor({ state: 'detached' })
  await page.locator('[data-panel="train/loss"] .u-over').tap()
  await page.locator('.chart-tooltip').waitFor()
  await keepScreenshot(page, 'tooltip-light-390')
})
