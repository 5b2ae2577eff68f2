// The page in a real browser on a real tracker. The page's own clock is moved by hand, so that nothing waits for its next
// refresh.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { startTracker, type TrackerProcess, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from './chromium.ts'

let browser: Browser
let tracker: TrackerProcess
let page: Page
let complaints: string[]

before(async () => {
  browser = await launchChromium()
})
after(() => browser.close())

beforeEach(async () => {
  tracker = await startTracker()
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] })
  page = await context.newPage()
  await page.clock.install()
  complaints = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  // A refused request is the browser's to note; what the page itself says, or the policy forbids, is a fault.
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text())
  })
})
afterEach(async () => {
  await page.context().close()
  await tracker.stop()
  assert.deepEqual(complaints, [])
})

test('an empty tracker shows what to paste, and its first run appears by itself', async () => {
  await page.goto(tracker.url)
  await page.getByRole('heading', { name: 'No runs yet' }).waitFor()
  assert.match((await page.locator('pre').allTextContents()).join('\n'), new RegExp(tracker.url))
  await log('p', 'first', { metrics: { loss: 0.5 } })
  await nextRefresh()
  await page.getByRole('row', { name: 'first running just now 1 0.5' }).waitFor()
  assert.equal(await page.getByRole('heading', { name: 'No runs yet' }).isVisible(), false)
})

test('a row that did not change is left alone, and one that did keeps its place and its focus', async () => {
  await log('p', 'a', { metrics: { loss: 0.4 } })
  await log('p', 'b', { metrics: { loss: 0.5 } })
  await page.goto(tracker.url)
  await page.getByRole('button', { name: 'b' }).focus()
  const changes = await page.evaluateHandle(() => {
    const seen: string[] = []
    const table = document.querySelector('#projects table')!
    new MutationObserver((records) => {
      for (const { target, type } of records) seen.push(`${type} ${target.textContent}`)
    }).observe(table, { subtree: true, childList: true, characterData: true, attributes: true })
    return seen
  })
  await log('p', 'b', { metrics: { loss: 0.25 } })
  await log('p', 'c', { metrics: { loss: 1 } })
  await nextRefresh()
  await page.locator('.row', { hasText: '0.2500' }).waitFor()
  assert.equal(await page.locator(':focus').textContent(), 'b')
  assert.deepEqual(await page.locator('.row .name').allTextContents(), ['c', 'b', 'a'])
  const values = (await changes.jsonValue()).filter((change) => change.includes('0.4000') && !change.includes('0.2500'))
  assert.deepEqual(values, [])
})

test('with the tracker gone the data stays and says of when it is, and heals', async () => {
  const { port } = tracker
  const dataDir = await temporaryFolder()
  await tracker.stop()
  tracker = await startTracker({ port, dataDir })
  await log('p', 'first', { metrics: { loss: 0.5 } })
  await page.clock.setSystemTime(new Date('2030-01-01T14:02:30'))
  await page.goto(tracker.url)
  await page.getByRole('status').getByText('live').waitFor()
  await tracker.kill()
  await nextRefresh()
  await page.getByRole('status').getByText('reconnecting, showing data of 14:02').waitFor()
  assert.equal(await page.getByRole('button', { name: 'first' }).isVisible(), true)
  tracker = await startTracker({ port, dataDir })
  await nextRefresh()
  await page.getByRole('status').getByText('live').waitFor()
})

test('a hidden page asks nothing, and asks at once when it is looked at again', async () => {
  await log('p', 'first', { metrics: { loss: 0.5 } })
  await page.goto(tracker.url)
  await page.getByRole('button', { name: 'first' }).waitFor()
  await setHidden(true)
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await nextRefresh()
  await nextRefresh()
  assert.deepEqual(asked, [])
  await log('p', 'second', { metrics: { loss: 0.5 } })
  await setHidden(false)
  await page.getByRole('button', { name: 'second' }).waitFor()
})

