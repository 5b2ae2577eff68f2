// The page of one run: what it was set to, what came of it, what people say of it, and its files.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TrackerProcess } from '@aspara/tracker/testing/tracker-process.ts'
import { getRun, send } from '../read-back.ts'
import { becomes, bytesOf, chart, drawn } from './page-parts.ts'
import { logSweep } from './trained-runs.ts'
import { keepScreenshot, prepareStage } from './visit.ts'

/** A picture of 2 × 1 pixels, red and blue. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0lEQVR4nGP4z8Dwn+E/AAr+A/1W2pXKAAAAAElFTkSuQmCC',
  'base64',
)
/** The least that browsers take for a PDF: one empty page. */
const pdf = Buffer.from(
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
)
/** A tenth of a second of silence: 8 bits, 8 kHz. */
const wav = Buffer.concat([
  Buffer.from(
    'RIFF\x44\x03\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\x20\x03\0\0',
    'latin1',
  ),
  Buffer.alloc(800, 128),
])

const files: Record<string, Buffer | string> = {
  'confusion.png': png,
  'report.json': '{"accuracy": 0.93, "worst": {"digit": 8, "score": NaN}}',
  'predictions.csv': 'digit,read as,right\n3,3,1\n8,"eight, or 3",0\n',
  'train.log': 'epoch 1: loss 0.5\nepoch 2: loss 0.25\n',
  'train.py': 'def train(epochs: int) -> None:\n    """Trains."""\n    print("done")\n',
  'paper.pdf': pdf,
  'speech.wav': wav,
  'weights.bin': Buffer.from([0, 1, 2, 3, 255]),
}

const stage = prepareStage(async (tracker) => {
  await logSweep(tracker, { project: 'p', runs: 4, steps: 60 })
  for (const [name, bytes] of Object.entries(files)) await upload(tracker, name, bytes)
})

async function upload(tracker: TrackerProcess, name: string, bytes: Buffer | string): Promise<void> {
  const form = new FormData()
  form.append('file', new Blob([bytes as BlobPart]), name)
  form.append('description', `what ${name} is for`)
  const answer = await fetch(`${tracker.api}/projects/p/runs/run-1/artifacts`, { method: 'POST', body: form })
  assert.equal(answer.status, 200)
}

test('config is searched as a tree, and what the metrics came to is there', async (t) => {
  const page = await stage.visit(t, '/projects/p/runs/run-1')
  await page.getByRole('heading', { name: 'run-1', level: 1 }).waitFor()
  const config = page.getByRole('tree', { name: 'Config' })
  await config.getByText('batch_size').waitFor()
  await page.getByRole('textbox', { name: 'Search config' }).fill('momentum')
  await page.getByText('1 match', { exact: true }).waitFor()
  await config.getByText('batch_size').waitFor({ state: 'detached' })
  await config.getByRole('treeitem', { name: /momentum/ }).waitFor()
  await page.getByRole('table').getByRole('rowheader', { name: 'train/loss' }).waitFor()
  await page.getByRole('tree', { name: 'Summary' }).getByText('best_epoch').waitFor()
  await page.getByText('Logging overhead').waitFor()
  await page.getByRole('heading', { name: 'Writers' }).waitFor()
})

test('name, notes and tags are edited in the page, and kept', async (t) => {
  const page = await stage.visit(t, '/projects/p/runs/run-2')
  const kept = () => getRun(stage.tracker.api, 'p', 'run-2')
  await page.getByRole('heading', { name: 'run-2', level: 1 }).waitFor()
  await page.getByRole('button', { name: 'Rename' }).click()
  await page.getByRole('textbox', { name: 'Display name' }).fill('The one with momentum')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'The one with momentum' }).waitFor()

  await page.keyboard.press('e')
  await page
    .getByRole('textbox', { name: 'Notes, in Markdown' })
    .fill('It **works** <script>alert(1)</script>\n\n- [x] done')
  await page.keyboard.press('Control+Enter')
  await page.locator('strong').filter({ hasText: 'works' }).waitFor()
  assert.equal(await page.locator('main script').count(), 0)

  await page.keyboard.press('a')
  await page.getByRole('textbox', { name: 'New tag' }).fill('keep, best')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Remove the tag best' }).waitFor()
  await page.getByRole('button', { name: 'Remove the tag v1' }).click()
  await becomes(
    async () => (await kept()).tags,
    (tags) => tags.join() === 'keep,best',
    'the tags',
  )
  const { display_name, notes } = await kept()
  assert.equal(display_name, 'The one with momentum')
  assert.match(notes, /^It \*\*works\*\*/)
})

