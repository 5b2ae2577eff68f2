// The client in a real browser, as npm brings it, on a page of a real tracker.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { startTracker, type TrackerProcess, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import type { Run } from 'aspara'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from './chromium.ts'
import { downloadArtifact, exportPoints, exportSeries, getRun, type Json } from './read-back.ts'

let tracker: TrackerProcess
let browser: Browser
let bundle: Buffer
before(async () => {
  const folder = await temporaryFolder()
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  const built = spawnSync(process.execPath, ['scripts/build-client.mjs', folder], { cwd, encoding: 'utf8' })
  assert.equal(built.status, 0, built.stderr)
  bundle = readFileSync(join(folder, 'browser.js'))
  await rm(folder, { recursive: true })
  tracker = await startTracker()
  browser = await launchChromium()
})
after(async () => {
  await browser.close()
  await tracker.stop()
})

/** A page whose origin is the tracker, on which the client is `aspara`. */
async function openPage(t: TestContext): Promise<{ page: Page; warnings: string[] }> {
  const context = await browser.newContext()
  t.after(() => context.close())
  const page = await context.newPage()
  const warnings: string[] = []
  // Chromium asks by itself for an icon, which this page does not have.
  const isOfIcon = (url: string) => new URL(url, tracker.url).pathname === '/favicon.ico'
  page.on('console', (message) => isOfIcon(message.location().url) || warnings.push(message.text()))
  // A page that is really the tracker's: Chromium lets no other reach this machine. The script is not served by `route`:
  // requests of a page with routes are held for the test, and those of a page that is being left are then lost.
  const script = bundle.toString().replace(/export\{(\w+) as init\};\s*$/, 'window.aspara={init:$1}')
  assert.match(script, /window\.aspara=\{init:\w+\}$/)
  await page.addInitScript(`{${script}}`)
  await page.goto(`${tracker.url}/api/v1/health`)
  await page.waitForFunction('window.aspara')
  return { page, warnings }
}

/** The run, once it is as it should be. */
async function untilRun(project: string, name: string, isSo: (run: Json) => boolean): Promise<Json> {
  const began = performance.now()
  for (;;) {
    const run = await getRun(tracker.api, project, name)
    if (isSo(run)) return run
    assert.ok(performance.now() - began < 10_000, JSON.stringify(run))
  }
}

/** What the page's code finds. */
interface Window {
  aspara: { init: typeof import('aspara').init }
  run: Run
}

test('it takes at most 12.7 kB to send', () => {
  const bytes = gzipSync(bundle, { level: 9 }).length
  assert.ok(bytes <= 12_700, `${bytes} bytes`)
})

test('everything that a run is told is at the tracker when finish resolves', async (t) => {
  const { page, warnings } = await openPage(t)
  const finished = await page.evaluate(async () => {
    const { aspara } = window as unknown as Window
    const run = await aspara.init({
      project: 'browser',
      name: 'lr=0.1, ü',
      config: { lr: 0.1 },
      tags: ['web'],
      notes: 'begun',
      group: 'sweep',
      settings: { label: 'tab' },
    })
    run.log({ loss: Number.NaN, deep: { er: true } })
    run.log({ loss: -0, other: Number.POSITIVE_INFINITY }, { step: 7, timestamp: 1_790_000_000_000.5 })
    for (let step = 8; step < 3_000; step++) run.log({ loss: step / 7 })
    run.config.more = [1, { a: null }]
    run.summary.update({ best: 1 })
    run.setTags(['web', 'done'])
    run.setNotes('ended')
    await run.logArtifact(new File(['bytes of it'], 'weights.bin'), { category: 'model', description: 'd' })
    await run.logArtifact(new Blob(['blob']), { name: 'blob.txt' })
    const isFlushed = await run.flush()
    return { isFlushed, ...(await run.finish({ exitCode: 2 })), name: run.name, step: run.step }
  })
  assert.deepEqual(finished, {
    isFlushed: true,
    isSent: true,
    rowsWaiting: 0,
    lost: 0,
    name: 'lr-0-1-u',
    step: 3_000,
  })
  const stored = await getRun(tracker.api, 'browser', 'lr-0-1-u')
  assert.deepEqual(stored.config, { lr: 0.1, more: [1, { a: null }] })
  assert.deepEqual([stored.summary, stored.tags, stored.notes], [{ best: 1 }, ['web', 'done'], 'ended'])
  assert.deepEqual(
    [stored.status, stored.exit_code, stored.group, stored.display_name],
    ['failed', 2, 'sweep', 'lr=0.1, ü'],
  )
  const points = await exportPoints(tracker.api, 'browser', 'lr-0-1-u')
  assert.equal(points.length, 4 + 2_992)
  assert.deepEqual(
    points.slice(0, 4).map(({ metric, step, value }) => `${metric} ${step} ${Object.is(value, -0) ? '-0' : value}`),
    ['loss 0 NaN', 'deep/er 0 1', 'loss 7 -0', 'other 7 Infinity'],
  )
  assert.equal(points[2].timestamp, 1_790_000_000_000.5)
  assert.equal(String(await downloadArtifact(tracker.api, 'browser', 'lr-0-1-u', 'weights.bin')), 'bytes of it')
  assert.equal(String(await downloadArtifact(tracker.api, 'browser', 'lr-0-1-u', 'blob.txt')), 'blob')
  const [writer] = stored.writers
  assert.deepEqual([writer.label, writer.client.language, writer.client.log_calls], ['tab', 'typescript', 2_994])
  assert.deepEqual(warnings, [])
})

