// The tasks of docs/dashboard.md, done without a mouse.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { getJson, getRun } from '../read-back.ts'
import { becomes, drawn, panel, runNames, runRow, toast } from './page-parts.ts'
import { logSweep } from './trained-runs.ts'
import { prepareStage } from './visit.ts'

const stage = prepareStage((tracker) => logSweep(tracker, { project: 'sweep', runs: 6, steps: 60 }))

/** Presses Tab until what has the focus fits, as somebody does who looks for it. */
async function tabTo(page: Page, selector: string, key = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press(key)
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return
  }
  assert.fail(`Tab does not lead to ${selector}`)
}

const press = async (page: Page, ...keys: string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key)
}

/** Opens the palette, and does what fits the words best. */
async function command(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog', { name: 'Search or jump' }).waitFor()
  await page.keyboard.type(words)
  await page
    .getByRole('option', { selected: true })
    .filter({ hasText: new RegExp(words, 'i') })
    .waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Search or jump' }).waitFor({ state: 'detached' })
}

const focused = (page: Page): Promise<string> =>
  page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '')

test('runs are found, shown, hidden, pinned, chosen and compared by keys', async (t) => {
  const page = await stage.visit(t, '/')
  await page.getByRole('link', { name: 'sweep' }).waitFor()
  await press(page, 'j', 'Enter')
  await runRow(page, 'run-6').waitFor()
  await drawn(page, 'train/loss')

  await press(page, 'j', 'j', 'x')
  await runRow(page, 'run-5').getByRole('button', { name: 'Show run-5 in charts' }).waitFor()
  await press(page, 'Space')
  await runRow(page, 'run-5').getByRole('button', { name: 'Hide run-5 in charts' }).waitFor()
  await press(page, 's')
  await page.getByRole('button', { name: /^Runs\s*1\/6/ }).waitFor()
  await press(page, 's')
  await page.getByRole('button', { name: /^Runs\s*6\/6/ }).waitFor()
  await press(page, 'j', 'p')
  await becomes(
    () => runNames(page),
    ([first]) => first === 'run-4',
    'it is at the top',
  )
  await press(page, 'z')
  await becomes(
    () => runNames(page),
    ([first]) => first === 'run-6',
    'and back in its place',
  )
  await press(page, 'Shift+z')
  await becomes(
    () => runNames(page),
    ([first]) => first === 'run-4',
    'and at the top again',
  )

  await press(page, '/')
  await page.keyboard.type('config.lr > 0.01')
  await press(page, 'Enter', 'Escape')
  await becomes(
    () => runNames(page),
    (names) => names.length === 3,
    'three runs fit',
  )
  await press(page, 'j', 'Shift+x', 'j', 'Shift+x', 'c')
  await page.getByRole('heading', { name: 'Compare 2 runs' }).waitFor()
  for (const [at, title] of ['Side by side', 'Charts', 'Parallel coordinates', 'Scatter', 'Importance'].entries()) {
    await press(page, String(at + 1))
    await page.getByRole('tab', { name: title, selected: true }).waitFor()
  }
  await press(page, 'g', 'w')
  await runRow(page, 'run-6').waitFor()
})

test('groups, columns and widths are set by keys', async (t) => {
  const page = await stage.visit(t, '/projects/sweep')
  await drawn(page, 'train/loss')
  await press(page, 'g')
  await page.getByRole('combobox', { name: 'Search keys to group by' }).waitFor()
  await page.keyboard.type('seed')
  await press(page, 'Enter', 'Escape')
  await becomes(
    () => page.locator('[data-group]').count(),
    (count) => count === 3,
    'three groups',
  )
  await press(page, 'j', 'ArrowLeft')
  await becomes(
    async () => (await runNames(page)).length,
    (count) => count < 6,
    'a group is closed',
  )
  await command(page, 'Run table alone')
  await page.locator('[data-panel]').first().waitFor({ state: 'detached' })
  const width = async () => (await page.locator('[data-column="config.lr"]').boundingBox())!.width
  const before = await width()
  await tabTo(page, '[data-column="config.lr"] button')
  await press(page, 'Alt+Shift+ArrowRight')
  await becomes(width, (now) => now > before, 'the column is wider')
  await press(page, 'Enter')
  await becomes(
    () => page.locator('[data-column="config.lr"]').getAttribute('aria-sort'),
    (order) => order === 'ascending',
    'the runs are ordered by it',
  )
})

