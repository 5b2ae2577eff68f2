// What happens to a page while runs log: over one stream for all tabs, through a tracker that dies, and while nobody looks.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type TrackerProcess, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import type { Page } from 'playwright-core'
import { runPython } from '../python.ts'
import { getText } from '../read-back.ts'
import { becomes, drawn, panel, runRow, sentence, watchSeries } from './page-parts.ts'
import { beginRun } from './trained-runs.ts'
import { keepScreenshot, prepareStage } from './visit.ts'

const stage = prepareStage()

const openStreams = async (tracker: TrackerProcess): Promise<number> =>
  Number(/^aspara_open_streams (\d+)$/m.exec(await getText(`${tracker.url}/metrics`))![1])

/** The loss of a run that only falls is at its best at its last step. */
const lastStep = (page: Page): Promise<string> => sentence(page, 'loss')

/** Says that the page is behind others, or in front again, as the browser does when tabs are switched. */
async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true })
    Object.defineProperty(document, 'visibilityState', { value: hidden ? 'hidden' : 'visible', configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }, isHidden)
}

test('points, runs and metrics appear by themselves, and no history is asked for again', async (t) => {
  const run = await beginRun(t, stage.tracker, { project: 'live', name: 'first' })
  run.log({ loss: 1 })
  await run.flush()
  const page = await stage.visit(t, '/projects/live')
  await drawn(page, 'loss')
  await page.getByRole('status').filter({ hasText: 'live' }).waitFor()
  const seen = watchSeries(page)
  for (let step = 1; step < 30; step++) run.log({ loss: 1 / (step + 1) })
  await run.flush()
  await becomes(
    () => lastStep(page),
    (words) => words.includes('at step 29 by first'),
    'the chart goes on',
  )
  await runRow(page, 'first').getByText('0.03333').waitFor()
  assert.deepEqual(seen.asked, [], 'new points came over the stream alone')

  run.log({ loss: 0.01, acc: 0.5 })
  await run.flush()
  await drawn(page, 'acc')
  const second = await beginRun(t, stage.tracker, { project: 'live', name: 'second' })
  second.log({ loss: 0.5 })
  await second.flush()
  await runRow(page, 'second').waitFor()
  await becomes(
    () => lastStep(page),
    (words) => words.includes('2 lines'),
    'the new run has its line',
  )
  await second.finish({ quiet: true })
  await runRow(page, 'second').getByTitle('finished').waitFor()
  const again = seen.addresses.filter(({ searchParams }) => searchParams.get('metric') === 'loss')
  assert.deepEqual(
    again.map(({ searchParams }) => searchParams.get('runs')),
    again.map(() => 'second'),
    'of the first run nothing is read again',
  )
})

test('a run that Python logs is followed', async (t) => {
  const folder = await temporaryFolder()
  const page = await stage.visit(t, '/projects/live')
  await drawn(page, 'loss')
  const script = [
    'import aspara, sys',
    'run = aspara.init(project="live", name="python", config={"lr": 0.1}, settings={"quiet": True})',
    'for line in sys.stdin:',
    '    run.log({"loss": float(line)})',
    '    run.flush()',
    '    print(line, flush=True)',
    '    if float(line) < 0: break',
    'run.finish()',
  ].join('\n')
  const losses = ['0.009', '0.008', '-1']
  const python = await runPython(['-c', `print("ready", flush=True)\n${script}`], {
    env: {
      ASPARA_TRACKER_URI: stage.tracker.url,
      ASPARA_DATA_DIR: folder,
      PYTHONPATH: new URL('../../python/src', import.meta.url).pathname,
    },
    onLine: (_, answer) => {
      const next = losses.shift()
      if (next) answer(`${next}\n`)
    },
  })
  assert.equal(python.exitCode, 0, python.stderr)
  await runRow(page, 'python').waitFor()
  await becomes(
    () => lastStep(page),
    (words) => /best −1 at step 2 by python/.test(words),
    'its points are drawn',
  )
})

