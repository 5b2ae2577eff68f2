// The page in a real browser, against a stand-in for the tracker that can be told what to answer. The page's own clock
// is moved by hand, so that nothing waits for the next refresh.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { type Browser, chromium, type Page } from 'playwright-core'
import { pageFiles, pagePolicy } from './pages.ts'

const executablePath = process.env.CHROMIUM_PATH ?? findChromium()
const skip = executablePath ? false : 'no Chromium here: `npm test` installs one'

let browser: Browser
let tracker: StandIn
let page: Page
let complaints: string[]

before(async () => {
  if (executablePath) browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
})
after(() => browser?.close())

beforeEach(async () => {
  if (skip) return
  tracker = await StandIn.listen()
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
  if (skip) return
  await page.context().close()
  await tracker.close()
  assert.deepEqual(complaints, [])
})

test('an empty tracker shows three lines that make its first run, which then shows up by itself', {
  skip,
}, async () => {
  await page.goto(tracker.address)
  await page.getByRole('heading', { name: 'No runs yet' }).waitFor()
  await page.getByRole('button', { name: 'Copy' }).click()
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  assert.equal(copied.split('\n').length, 3)
  assert.match(copied, new RegExp(`run = "${RegExp.escape(tracker.address)}/api/v1/projects/my_project/runs/first"`))

  tracker.keep('my_project', [run('first', { metrics: [metric('loss', 0.5)] })])
  await nextRefresh()
  await page.getByRole('row', { name: 'first running just now 1 0.5000' }).waitFor()
  assert.equal(await page.getByRole('heading', { name: 'No runs yet' }).isVisible(), false)
})

test('a row that did not change is left alone, and one that did keeps its place and its focus', { skip }, async () => {
  const same = run('a', { metrics: [metric('loss', 0.4)] })
  tracker.keep('p', [run('b', { metrics: [metric('loss', 0.5)] }), same])
  await page.goto(tracker.address)
  await page.getByRole('button', { name: 'b' }).focus()
  const changes = await page.evaluateHandle(() => {
    const seen: string[] = []
    const table = document.querySelector('#projects table')!
    new MutationObserver((records) => {
      for (const { target, type } of records) seen.push(`${type} ${target.textContent}`)
    }).observe(table, { subtree: true, childList: true, characterData: true, attributes: true })
    return seen
  })
  tracker.keep('p', [run('c'), run('b', { metrics: [metric('loss', 0.25)] }), same])
  await nextRefresh()
  await page.getByRole('row', { name: 'b running just now 1 0.2500' }).waitFor()
  assert.equal(await page.locator(':focus').textContent(), 'b')
  assert.deepEqual(await page.locator('.row .name').allTextContents(), ['c', 'b', 'a'])
  const touched = (await changes.jsonValue()).filter(
    (change) => change.includes('0.4000') && !change.includes('0.2500'),
  )
  assert.deepEqual(touched, [])
})

test('with the tracker gone the data stays and says of when it is, and heals', { skip }, async () => {
  tracker.keep('p', [run('first')])
  await page.clock.setSystemTime(new Date('2030-01-01T14:02:30'))
  await page.goto(tracker.address)
  await page.getByRole('status').getByText('live').waitFor()
  tracker.isGone = true
  await nextRefresh()
  await page.getByRole('status').getByText('reconnecting, showing data of 14:02').waitFor()
  assert.equal(await page.getByRole('button', { name: 'first' }).isVisible(), true)
  tracker.isGone = false
  await nextRefresh()
  await page.getByRole('status').getByText('live').waitFor()
})

test('a hidden page asks nothing, and asks at once when it is looked at again', { skip }, async () => {
  tracker.keep('p', [run('first')])
  await page.goto(tracker.address)
  await page.getByRole('button', { name: 'first' }).waitFor()
  await setHidden(true)
  const asked = tracker.asked.length
  await nextRefresh()
  await nextRefresh()
  assert.equal(tracker.asked.length, asked)
  tracker.keep('p', [run('second')])
  await setHidden(false)
  await page.getByRole('button', { name: 'second' }).waitFor()
})

test('a tracker with a token asks for it, and downloads carry it', { skip }, async () => {
  tracker.token = 'secret'
  tracker.keep('p', [run('first', { metrics: [metric('loss', 0.5)] })])
  await page.goto(tracker.address)
  await page.getByLabel('Token').fill('wrong')
  await page.keyboard.press('Enter')
  await page.getByText('does not know this token').waitFor()
  await page.getByLabel('Token').fill('secret')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'first' }).click()
  assert.equal(await page.getByLabel('Token').isVisible(), false)
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV' }).click()])
  assert.equal(download.suggestedFilename(), 'first.csv')
  assert.equal(readFileSync(await download.path(), 'utf8'), 'metric,step,timestamp,value\n')
})

test('values that are not finite stand out, in words too', { skip }, async () => {
  const metrics = [
    metric('loss', 'NaN', { min: null, max: null }),
    metric('norm', 'Infinity'),
    metric('gain', '-Infinity'),
  ]
  tracker.keep('p', [run('diverged', { status: 'failed', exit_code: 1, metrics })])
  await page.goto(tracker.address)
  await page.getByRole('row', { name: 'diverged failed just now 3 NaN +∞ −∞' }).waitFor()
  assert.equal(await page.locator('.row .bad').count(), 3)
})