test('charts are read, zoomed, smoothed and opened by keys', async (t) => {
  const page = await stage.visit(t, '/projects/sweep')
  await drawn(page, 'train/loss')
  await press(page, 'm')
  await page.keyboard.type('loss')
  await panel(page, 'train/acc').waitFor({ state: 'detached' })
  await tabTo(page, '[data-panel="train/loss"] .chart-root')
  assert.match(await focused(page), /^train\/loss: best .* by run-\d, 6 lines/)
  await press(page, 'ArrowLeft', 'ArrowLeft')
  const tooltip = page.locator('.chart-tooltip')
  const place = async () => Number(/step (\d+)/.exec(await tooltip.innerText())![1])
  const at = await place()
  await press(page, 'ArrowLeft', 'ArrowLeft', 'ArrowLeft')
  assert.ok((await place()) < at, 'the arrow reads further to the left')
  await press(page, 'Enter')
  await page.locator('.chart-tooltip.is-pinned').waitFor()
  await press(page, 'Escape', '+')
  await page.getByRole('button', { name: 'all of x' }).waitFor()
  await press(page, '0')
  await page.getByRole('button', { name: 'all of x' }).waitFor({ state: 'detached' })
  await press(page, ']', ']', '[', 'l')
  await page.locator('output').filter({ hasText: '0.1' }).waitFor()
  await page.getByRole('button', { name: 'y: logarithmic' }).waitFor()

  await tabTo(page, '[aria-label="More: train/loss"]', 'Shift+Tab')
  await press(page, 'Enter')
  await page.getByRole('menuitem', { name: 'Show as table' }).waitFor()
  await page.keyboard.type('show')
  await press(page, 'Enter')
  await page.getByRole('dialog', { name: 'train/loss' }).getByRole('row').nth(1).waitFor()
  await press(page, 'Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await tabTo(page, '[data-panel="train/loss"] .chart-root')
  await press(page, 'f')
  await page.getByRole('dialog', { name: 'train/loss' }).waitFor()
  await press(page, 'ArrowRight')
  await page.getByRole('dialog', { name: 'val/loss' }).waitFor()
  await press(page, 'Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
})

test('a run is opened, described, deleted and brought back by keys', async (t) => {
  const page = await stage.visit(t, '/projects/sweep')
  await runRow(page, 'run-6').waitFor()
  await press(page, 'j', 'Enter')
  await page.getByRole('heading', { name: 'run-6', level: 1 }).waitFor()
  await press(page, 'e')
  await page.keyboard.type('diverges')
  await press(page, 'Control+Enter')
  await page.getByRole('textbox', { name: 'Notes, in Markdown' }).waitFor({ state: 'detached' })
  await press(page, 'a')
  await page.keyboard.type('bad')
  await press(page, 'Enter', 'Escape')
  await page.getByRole('button', { name: 'Remove the tag bad' }).waitFor()
  const { notes, tags } = await getRun(stage.tracker.api, 'sweep', 'run-6')
  assert.deepEqual([notes, tags], ['diverges', ['v1', 'bad']])
  await press(page, '2')
  await drawn(page, 'train/loss')
  await press(page, '3')
  await page.getByText('This run has no artifacts.').waitFor()
  await command(page, 'Delete this run')
  await page.getByText('run-6 is deleted').first().waitFor()
  await page.locator('button:focus').filter({ hasText: 'Undo' }).waitFor()
  await press(page, 'Enter')
  await page.getByRole('heading', { name: 'run-6', level: 1 }).waitFor()
})

test('views, trash, theme and the way home are keys, too', async (t) => {
  const page = await stage.visit(t, '/projects/sweep')
  await drawn(page, 'train/loss')
  await press(page, 'l', 'Control+s')
  await page.getByRole('dialog', { name: 'Save the view as' }).waitFor()
  await page.keyboard.type('by keys')
  await press(page, 'Enter')
  await toast(page, 'Saved the view as by keys').waitFor()
  const { views } = await getJson(`${stage.tracker.api}/projects/sweep/views`)
  assert.equal(views[0].view.yScale, 'log')
  await press(page, 'j', 'Shift+x')
  await command(page, 'Delete the chosen runs')
  await toast(page, 'Deleted run-6').waitFor()
  await press(page, 'g', 't')
  await page.getByRole('button', { name: 'Restore run-6' }).waitFor()
  await tabTo(page, '[aria-label="Restore run-6"]')
  await press(page, 'Enter')
  await toast(page, 'run-6 is back').waitFor()
  await press(page, 't')
  await toast(page, 'Theme: light').waitFor()
  await press(page, '?')
  await page.getByRole('dialog', { name: 'Keys' }).waitFor()
  await press(page, 'Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await press(page, 'g', 'p')
  await page.getByRole('heading', { name: /^Projects/ }).waitFor()
})

test('the focus is seen wherever Tab leads', async (t) => {
  const page = await stage.visit(t, '/projects/sweep')
  await drawn(page, 'train/loss')
  const hidden: string[] = []
  for (let presses = 0; presses < 45; presses++) {
    await page.keyboard.press('Tab')
    const fault = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement
      if (element === document.body) return null
      const shown = (one: Element | null) => {
        if (!one) return false
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one)
        const bar = getComputedStyle(one, '::after').backgroundColor
        return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none' || !/, 0\)$/.test(bar)
      }
      // A field shows it by its frame, a grid by its current row.
      const isFramed = element.matches('input') && element.closest('.focus-within\\:border-accent') !== null
      return isFramed || shown(element) || shown(element.parentElement) ? null : element.outerHTML.slice(0, 200)
    })
    if (fault) hidden.push(fault)
  }
  assert.deepEqual(hidden, [])
})