test('ten tabs share one stream, and the last one takes it along', async (t) => {
  const run = await beginRun(t, stage.tracker, { project: 'shared', name: 'r' })
  run.log({ loss: 1 })
  await run.flush()
  await becomes(
    () => openStreams(stage.tracker),
    (count) => count === 0,
    'no stream is left of before',
  )
  const first = await stage.visit(t, '/projects/shared')
  const tabs = [first]
  for (let at = 1; at < 10; at++) tabs.push(await stage.visit(t, '/projects/shared', { beside: first }))
  for (const tab of tabs) await tab.getByRole('status').filter({ hasText: 'live' }).waitFor()
  assert.equal(await openStreams(stage.tracker), 1)
  for (let step = 1; step <= 5; step++) run.log({ loss: 1 - step / 10 })
  await run.flush()
  for (const tab of tabs) {
    await tab.bringToFront()
    await becomes(
      () => lastStep(tab),
      (words) => words.includes('at step 5'),
      'each tab has the new points',
    )
  }
  for (const tab of tabs.slice(1)) await tab.close()
  assert.equal(await openStreams(stage.tracker), 1)
  await first.close()
  await becomes(
    () => openStreams(stage.tracker),
    (count) => count === 0,
    'the stream ends with the last tab',
  )
})

test('a tab that is not looked at lets go of the stream, and catches up when it is', async (t) => {
  const run = await beginRun(t, stage.tracker, { project: 'hidden', name: 'r' })
  run.log({ loss: 1 })
  await run.flush()
  const page = await stage.visit(t, '/projects/hidden')
  await drawn(page, 'loss')
  await becomes(
    () => openStreams(stage.tracker),
    (count) => count === 1,
    'it listens',
  )
  await setHidden(page, true)
  await becomes(
    () => openStreams(stage.tracker),
    (count) => count === 0,
    'it costs nothing',
  )
  const seen = watchSeries(page)
  for (let step = 1; step <= 20; step++) run.log({ loss: 1 - step / 100 })
  await run.flush()
  await setHidden(page, false)
  await becomes(
    () => lastStep(page),
    (words) => words.includes('at step 20'),
    'what was logged meanwhile is there',
  )
  assert.deepEqual(seen.asked, [], 'without history being read')
})

test('a tracker that is killed is said to be away; when it is back the page has all that was logged meanwhile', async (t) => {
  const dataDir = await temporaryFolder()
  const tracker = await stage.startTracker(t, { dataDir })
  const run = await beginRun(t, tracker, { project: 'killed', name: 'r' })
  run.log({ loss: 1 })
  await run.flush()
  const page = await stage.visit(t, '/projects/killed', {
    at: tracker,
    mayFail: /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|ERR_SOCKET_NOT_CONNECTED/,
  })
  await drawn(page, 'loss')
  await page.getByRole('status').filter({ hasText: 'live' }).waitFor()
  await tracker.kill()
  const away = page.getByRole('status').filter({ hasText: 'reconnecting' })
  await away.waitFor()
  assert.match(await away.innerText(), /showing data of \d\d:\d\d/)
  await keepScreenshot(page, 'tracker-away-light-1440')
  // What is there stays, and can be worked with.
  await panel(page, 'loss').waitFor()
  await page.keyboard.press('l')
  await page.getByRole('button', { name: 'y: logarithmic' }).waitFor()
  await page.keyboard.press('l')
  for (let step = 1; step <= 7; step++) run.log({ loss: 1 - step / 10 })
  const seen = watchSeries(page)
  await stage.startTracker(t, { dataDir, port: tracker.port })
  await page.getByRole('status').filter({ hasText: 'live' }).waitFor()
  await run.flush()
  await becomes(
    () => lastStep(page),
    (words) => words.includes('at step 7'),
    'points of the time without it are there',
  )
  assert.deepEqual(seen.asked, [], 'nothing is read again')
})