test('a page that is left sends its last rows', async (t) => {
  const { page } = await openPage(t)
  await page.evaluate(async () => {
    const { aspara } = window as unknown as Window
    const run = await aspara.init({ project: 'left', name: 'r' })
    run.log({ loss: 0 })
    await run.flush()
    ;(window as unknown as Window).run = run
  })
  await page.evaluate(() => {
    for (let step = 1; step < 100; step++) (window as unknown as Window).run.log({ loss: step })
    location.href = 'about:blank'
  })
  const began = performance.now()
  while ((await exportSeries(tracker.api, 'left', 'r', 'loss')).length < 100)
    assert.ok(performance.now() - began < 5_000)
  // A page that is closed while it is being left is, now and then, never closed.
  await page.waitForURL('about:blank')
})

test('requests that fail, and answers that are lost, store nothing twice', async (t) => {
  const { page, warnings } = await openPage(t)
  let count = 0
  await page.route('**/api/v1/**', async (route) => {
    count++
    if (count % 3 === 0) return route.abort()
    // It arrives, and its sender does not hear of it.
    if (count % 3 === 1) await route.fetch().catch(() => {})
    return count % 3 === 1 ? route.abort() : route.continue()
  })
  const finished = await page.evaluate(async () => {
    const { aspara } = window as unknown as Window
    const run = await aspara.init({ project: 'flaky', name: 'r' })
    for (let round = 0; round < 5; round++) {
      for (let step = 0; step < 50; step++) run.log({ loss: run.step })
      run.summary.round = round
      await run.flush()
    }
    return run.finish()
  })
  assert.equal(finished.isSent, true)
  const series = await exportSeries(tracker.api, 'flaky', 'r', 'loss')
  assert.deepEqual(
    series,
    Array.from({ length: 250 }, (_, step) => [step, step]),
  )
  assert.equal(warnings.filter((text) => text.startsWith('aspara:')).length, 1)
})

test('an answer without end is let go of, and asked for again', async (t) => {
  const { page, warnings } = await openPage(t)
  let isFirst = true
  await page.route('**/api/v1/projects/**', async (route) => {
    if (!isFirst) return route.continue()
    isFirst = false
    return route.fulfill({ contentType: 'application/json', body: JSON.stringify({ text: 'x'.repeat(17 * 2 ** 20) }) })
  })
  const finished = await page.evaluate(async () => {
    const { aspara } = window as unknown as Window
    const run = await aspara.init({ project: 'endless', name: 'r' })
    run.log({ loss: 1 })
    return run.finish()
  })
  assert.equal(finished.isSent, true)
  assert.match(warnings.join(), /the tracker can't be reached \(the answer is endless\): rows are sent later/)
  assert.deepEqual(await exportSeries(tracker.api, 'endless', 'r', 'loss'), [[0, 1]])
})

test('a page that is left ends its run, and a reload goes on with it', async (t) => {
  const { page } = await openPage(t)
  const begin = (resume: boolean) =>
    page.evaluate(
      async ([isResumed]) => {
        const { aspara } = window as unknown as Window
        const run = await aspara.init({
          project: 'left',
          id: 'tab-1',
          name: 'tab',
          ...(isResumed && { resume: 'allow' }),
        })
        ;(window as unknown as Window).run = run
        for (let row = 0; row < 50; row++) run.log({ loss: run.step })
        run.summary.best = run.step
        await run.flush()
        // These are on their way, or wait, when the page goes.
        for (let row = 0; row < 50; row++) run.log({ loss: run.step })
        run.config.late = true
        return { resumed: run.resumed, summary: { ...run.summary } }
      },
      [resume],
    )
  assert.deepEqual(await begin(false), { resumed: false, summary: { best: 50, loss: 99 } })
  await page.reload()
  await page.waitForFunction('window.aspara')
  // A page that goes sends all that is left at once: which request arrives first is up to the browser.
  const ended = await untilRun(
    'left',
    'tab',
    (run) => run.status === 'finished' && run.metrics[0].count === 100 && 'late' in run.config,
  )
  assert.deepEqual([ended.exit_code, ended.config.late, ended.finish_reason], [0, true, 'the page was left'])
  assert.deepEqual(await begin(true), { resumed: true, summary: { best: 150, loss: 199 } })
  await page.evaluate(() => (window as unknown as Window).run.finish({ exitCode: 3 }))
  const run = await getRun(tracker.api, 'left', 'tab')
  assert.deepEqual([run.status, run.exit_code, run.metrics[0].count, run.writers.length], ['failed', 3, 200, 2])
  const series = await exportSeries(tracker.api, 'left', 'tab', 'loss')
  assert.deepEqual(
    series,
    Array.from({ length: 200 }, (_, step) => [step, step]),
  )
})

test('a page that the browser has kept, and shows again, goes on with its run', async (t) => {
  const { page } = await openPage(t)
  await page.evaluate(async () => {
    const { aspara } = window as unknown as Window
    const run = await aspara.init({ project: 'kept', name: 'tab' })
    ;(window as unknown as Window).run = run
    for (let step = 0; step < 10; step++) run.log({ loss: step })
    await run.flush()
    run.log({ loss: 10 })
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))
  })
  await untilRun('kept', 'tab', (run) => run.status === 'finished' && run.metrics[0].count === 11)
  await page.evaluate(() => {
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
    ;(window as unknown as Window).run.log({ loss: 11 })
  })
  await untilRun('kept', 'tab', (run) => run.status === 'running' && run.metrics[0].count === 12)
  const finished = await page.evaluate(() => (window as unknown as Window).run.finish({ exitCode: 1 }))
  assert.equal(finished.isSent, true)
  const run = await getRun(tracker.api, 'kept', 'tab')
  assert.deepEqual([run.status, run.exit_code, run.metrics[0].count], ['failed', 1, 12])
})

