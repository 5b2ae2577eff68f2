// What somebody else has logged, or put into a link or a view, can do no more than look odd.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { send } from '../read-back.ts'
import { drawn } from './page-parts.ts'
import { logSweep } from './trained-runs.ts'
import { keepScreenshot, prepareStage } from './visit.ts'

const depth = 200_000
const deep = `${'['.repeat(depth)}${']'.repeat(depth)}`
/** A browser's own search would try it on a name of forty letters in 2^40 ways. */
const backtracking = '^(a+)+$|train/loss'
/** What can't be had in a time that rises with the length of a name is refused. */
const refused = '(a+)\\1'

const stage = prepareStage(async (tracker) => {
  await logSweep(tracker, { project: 'p', runs: 2, steps: 30 })
  const form = new FormData()
  form.append('file', new Blob([deep]), 'deep.json')
  const run = `${tracker.api}/projects/p/runs/run-1`
  assert.equal((await fetch(`${run}/artifacts`, { method: 'POST', body: form })).status, 200)
  // A name that such a pattern would take years for.
  const name = `${'a'.repeat(40)}!`
  assert.equal((await send('POST', `${run}/metrics`, { metrics: { [name]: 1 } })).status, 200)
})

test('a JSON file that nests without end is shown as text', async (t) => {
  const page = await stage.visit(t, '/projects/p/runs/run-1?tab=artifacts&artifact=deep.json')
  await page.getByText('[[[[[[[[').first().waitFor()
  await keepScreenshot(page, 'hostile-deep-json-light-1440')
  await page.getByRole('tab', { name: 'Overview' }).click()
  await page.getByRole('tree', { name: 'Config' }).waitFor()
})

for (const place of ['a link', 'a saved view']) {
  test(`a search that could take for ever is answered or refused, and the page goes on: ${place}`, async (t) => {
    const { api } = stage.tracker
    const visit = async (metrics: string) => {
      if (place === 'a link') return stage.visit(t, `/projects/p?m=${encodeURIComponent(metrics)}`)
      assert.equal((await send('PUT', `${api}/projects/p/views/evil`, { view: { metrics } })).status, 200)
      return stage.visit(t, '/projects/p?view=evil')
    }
    await drawn(await visit(backtracking), 'train/loss')
    const page = await visit(refused)
    await page.getByText('Not searched for: it refers back to what it has found').first().waitFor()
    await drawn(page, 'train/loss')
    await keepScreenshot(page, `hostile-search-${place.replaceAll(' ', '-')}-light-1440`)
  })
}
