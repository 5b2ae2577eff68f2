// The run table, as a person works with it: filter, order, columns, groups, eyes, choices and what is done with them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getJson } from '../read-back.ts'
import { becomes, drawn, runNames, runRow, runTable, sentence, toast } from './page-parts.ts'
import { logSweep } from './trained-runs.ts'
import { prepareStage } from './visit.ts'

const stage = prepareStage(async (tracker) => {
  await Promise.all([
    logSweep(tracker, { project: 'sweep' }),
    logSweep(tracker, { project: 'tagged', runs: 3, steps: 20 }),
    logSweep(tracker, { project: 'pruned', runs: 3, steps: 20 }),
  ])
})

test('the filter completes what may stand there, says what is wrong in place, and what excludes all', async (t) => {
  const page = await stage.visit(t, '/projects/sweep')
  await runRow(page, 'run-1').waitFor()
  const filter = page.getByRole('combobox', { name: 'Filter runs' })
  await page.keyboard.press('/')
  await page.keyboard.type('config.l')
  const options = page.getByRole('listbox', { name: 'What may stand here' }).getByRole('option')
  await options.filter({ hasText: /^config\.lr/ }).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  assert.match(await filter.inputValue(), /^config\.lr /)
  await page.keyboard.type('< 0.01')
  await page.keyboard.press('Escape')
  await becomes(
    () => runNames(page),
    (names) => names.join() === 'run-2,run-1',
    'the runs that fit',
  )
  await page.waitForURL(/f=config\.lr/)

  await filter.fill('config.lr <')
  // The list of what may follow stands where the sentence will.
  await page.keyboard.press('Escape')
  await page.getByRole('alert').waitFor()
  assert.equal(await filter.getAttribute('aria-invalid'), 'true')
  assert.deepEqual(await runNames(page), ['run-2', 'run-1'], 'what is half written changes nothing')

  await filter.fill('config.lr < 0.01 and config.seed = 7')
  await page.getByText('No run fits the filter').waitFor()
  await page.locator('code').filter({ hasText: 'config.seed = 7' }).waitFor()
  await page.getByRole('button', { name: 'Leave out' }).click()
  await becomes(
    () => runNames(page),
    (names) => names.join() === 'run-2,run-1',
    'the rest of the filter holds',
  )
  await page.getByRole('button', { name: 'Clear the filter' }).click()
  await becomes(
    () => runNames(page),
    (names) => names.length === 6,
    'all runs',
  )
})

test('a link with a filter and an order that can not be read says so, and asks for nothing by them', async (t) => {
  const page = await stage.visit(t, '/projects/sweep?f=config.lr%20%3C&s=bogus')
  await page.getByRole('alert').waitFor()
  const filter = page.getByRole('combobox', { name: 'Filter runs' })
  assert.equal(await filter.getAttribute('aria-invalid'), 'true')
  await filter.fill('config.lr < 0.01')
  await becomes(
    () => runNames(page),
    (names) => names.join() === 'run-2,run-1',
    'the runs that fit, newest first',
  )
  await drawn(page, 'train/loss')
})

test('a click on a column orders by it, with Shift by one more, and the columns are those one chooses', async (t) => {
  const page = await stage.visit(t, '/projects/sweep?w=full')
  await runRow(page, 'run-1').waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog', { name: 'Search or jump' }).waitFor()
  await page.keyboard.type('choose columns')
  await page.keyboard.press('Enter')
  await page.getByRole('combobox', { name: 'Search columns' }).fill('seed')
  const chosen = page.getByRole('option', { name: /^seed config/ })
  if ((await chosen.getAttribute('aria-selected')) === 'false') await chosen.click()
  await page.getByRole('combobox', { name: 'Search columns' }).fill('train/loss mean')
  await page.getByRole('option', { name: 'train/loss mean' }).click()
  await page.keyboard.press('Escape')
  const column = (name: RegExp) => runTable(page).getByRole('columnheader').filter({ hasText: name })
  await column(/^train\/loss mean/).waitFor()

  await column(/^seed/).getByRole('button').first().click()
  await becomes(
    () => column(/^seed/).getAttribute('aria-sort'),
    (sort) => sort === 'ascending',
    'ordered by seed',
  )
  await column(/^Name/)
    .getByRole('button')
    .first()
    .click({ modifiers: ['Shift'] })
  await becomes(
    () => runNames(page),
    (names) => names.join() === 'run-3,run-6,run-1,run-4,run-2,run-5',
    'by seed, and then by name',
  )
  // A column is dragged to another place, and widened by its menu.
  const before = (await column(/^seed/).boundingBox())!
  await column(/^seed/).hover()
  await page.getByRole('button', { name: /^Column .*seed/ }).click()
  await page.getByRole('menuitem', { name: 'Wider' }).click()
  await becomes(
    async () => (await column(/^seed/).boundingBox())!.width,
    (width) => width > before.width,
    'wider',
  )
  await column(/^seed/).hover()
  await page.getByRole('button', { name: /^Column .*seed/ }).click()
  await page.getByRole('menuitem', { name: 'Pin to the left' }).click()
  await becomes(
    async () => (await column(/^seed/).boundingBox())!.x,
    (x) => x < before.x || before.x < 400,
    'pinned',
  )
  await page.waitForURL(/cp=config\.seed/)
  await page.keyboard.press('z')
  await toast(page, 'Undone').waitFor()
})

