// When runs were, and why they ended: as the training says, however late it was sent.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { post } from '../read-back.ts'
import { becomes, runNames, runRow } from './page-parts.ts'
import { keepScreenshot, prepareStage } from './visit.ts'

const reason = "RuntimeError: CUDA error: an illegal memory access was encountered in layer 'encoder.blocks.11.attn'"
const start = Date.UTC(2026, 0, 31, 9)

/** A run that was logged offline, two hours long, and is sent now. */
async function sendRun(api: string, name: string, startMs = start): Promise<void> {
  const runs = `${api}/projects/p/runs`
  await post(runs, { name, started_at: startMs, config: { lr: 0.01 } })
  for (const step of [0, 1, 2]) {
    await post(`${runs}/${name}/metrics`, {
      step,
      timestamp: startMs + step * 3_600_000,
      metrics: { loss: 1 / (step + 1) },
    })
  }
  await post(`${runs}/${name}/finish`, { exit_code: 1, reason, time: startMs + 7_200_000 })
}

const stage = prepareStage(({ api }) => sendRun(api, 'offline'))

for (const theme of ['light', 'dark'] as const) {
  for (const width of [1440, 390] as const) {
    test(`a run says why it ended and how long it took, ${theme}, ${width} px`, async (t) => {
      const page = await stage.visit(t, '/projects/p/runs/offline', { theme, width })
      const facts = page.getByRole('region', { name: 'Run', exact: true })
      await facts.getByText(reason).waitFor()
      const fact = (name: string) => facts.locator(`dt:text-is("${name}") + dd`)
      assert.equal(await fact('Duration').textContent(), '2h')
      assert.match((await fact('Created').textContent())!, /2026/)
      await page.getByTitle(`failed: ${reason}`).first().waitFor()
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      assert.ok(overflow <= 0, `${overflow} px wider than the screen`)
      await keepScreenshot(page, `reason ${theme} ${width}`)
    })
  }
}

test('a run that is sent while one looks stands where it was trained, not at the top', async (t) => {
  const page = await stage.visit(t, '/projects/p')
  await runRow(page, 'offline').waitFor()
  await page.getByRole('status').filter({ hasText: 'live' }).waitFor()
  await post(`${stage.tracker.api}/projects/p/runs`, { name: 'today' })
  await runRow(page, 'today').waitFor()
  await sendRun(stage.tracker.api, 'older', start - 86_400_000)
  await runRow(page, 'older').waitFor()
  await post(`${stage.tracker.api}/projects/p/runs`, { name: 'imported' })
  await post(`${stage.tracker.api}/projects/p/runs/imported/metrics`, {
    timestamp: start - 3_600_000,
    metrics: { a: 1 },
  })
  const expected = ['today', 'offline', 'imported', 'older']
  await becomes(
    () => runNames(page),
    (names) => names.join() === expected.join(),
    expected.join(),
  )
  await page.reload()
  await runRow(page, 'older').waitFor()
  assert.deepEqual(await runNames(page), expected, 'as the tracker lists them')
})