for (const [kind, status, sentence] of [
  [
    'a tracker of another origin',
    undefined,
    /^aspara: the tracker refuses: it takes no requests from pages of http.* \(CORS\); nothing more is sent\. /,
  ],
  [
    'a tracker that answers 403',
    403,
    /^aspara: the tracker refuses: not from here; nothing more is sent\. Open the page from the tracker itself/,
  ],
  [
    'a tracker that wants a token',
    401,
    /^aspara: the tracker refuses: not from here; .* and give a token where one is needed$/,
  ],
] as const) {
  test(`${kind} is said to refuse, and is asked no more`, async (t) => {
    const { page, warnings } = await openPage(t)
    let asked = 0
    if (status) {
      await page.route('**/api/v1/projects/**', (route) => {
        asked++
        return route.fulfill({ status, contentType: 'application/json', body: '{"detail":"not from here"}' })
      })
    }
    const other = status ? undefined : await startTracker()
    if (other) t.after(() => other.stop())
    const result = await page.evaluate(async (uri) => {
      const { aspara } = window as unknown as Window
      const run = await aspara.init({ project: 'refused', name: 'r', trackerUri: uri })
      run.log({ loss: 1 })
      await run.flush(20_000)
      run.log({ loss: 2 })
      return run.finish()
    }, other?.url)
    assert.deepEqual(result, { isSent: false, rowsWaiting: 0, lost: 2 })
    const said = warnings.filter((text) => text.startsWith('aspara:'))
    assert.match(said[0], sentence)
    assert.match(said[1], /^aspara: none of 2 rows of refused\/r are at the tracker; 2 were lost/)
    assert.equal(said.length, 2)
    if (status) assert.equal(asked, 1)
  })
}

test('wrong arguments are told at once, and a run that is disabled sends nothing', async (t) => {
  const { page } = await openPage(t)
  const requests: string[] = []
  page.on('request', (request) => requests.push(request.url()))
  const sentences = await page.evaluate(async () => {
    const { aspara } = window as unknown as Window
    const told = async (deed: () => unknown) => {
      try {
        await deed()
        return ''
      } catch (error) {
        return String(error)
      }
    }
    const run = await aspara.init({ project: 'p', mode: 'disabled' })
    run.log({ loss: 1 })
    return [
      await told(() => aspara.init({ id: 'a:b' })),
      await told(() => aspara.init({ mode: 'offline' })),
      await told(() => run.log({ loss: 1 }, { step: 0.5 })),
      await told(() => run.logArtifact('a path')),
      JSON.stringify(await run.finish()),
    ]
  })
  assert.deepEqual(sentences, [
    `TypeError: id must be 1 to 255 characters without control characters and : ; , # ? / \\ % ', got "a:b"`,
    'TypeError: mode must be one of online, disabled, got "offline"',
    'TypeError: step must be a whole number from -(2^53-1) to 2^53-1, got 0.5',
    'TypeError: an artifact must be a Blob or a File, got "a path"',
    '{"isSent":true,"rowsWaiting":0,"lost":0}',
  ])
  assert.deepEqual(requests, [])
})