test('a tracker with a token asks for it, and downloads carry it', async () => {
  await tracker.stop()
  tracker = await startTracker({ args: ['--token', 'secret'] })
  await log('p', 'first', { metrics: { loss: 0.5 } }, { authorization: 'Bearer secret' })
  await page.goto(tracker.url)
  await page.getByLabel('Token').fill('wrong')
  await page.keyboard.press('Enter')
  await page.getByText('does not know this token').waitFor()
  await page.getByLabel('Token').fill('secret')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'first' }).click()
  assert.equal(await page.getByLabel('Token').isVisible(), false)
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV' }).click()])
  assert.match(readFileSync(await download.path(), 'utf8'), /^metric,step,timestamp,value\nloss,0,\d+,0\.5\n$/)
})

test('values that are not finite stand out, in words too', async () => {
  await log('p', 'diverged', { metrics: { loss: 'NaN', norm: 'Infinity', gain: '-Infinity' } })
  await post('/projects/p/runs/diverged/finish', { exit_code: 1 })
  await page.goto(tracker.url)
  await page.getByRole('row', { name: 'diverged failed just now 3 NaN +∞ −∞' }).waitFor()
  assert.equal(await page.locator('.row .bad').count(), 3)
})

test('the projects heard from last are open', async () => {
  for (const project of ['p1', 'p2', 'p3', 'p4', 'p5'])
    await log(project, `run-of-${project}`, { metrics: { loss: 1 } })
  await page.goto(tracker.url)
  await page.getByRole('button', { name: 'run-of-p5' }).waitFor()
  assert.deepEqual(await page.locator('.row .name').allTextContents(), ['run-of-p3', 'run-of-p4', 'run-of-p5'])
  await page.getByText('p1', { exact: true }).click()
  await page.getByRole('button', { name: 'run-of-p1' }).waitFor()
})

test('long lists come page by page', async () => {
  for (let index = 0; index < 130; index++) await post('/projects/p/runs', { name: `run-${index}` })
  await page.goto(tracker.url)
  await page.getByRole('button', { name: 'Show more runs (25 of 130)' }).click()
  await page.getByRole('button', { name: 'Show more runs (125 of 130)' }).click()
  await page.getByRole('button', { name: 'run-0', exact: true }).waitFor()
  assert.equal(await page.getByRole('button', { name: 'Show more' }).isVisible(), false)
})

for (const width of [1440, 390]) {
  test(`names of 255 characters do not widen the page at ${width} px`, async () => {
    const long = 'x'.repeat(255)
    await post(`/projects/${long}/runs`, {
      name: long,
      tags: [long],
      notes: long,
      config: { [long]: { [long]: long } },
    })
    await log(long, long, { metrics: { [long]: 1.5, ['y'.repeat(512)]: 1e300 } })
    const form = new FormData()
    form.append('file', new Blob(['bytes']), long)
    const uploaded = await fetch(`${tracker.api}/projects/${long}/runs/${long}/artifacts`, {
      method: 'POST',
      body: form,
    })
    assert.equal(uploaded.status, 200)
    await page.setViewportSize({ width, height: 800 })
    await page.goto(tracker.url)
    await page.locator('.row').click()
    await page.getByRole('link', { name: long }).waitFor()
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width)
  })
}

async function post(path: string, body: object, headers: Record<string, string> = {}) {
  const response = await fetch(tracker.api + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  assert.equal(response.status, 200, await response.text())
}

const log = (project: string, run: string, record: object, headers?: Record<string, string>) =>
  post(`/projects/${project}/runs/${run}/metrics`, record, headers)

async function nextRefresh() {
  await page.clock.runFor(6_000)
}

async function setHidden(isHidden: boolean) {
  await page.evaluate((isHidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, value: isHidden })
    document.dispatchEvent(new Event('visibilitychange'))
  }, isHidden)
}
