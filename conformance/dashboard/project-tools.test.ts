// What is the same on all pages: saved views, the palette, the keys, the theme, the trash.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getJson, send } from '../read-back.ts'
import { becomes, drawn, runNames, runRow, sentence, toast } from './page-parts.ts'
import { logSweep } from './trained-runs.ts'
import { keepScreenshot, prepareStage } from './visit.ts'

const stage = prepareStage((tracker) =>
  Promise.all([
    logSweep(tracker, { project: 'p', runs: 4, steps: 40 }),
    logSweep(tracker, { project: 'thrown', runs: 3, steps: 10 }),
  ]).then(() => {}),
)

test('a view is saved by name, opened on another page, changed, renamed and deleted', async (t) => {
  const page = await stage.visit(t, '/projects/p')
  await drawn(page, 'train/loss')
  await page.keyboard.press('l')
  await page.getByRole('button', { name: 'Hide run-1 in charts' }).click()
  await page.keyboard.press('Control+s')
  const naming = page.getByRole('dialog', { name: 'Save the view as' })
  await naming.getByRole('textbox', { name: 'Name of the view' }).fill('Logs / all but first')
  await page.keyboard.press('Enter')
  await toast(page, 'Saved the view as Logs / all but first').waitFor()
  await page.waitForURL(/view=Logs/)

  const other = await stage.visit(t, '/projects/p')
  await drawn(other, 'train/loss')
  await other.getByRole('button', { name: 'Default view' }).click()
  await other.getByRole('menuitemradio', { name: 'Logs / all but first' }).click()
  await other.getByRole('button', { name: 'y: logarithmic' }).waitFor()
  await becomes(
    () => sentence(other, 'train/loss'),
    (words) => words.includes('3 lines'),
    'the eyes are those of the view',
  )
  await other.waitForURL(/view=Logs/)
  await other.reload()
  await drawn(other, 'train/loss')
  await other.getByRole('button', { name: 'y: logarithmic' }).waitFor()

  await other.keyboard.press(']')
  const menu = other.getByRole('button', { name: /^Logs \/ all but first/ })
  await menu.filter({ hasText: 'changed' }).click()
  await other.getByRole('menuitem', { name: 'Reset to what is saved' }).click()
  await menu.filter({ hasNotText: 'changed' }).click()
  await other.getByRole('menuitem', { name: 'Rename …' }).click()
  await other.getByRole('textbox', { name: 'Name of the view' }).fill('Logs')
  await other.keyboard.press('Enter')
  await other.getByRole('button', { name: 'Logs', exact: true }).click()
  const views = async () =>
    (await getJson(`${stage.tracker.api}/projects/p/views`)).views.map(({ name }: { name: string }) => name)
  assert.deepEqual(await views(), ['Logs'])
  await other.getByRole('menuitem', { name: 'Delete' }).click()
  await toast(other, 'Deleted the view Logs').waitFor()
  assert.deepEqual(await views(), [])
  await toast(other, 'Deleted the view Logs').getByRole('button', { name: 'Undo' }).click()
  await becomes(views, (names) => names.join() === 'Logs', 'it is back')
})

test('the palette goes to projects, runs and metrics, and does what there is to do', async (t) => {
  const page = await stage.visit(t, '/projects/p')
  await drawn(page, 'train/loss')
  const palette = page.getByRole('dialog', { name: 'Search or jump' })
  const search = async (words: string) => {
    await page.keyboard.press('Control+k')
    await palette.waitFor()
    await page.keyboard.type(words)
  }
  await search('run-3')
  await palette.getByRole('option', { name: /^run-3/ }).waitFor()
  await keepScreenshot(page, 'palette-light-1440')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'run-3', level: 1 }).waitFor()
  await search('go to the charts')
  await palette.getByRole('option', { name: /^Go to the charts/ }).waitFor()
  await page.keyboard.press('Enter')
  await drawn(page, 'train/loss')
  await search('val/acc')
  await palette.getByRole('option', { name: /^val\/acc/ }).waitFor()
  await page.keyboard.press('Enter')
  await page.locator('[data-panel="val/acc"]:focus-within, [data-panel="val/acc"] :focus').first().waitFor()
  await search('thrown')
  await palette.getByRole('option', { name: /^thrown/ }).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(/projects\/thrown/)
  await search('zzzzqq')
  await page.getByText('Nothing is called “zzzzqq”').waitFor()
  await page.keyboard.press('Escape')
})