test('what is edited elsewhere meanwhile is not lost', async (t) => {
  const page = await stage.visit(t, '/projects/p/runs/run-3')
  await page.getByRole('heading', { name: 'run-3', level: 1 }).waitFor()
  await page.getByRole('status').filter({ hasText: 'live' }).waitFor()
  await page.keyboard.press('e')
  await page.getByRole('textbox', { name: 'Notes, in Markdown' }).fill('mine')
  await send('PATCH', `${stage.tracker.api}/projects/p/runs/run-3`, { notes: 'theirs' })
  await page.getByRole('alert').filter({ hasText: 'changed elsewhere' }).waitFor()
  await page.getByRole('button', { name: 'Add theirs below' }).click()
  await page.getByRole('button', { name: 'Save' }).click()
  await becomes(
    async () => (await getRun(stage.tracker.api, 'p', 'run-3')).notes,
    (notes) => notes === 'mine\n\ntheirs',
    'both are kept',
  )
})

test('artifacts are shown as what they are, and downloaded as they were', async (t) => {
  const page = await stage.visit(t, '/projects/p/runs/run-1?tab=artifacts')
  await page.getByRole('link', { name: 'confusion.png' }).click()
  await page.getByText('2 × 1 pixels').waitFor()
  await keepScreenshot(page, 'artifact-png-light-1440')
  const open = async (name: string) => {
    await page.getByRole('link', { name, exact: true }).click()
    await page.getByRole('heading', { name }).waitFor()
  }
  await open('report.json')
  await page.getByRole('tree', { name: 'report.json' }).getByText('accuracy').waitFor()
  await open('predictions.csv')
  await page.getByRole('columnheader', { name: 'read as' }).waitFor()
  await page.getByRole('cell', { name: 'eight, or 3' }).waitFor()
  await open('train.log')
  await page.getByText('epoch 2: loss 0.25').waitFor()
  await open('train.py')
  await page.locator('.text-accent').filter({ hasText: 'def' }).waitFor()
  await keepScreenshot(page, 'artifact-code-light-1440')
  await open('paper.pdf')
  await page.locator('iframe[title="paper.pdf"]').waitFor()
  await open('speech.wav')
  const audio = page.locator('audio[aria-label="speech.wav"]')
  await audio.waitFor()
  await becomes(
    () => audio.evaluate((element: HTMLAudioElement) => element.duration),
    (seconds) => seconds === 0.1,
    'it can be played',
  )
  await open('weights.bin')
  await page.getByText('There is no preview of this kind of file.').waitFor()
  const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('d')])
  assert.equal(file.suggestedFilename(), 'weights.bin')
  assert.deepEqual(await bytesOf(file), files['weights.bin'])
})

test('its charts are those of the run alone, and Alt with arrows goes through the list', async (t) => {
  const page = await stage.visit(t, '/projects/p/runs/run-1')
  await page.getByRole('heading', { name: 'run-1', level: 1 }).waitFor()
  await page.keyboard.press('2')
  await drawn(page, 'train/loss')
  await chart(page, 'train/loss').focus()
  assert.match((await chart(page, 'train/loss').getAttribute('aria-label'))!, /by run-1, 1 line/)
  await page.keyboard.press('Alt+ArrowUp')
  await page.waitForURL(/runs\/run-2/)
  await drawn(page, 'train/loss')
})

test('a run is deleted and brought back in its page, also when others delete it', async (t) => {
  const page = await stage.visit(t, '/projects/p/runs/run-4')
  await page.getByRole('heading', { name: 'run-4', level: 1 }).waitFor()
  await page.getByRole('status').filter({ hasText: 'live' }).waitFor()
  await page.getByRole('button', { name: 'Delete this run' }).click()
  await page.getByRole('heading', { name: 'run-4 is deleted' }).or(page.getByText('run-4 is deleted')).first().waitFor()
  await keepScreenshot(page, 'run-deleted-light-1440')
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('tree', { name: 'Config' }).getByText('batch_size').waitFor()

  await send('DELETE', `${stage.tracker.api}/projects/p/runs/run-4`)
  await page.getByText('run-4 is deleted').first().waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('tree', { name: 'Config' }).getByText('batch_size').waitFor()
})
