import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { after, before, suite, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startTracker, type TrackerProcess } from '@aspara/tracker/testing/tracker-process.ts'
import { type Browser, chromium, type Page } from 'playwright-core'
import { getJson, getText, type Json, send } from './read-back.ts'

/**
 * The pages of a real tracker in a real browser that may reach nothing else: a request to another host fails the test,
 * also one that the page's policy stops.
 */

const root = fileURLToPath(new URL('..', import.meta.url))
const screenshots = join(root, '.test-output')
const executablePath = process.env.CHROMIUM_PATH ?? findChromium()
const skip = executablePath ? false : 'no Chromium here: `npm test` installs one'
const widths = [1440, 390]

let browser: Browser
before(async () => {
  if (skip) return
  await mkdir(screenshots, { recursive: true })
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
})
after(() => browser?.close())

const swagger = '/tracker/docs/tracker'
const redoc = '/tracker/docs/tracker/redoc'

/** A page of a tracker that has to ask nobody else, and to complain of nothing, until the test ends. */
async function openPage(t: TestContext, tracker: TrackerProcess, width = 1440): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: 900 } })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const elsewhere: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(`${tracker.url}/`) && !/^(data|blob):/.test(url)) elsewhere.push(url)
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  await context.route(
    (url) => url.origin !== tracker.url && !/^(data|blob):$/.test(url.protocol),
    (route) => route.abort(),
  )
  t.after(async () => {
    await context.close()
    assert.deepEqual(elsewhere, [], 'asked another host')
    assert.deepEqual(complaints, [])
  })
  return page
}

/** Nothing sticks out at the side, and a person may look at it later. */
async function assertFits(page: Page, width: number, name: string): Promise<void> {
  await page.screenshot({ path: join(screenshots, `${name}-${width}.png`) })
  const scrollWidth = await page.evaluate(() => document.documentElement.scrollWidth)
  assert.ok(scrollWidth <= width, `the page is ${scrollWidth} px wide in a window of ${width}`)
}

interface Operation {
  id: string
  tag: string
  summary: string
  method: string
  path: string
  example: Json
}

async function operationsOf(tracker: TrackerProcess): Promise<Operation[]> {
  const document = await getJson(`${tracker.url}${swagger}/json`)
  assert.match(document.openapi, /^3\.1\./)
  return Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, { operationId, tags, summary, requestBody }]) => ({
      id: operationId,
      tag: tags[0],
      summary,
      method: method.toUpperCase(),
      path,
      example: requestBody?.content['application/json']?.example,
    })),
  )
}

suite('the API explains itself without a network', { skip }, () => {
  let tracker: TrackerProcess
  before(async () => {
    tracker = await startTracker()
  })
  after(() => tracker.stop())

  for (const width of widths) {
    test(`Swagger UI shows every call, at ${width} px`, async (t) => {
      const page = await openPage(t, tracker, width)
      await page.goto(`${tracker.url}${swagger}`)
      const operations = await operationsOf(tracker)
      assert.ok(operations.length >= 20)
      await page
        .locator('.opblock')
        .nth(operations.length - 1)
        .waitFor()
      assert.equal(await page.locator('.opblock').count(), operations.length)
      for (const { id, tag, summary } of operations) {
        const block = page.locator(`#operations-${tag}-${id}`)
        assert.ok((await block.textContent())?.includes(summary), `${id} is not shown as ${summary}`)
      }
      await assertFits(page, width, 'swagger')
      await page.locator('#operations-Metrics-logMetrics .opblock-summary-control').click()
      await page.locator('#operations-Metrics-logMetrics').getByText('"loss": 0.5').waitFor()
      await page.locator('#operations-Metrics-logMetrics').scrollIntoViewIfNeeded()
      await assertFits(page, width, 'swagger-call')
    })

    test(`ReDoc shows every call, at ${width} px`, async (t) => {
      const page = await openPage(t, tracker, width)
      await page.goto(`${tracker.url}${redoc}`)
      for (const { id, tag, summary } of await operationsOf(tracker)) {
        const section = page.locator(`[data-section-id="tag/${tag}/operation/${id}"]`)
        await section.waitFor({ state: 'attached' })
        assert.ok((await section.textContent())?.includes(summary), `${id} is not shown as ${summary}`)
      }
      await assertFits(page, width, 'redoc')
      // It begins at the address of the call, so that one can be sent to somebody.
      await page.goto(`${tracker.url}${redoc}#tag/Metrics/operation/logMetrics`)
      await page.reload()
      await page.getByRole('heading', { name: 'Log one step of a run' }).waitFor()
      await assertFits(page, width, 'redoc-call')
    })
  }

  test('what "Try it out" begins with is taken by the tracker as it stands', async () => {
    const runs = `${tracker.api}/projects/my_project/runs`
    const operations = await operationsOf(tracker)
    const withBody = operations.filter(({ id, method }) => /^(POST|PATCH|PUT)$/.test(method) && id !== 'uploadArtifact')
    assert.ok(withBody.length >= 8)
    await send('POST', runs, { name: 'deleted' })
    const { trash_id } = (await send('DELETE', `${runs}/deleted`)).body
    // The run of the example is there before it is described.
    for (const { id, method, path, example } of withBody.sort(({ id }) => (id === 'createRun' ? -1 : 0))) {
      assert.ok(example, `${id} has no example`)
      const url =
        tracker.url +
        path
          .replace('{project}', 'my_project')
          .replace('{run}', 'experiment_001')
          .replace('{view}', 'low')
          .replace('{trash_id}', trash_id)
      const { status, body } = await send(method, url, example)
      assert.equal(status, 200, `${id}: ${JSON.stringify(body)}`)
    }
    const { metrics, config, tags } = await getJson(`${runs}/experiment_001`)
    assert.deepEqual([metrics.length, config.dropout, tags.length > 0], [2, 0.1, true])
  })
})