test('eyes, solo and groups decide what the charts show', async (t) => {
  const page = await stage.visit(t, '/projects/sweep')
  await drawn(page, 'train/loss')
  const lines = async (count: number) =>
    becomes(
      () => sentence(page, 'train/loss'),
      (words) => words.includes(`${count} line`),
      `${count} lines`,
    )
  await lines(6)
  await page.getByRole('button', { name: 'Hide run-3 in charts' }).click()
  await lines(5)
  await page.getByRole('button', { name: /^Runs\s*5\/6/ }).waitFor()
  await runRow(page, 'run-2').click({ button: 'right' })
  await page.getByRole('menuitem', { name: /Show alone in charts/ }).click()
  await lines(1)
  await page.keyboard.press('z')
  await lines(5)

  await page.getByRole('button', { name: 'Group by (g)' }).click()
  await page.getByRole('combobox', { name: 'Search keys to group by' }).fill('optimizer name')
  await page.getByRole('option', { name: /optimizer\.name/ }).click()
  await page.getByRole('button', { name: 'group', exact: true }).click()
  await page.keyboard.press('Escape')
  await lines(2)
  const groups = runTable(page).locator('[data-group]')
  await becomes(
    () => groups.count(),
    (count) => count === 2,
    'two groups',
  )
  assert.match(await groups.first().innerText(), /adam|sgd/)
  await groups.first().click()
  await becomes(
    async () => (await runNames(page)).length,
    (count) => count === 3,
    'one group is closed',
  )
})

test('runs that are chosen are tagged together, and undo takes the tag away', async (t) => {
  const page = await stage.visit(t, '/projects/tagged')
  for (const run of ['run-1', 'run-2'])
    await runRow(page, run)
      .getByRole('checkbox', { name: `Choose ${run}` })
      .click()
  const bar = page.getByRole('toolbar', { name: 'Chosen runs' })
  await bar.getByText('2 runs').waitFor()
  await bar.getByRole('button', { name: 'Tags' }).click()
  await page.getByRole('textbox', { name: 'New tag' }).fill('keep')
  await page.keyboard.press('Enter')
  await toast(page, 'Tagged 2 runs: keep').waitFor()
  const tagged = async () => {
    const { runs } = await getJson(`${stage.tracker.api}/projects/tagged/runs`)
    return runs.filter(({ tags }: { tags: string[] }) => tags.includes('keep')).length
  }
  assert.equal(await tagged(), 2)
  await page.keyboard.press('Escape')
  await toast(page, 'Tagged 2 runs').getByRole('button', { name: 'Undo' }).click()
  await becomes(tagged, (count) => count === 0, 'the tag is gone again')
})

test('runs that are deleted come back by Undo, with their lines', async (t) => {
  const page = await stage.visit(t, '/projects/pruned')
  await drawn(page, 'train/loss')
  for (const run of ['run-1', 'run-3'])
    await runRow(page, run)
      .getByRole('checkbox', { name: `Choose ${run}` })
      .click()
  await page.getByRole('toolbar', { name: 'Chosen runs' }).getByRole('button', { name: 'Delete' }).click()
  await toast(page, 'Deleted 2 runs').waitFor()
  await becomes(
    () => runNames(page),
    (names) => names.join() === 'run-2',
    'one is left',
  )
  await becomes(
    () => sentence(page, 'train/loss'),
    (words) => words.includes('1 line'),
    'one line',
  )
  await toast(page, 'Deleted 2 runs').getByRole('button', { name: 'Undo' }).click()
  await becomes(
    () => runNames(page),
    (names) => names.length === 3,
    'all are back',
  )
  await becomes(
    () => sentence(page, 'train/loss'),
    (words) => words.includes('3 lines'),
    'with their lines',
  )
})

test('the list widens to the whole table, and chosen runs are compared', async (t) => {
  const page = await stage.visit(t, '/projects/sweep')
  await runRow(page, 'run-1').waitFor()
  await page.getByRole('button', { name: 'Table alone' }).click()
  await page.locator('[data-panel]').first().waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Table beside the charts' }).click()
  await drawn(page, 'train/loss')
  for (const run of ['run-1', 'run-2'])
    await runRow(page, run)
      .getByRole('checkbox', { name: `Choose ${run}` })
      .click()
  await page.getByRole('toolbar', { name: 'Chosen runs' }).getByRole('button', { name: 'Compare' }).click()
  await page.getByRole('heading', { name: 'Compare 2 runs' }).waitFor()
  assert.match(page.url(), /runs=run-\d,run-\d/)
})