test('the projects heard from last are open', { skip }, async () => {
  const heardAt = (minute: number) => ({ heard_at: `2030-01-01T12:0${minute}:00Z` })
  for (const minute of [1, 5, 3, 2, 4]) tracker.keep(`p${minute}`, [run(`r${minute}`, heardAt(minute))])
  await page.goto(tracker.address)
  await page.getByRole('button', { name: 'r5' }).waitFor()
  assert.deepEqual(await page.locator('.row .name').allTextContents(), ['r5', 'r3', 'r4'])
  await page.getByText('p1').click()
  await page.getByRole('button', { name: 'r1' }).waitFor()
})

test('long lists come page by page', { skip }, async () => {
  tracker.keep(
    'p',
    Array.from({ length: 130 }, (_, index) => run(`run-${index}`)),
  )
  await page.goto(tracker.address)
  await page.getByRole('button', { name: 'Show more runs (25 of 130)' }).click()
  await page.getByRole('button', { name: 'Show more runs (125 of 130)' }).click()
  await page.getByRole('button', { name: 'run-129', exact: true }).waitFor()
  assert.equal(await page.getByRole('button', { name: 'Show more' }).isVisible(), false)
})

for (const width of [1440, 390]) {
  test(`names of 255 characters do not widen the page at ${width} px`, { skip }, async () => {
    const long = 'x'.repeat(255)
    const metrics = [metric(long, 1.5), metric('y'.repeat(512), 1e300)]
    tracker.keep(long, [
      run(long, {
        display_name: 'z'.repeat(512),
        tags: [long],
        notes: long,
        config: { [long]: { [long]: long } },
        metrics,
      }),
    ])
    tracker.artifacts = [{ name: long, file_size: 1, sha256: 'ab', category: 'model', description: long }]
    await page.setViewportSize({ width, height: 800 })
    await page.goto(tracker.address)
    await page.locator('.row').click()
    await page.getByRole('link', { name: long }).waitFor()
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width)
  })
}

async function nextRefresh() {
  await page.clock.runFor(6_000)
}

async function setHidden(isHidden: boolean) {
  await page.evaluate((isHidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, value: isHidden })
    document.dispatchEvent(new Event('visibilitychange'))
  }, isHidden)
}

function run(name: string, more: object = {}) {
  const now = new Date().toISOString()
  const described = { display_name: null, tags: [], notes: '', config: {}, summary: {}, metrics: [] }
  return {
    name,
    status: 'running',
    exit_code: null,
    created_at: now,
    heard_at: now,
    finished_at: null,
    ...described,
    ...more,
  }
}

function metric(name: string, last: number | string, more: object = {}) {
  return { metric: name, count: 1, first_step: 1, first: last, last_step: 1, last, min: last, max: last, ...more }
}

/** Answers as the tracker does, as far as the page asks. */
class StandIn {
  token = ''
  isGone = false
  artifacts: object[] = []
  readonly asked: string[] = []
  private readonly projects = new Map<string, { project: object; runs: object[] }>()
  private readonly server: Server

  private constructor() {
    this.server = createServer((request, response) => {
      this.answer(new URL(request.url ?? '/', this.address), request.headers.authorization, response)
    })
  }

  static async listen(): Promise<StandIn> {
    const standIn = new StandIn()
    await new Promise<void>((done) => standIn.server.listen(0, '127.0.0.1', done))
    return standIn
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  keep(name: string, runs: { heard_at: string }[]) {
    const described = { display_name: null, tags: [], notes: '', created_at: new Date().toISOString() }
    const heard_at = runs[0]?.heard_at ?? null
    this.projects.set(name, { project: { name, runs: runs.length, heard_at, ...described }, runs })
  }

  close(): Promise<void> {
    this.server.closeAllConnections()
    return new Promise((done) => this.server.close(() => done()))
  }

  private answer({ pathname, searchParams }: URL, authorization: string | undefined, response: ServerResponse) {
    const own = pageFiles.find(({ path }) => path === pathname)
    if (own) {
      response.writeHead(200, { 'content-type': own.type, 'content-security-policy': pagePolicy })
      return response.end(readFileSync(new URL(own.file, import.meta.url)))
    }
    this.asked.push(pathname)
    if (this.isGone) return response.destroy()
    const [, name = '', rest = ''] = /^\/api\/v1\/projects(?:\/([^/]+)(.*))?$/.exec(pathname) ?? []
    if (this.token && authorization !== `Bearer ${this.token}`)
      return send(response, 401, { detail: 'A token is required' })
    if (rest.endsWith('/metrics/export')) {
      response.writeHead(200, { 'content-type': 'text/csv', 'content-disposition': 'attachment; filename="first.csv"' })
      return response.end('metric,step,timestamp,value\n')
    }
    const lists: Record<string, [string, object[]]> = {
      '': ['projects', [...this.projects.values()].map(({ project }) => project)],
      '/runs': ['runs', this.projects.get(name)?.runs ?? []],
    }
    const [key, items] = lists[rest] ?? ['artifacts', this.artifacts]
    const from = Number(searchParams.get('cursor') ?? 0)
    const to = from + Number(searchParams.get('limit') ?? 100)
    send(response, 200, { [key]: items.slice(from, to), next_cursor: to < items.length ? String(to) : null })
  }
}

function send(response: ServerResponse, status: number, body: object) {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

function findChromium(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const names = ['chromium', 'chromium-browser', 'google-chrome']
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path))
}