test('with a token Swagger UI can be authorized and then tries calls out', { skip }, async (t) => {
  const tracker = await startTracker({ args: ['--token', 'open-sesame-and-close'] })
  t.after(() => tracker.stop())
  const page = await openPage(t, tracker)
  await page.goto(`${tracker.url}${swagger}`)
  await page.getByRole('button', { name: 'Authorize' }).click()
  await page.locator('.auth-container input').fill('open-sesame-and-close')
  await page.getByRole('button', { name: 'Apply credentials' }).click()
  await page.getByRole('button', { name: 'Close' }).click()
  const call = page.locator('#operations-Metrics-logMetrics')
  await call.locator('.opblock-summary-control').click()
  await call.getByRole('button', { name: 'Try it out' }).click()
  await call.getByPlaceholder('project').fill('tried')
  await call.getByPlaceholder('run').fill('out')
  await call.getByRole('button', { name: 'Execute' }).click()
  await call.locator('.live-responses-table').getByText('"status": "ok"').waitFor()
  const authorization = { authorization: 'Bearer open-sesame-and-close' }
  const run = await fetch(`${tracker.api}/projects/tried/runs/out`, { headers: authorization })
  assert.equal((await run.json()).metrics.length, 2)
})

test('what npm start runs, a bundle, serves the same pages as its sources', async (t) => {
  const built = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { encoding: 'utf8' })
  assert.equal(built.status, 0, built.stderr)
  const [bundled, source] = await Promise.all([
    startTracker({ command: 'bundle' }),
    startTracker({ command: 'source' }),
  ])
  t.after(() => Promise.all([bundled.stop(), source.stop()]))
  const html = ['/', '/projects/p/runs/r', swagger, redoc]
  const texts = await Promise.all(html.map((path) => getText(`${source.url}${path}`)))
  const linked = texts.flatMap((text) => [...text.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, url]) => url!))
  const files = linked.filter((url) => url.startsWith('/'))
  assert.ok(files.length >= 8, `${files}`)
  assert.equal(texts[0]!.match(/CSP_NONCE/), null)
  const [script] = files.filter((path) => /^\/assets\/.*\.js$/.test(path))
  const compressed = await fetch(`${bundled.url}${script}`, { headers: { 'accept-encoding': 'br' } })
  assert.equal(compressed.headers.get('content-encoding'), 'br')
  for (const path of new Set([...html, `${swagger}/json`, ...files])) {
    const [one, other] = await Promise.all([fetch(`${bundled.url}${path}`), fetch(`${source.url}${path}`)])
    assert.deepEqual([one.status, path], [200, path])
    for (const header of ['content-type', 'content-encoding', 'content-security-policy', 'x-content-type-options']) {
      assert.equal(withoutNonce(one.headers.get(header)), withoutNonce(other.headers.get(header)), path)
    }
    assert.ok(withoutNonce(await one.text()) === withoutNonce(await other.text()), `${path} differs`)
  }
})

/** A nonce is for one answer. */
const withoutNonce = (text: string | null) => text?.replaceAll(/nonce(-|=")[\w-]{22}/g, 'nonce$1')

function findChromium(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const names = ['chromium', 'chromium-browser', 'google-chrome']
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path))
}