test('? shows the keys that do something here', async (t) => {
  const page = await stage.visit(t, '/projects/p')
  await drawn(page, 'train/loss')
  await page.keyboard.press('?')
  const sheet = page.getByRole('dialog', { name: 'Keys' })
  for (const section of ['Runs', 'Charts', 'View', 'Project', 'Everywhere']) {
    await sheet.getByRole('heading', { name: section, exact: true }).waitFor()
  }
  await sheet.getByRole('listitem').filter({ hasText: 'Filter runs' }).getByText('/').waitFor()
  await keepScreenshot(page, 'keys-light-1440')
  await page.keyboard.press('Escape')
  await sheet.waitFor({ state: 'detached' })
})

test('the theme is light, dark or the system’s, in all tabs and after a reload', async (t) => {
  const page = await stage.visit(t, '/projects/p', { theme: 'dark' })
  await drawn(page, 'train/loss')
  const shade = (of = page) =>
    of.evaluate(() => {
      const [r, g, b] = getComputedStyle(document.body)
        .backgroundColor.match(/[\d.]+/g)!
        .map(Number)
      return r! + g! + b! < 200 || getComputedStyle(document.documentElement).colorScheme === 'dark' ? 'dark' : 'light'
    })
  assert.equal(await shade(), 'dark', 'as the system')
  const other = await stage.visit(t, '/', { beside: page })
  await page.bringToFront()
  await page.getByRole('button', { name: 'Theme (t)' }).click()
  await page.getByRole('menuitemradio', { name: 'Light' }).click()
  await becomes(
    () => shade(),
    (is) => is === 'light',
    'light',
  )
  await becomes(
    () => shade(other),
    (is) => is === 'light',
    'in the other tab too',
  )
  await page.reload()
  await drawn(page, 'train/loss')
  assert.equal(await shade(), 'light')
  await page.keyboard.press('t')
  await becomes(
    () => shade(),
    (is) => is === 'dark',
    'dark',
  )
  await page.keyboard.press('t')
  await page.emulateMedia({ colorScheme: 'light' })
  await becomes(
    () => shade(),
    (is) => is === 'light',
    'as the system, which has changed',
  )
})

test('the trash gives runs back, under another name if theirs is taken, and forgets them when told to', async (t) => {
  const { api } = stage.tracker
  for (const run of ['run-1', 'run-2', 'run-3']) await send('DELETE', `${api}/projects/thrown/runs/${run}`)
  await send('POST', `${api}/projects/thrown/runs`, { name: 'run-2' })
  const page = await stage.visit(t, '/projects/thrown/trash', { mayFail: /\b409\b/ })
  await page.getByRole('button', { name: 'Restore run-1' }).click()
  await toast(page, 'run-1 is back').waitFor()
  await page.getByRole('button', { name: 'Restore run-1' }).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Restore run-2' }).click()
  const asked = page.getByRole('dialog', { name: 'Restore under another name' })
  await asked.getByRole('textbox').fill('run-2-again')
  await page.keyboard.press('Enter')
  await toast(page, 'run-2 is back as run-2-again').waitFor()
  await page.getByRole('button', { name: 'Delete run-3 for good' }).click()
  await page.getByRole('dialog', { name: 'Delete for good' }).getByRole('button', { name: 'Delete for good' }).click()
  await page.getByText('The trash is empty').waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('w')
  await runRow(page, 'run-1').waitFor()
  assert.deepEqual((await runNames(page)).toSorted(), ['run-1', 'run-2', 'run-2-again'])
})
