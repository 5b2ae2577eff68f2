// From a tracker with nothing in it to the first chart, and through a list of projects.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import { runPython } from '../python.ts'
import { getJson, post, send } from '../read-back.ts'
import { becomes, drawn, toast } from './page-parts.ts'
import { logSweep } from './trained-runs.ts'
import { keepScreenshot, prepareStage } from './visit.ts'

const stage = prepareStage(async (tracker) => {
  await logSweep(tracker, { project: 'digits', runs: 2, steps: 20 })
  for (const project of ['vision', 'speech', 'old-tries']) {
    await post(`${tracker.api}/projects/${project}/runs`, {
      name: 'r',
      project_tags: project === 'vision' ? ['images'] : [],
    })
  }
  await send('PATCH', `${tracker.api}/projects/speech`, { notes: 'Which **encoder** hears best?' })
})

test('an empty tracker teaches the first lines, which run as they stand; their chart opens by itself', async (t) => {
  const tracker = await stage.startTracker(t, {})
  const page = await stage.visit(t, '/', { at: tracker })
  await page.getByRole('heading', { name: 'Nothing logged yet' }).waitFor()
  await keepScreenshot(page, 'no-project-light-1440')
  await page.getByRole('tab', { name: 'TypeScript' }).click()
  await page.getByRole('tabpanel').getByText(`trackerUri: '${tracker.url}'`).waitFor()
  await page.getByRole('tab', { name: 'Python' }).click()
  await page.getByRole('button', { name: /copy/i }).click()
  const lines = await page.evaluate(() => navigator.clipboard.readText())
  assert.equal(lines.split('\n').length, 3)
  const python = await runPython(['-c', lines], {
    env: {
      ASPARA_DATA_DIR: await temporaryFolder(),
      PYTHONPATH: new URL('../../python/src', import.meta.url).pathname,
    },
  })
  assert.equal(python.exitCode, 0, python.stderr)
  await drawn(page, 'loss')
  assert.match(page.url(), /\/projects\/my_project/)
})

test('a project without runs shows the same lines where its charts will be', async (t) => {
  await post(`${stage.tracker.api}/projects/begun/runs`, { name: 'r' })
  await send('DELETE', `${stage.tracker.api}/projects/begun/runs/r`)
  const page = await stage.visit(t, '/projects/begun')
  await page.getByText('import aspara').waitFor()
  await keepScreenshot(page, 'no-run-light-1440')
  await post(`${stage.tracker.api}/projects/begun/runs/first/metrics`, { step: 0, metrics: { loss: 1 } })
  await drawn(page, 'loss')
})

test('projects are found by name, tag and notes, and ordered', async (t) => {
  const page = await stage.visit(t, '/')
  const names = () =>
    page
      .getByRole('table', { name: 'Projects' })
      .or(page.getByRole('region', { name: 'Projects' }))
      .getByRole('link')
      .allInnerTexts()
  await page.getByRole('link', { name: 'digits' }).waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('encoder')
  await becomes(names, (list) => list.join() === 'speech', 'the notes are searched')
  await page.waitForURL(/q=encoder/)
  await page.keyboard.press('Escape')
  await becomes(names, (list) => list.length > 3, 'all again')
  await page.getByRole('button', { name: 'images' }).click()
  await becomes(names, (list) => list.join() === 'vision', 'the tag is chosen')
  await page.getByRole('button', { name: 'Any tag instead of images' }).click()
  await page.getByRole('columnheader', { name: 'Project' }).getByRole('button').click()
  await becomes(names, (list) => list.length > 3 && list.join() === list.toSorted().join(), 'by name')
  await page.getByRole('textbox', { name: 'Search projects' }).fill('nothing like this')
  await page.getByText('No project fits').waitFor()
})

test('a project is described, and deleted only when its name is typed', async (t) => {
  const page = await stage.visit(t, '/')
  await page.getByRole('button', { name: 'Actions of vision' }).click()
  await page.getByRole('menuitem', { name: /^Edit name/ }).click()
  const edit = page.getByRole('dialog', { name: 'Edit project' })
  await edit.getByRole('textbox', { name: 'Shown as' }).fill('Machine vision')
  await edit.getByRole('textbox', { name: 'Tags' }).fill('images, 2026')
  await edit.getByRole('textbox', { name: 'Notes' }).fill('What *cameras* see')
  await edit.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('link', { name: 'Machine vision' }).waitFor()
  const { display_name, tags, notes } = await getJson(`${stage.tracker.api}/projects/vision`)
  assert.deepEqual(
    { display_name, tags, notes },
    { display_name: 'Machine vision', tags: ['images', '2026'], notes: 'What *cameras* see' },
  )

  await page.getByRole('button', { name: 'Actions of old-tries' }).click()
  await page.getByRole('menuitem', { name: 'Delete …' }).click()
  const ask = page.getByRole('dialog', { name: 'Delete project' })
  await ask.getByRole('textbox').fill('old')
  assert.ok(await ask.getByRole('button', { name: 'Delete for good' }).isDisabled())
  await ask.getByRole('textbox').fill('old-tries')
  await ask.getByRole('button', { name: 'Delete for good' }).click()
  await toast(page, 'Deleted old-tries').waitFor()
  await page.getByRole('link', { name: 'old-tries' }).waitFor({ state: 'detached' })
})
