// The npm package `aspara` as people get it: in an empty folder, on the Node that a machine has, checked by a strict compiler,
// and in a real browser on a page of the tracker.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { after, before, suite, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { startTracker, type TrackerProcess, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import type { Run } from 'aspara'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from './chromium.ts'
import { downloadArtifact, exportPoints, exportSeries, getRun } from './read-back.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

function run(command: string, args: string[], cwd = root, env: Record<string, string> = {}) {
  const done = spawnSync(command, args, { cwd, env: { ...process.env, ...env }, encoding: 'utf8', timeout: 120_000 })
  assert.equal(done.status, 0, `${command} ${args.join(' ')}\n${done.error ?? ''}${done.stdout}${done.stderr}`)
  return done.stdout
}

let tracker: TrackerProcess
before(async () => {
  run(process.execPath, ['scripts/build-client.mjs'])
  tracker = await startTracker()
})
after(() => tracker.stop())

suite('installed from a tarball', () => {
  let folder: string
  before(async () => {
    folder = await temporaryFolder()
    const tarball = run('npm', ['pack', './build/client', '--pack-destination', folder, '--silent']).trim()
    writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}')
    run('npm', ['install', '--silent', '--no-audit', '--no-fund', join(folder, tarball)], folder)
  })
  after(() => rm(folder, { recursive: true, force: true }))

  const script = `
    import { Api, init } from 'aspara'
    const run = await init({ project: process.argv[2], name: 'r', config: { lr: 0.1 } })
    for (let step = 0; step < 1000; step++) run.log({ loss: 1 / (step + 1), nested: { a: step } })
    const { isSent } = await run.finish()
    for await (const found of new Api(process.env.ASPARA_TRACKER_URI).runs(process.argv[2], { filter: 'config.lr < 1' })) {
      const { loss, step } = await found.history({ metrics: ['loss'] })
      console.log(isSent, found.name, loss.length, step[999], loss[999])
    }
  `

  /** Another Node than ours: the one that a machine happens to have. */
  function otherNode(): string | undefined {
    const folders = (process.env.PATH ?? '').split(delimiter).filter((path) => !path.includes('node_modules'))
    return folders.map((path) => join(path, 'node')).find((path) => existsSync(path))
  }

  test('it brings nothing but itself', () => {
    assert.deepEqual(
      readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.')),
      ['aspara'],
    )
    const manifest = JSON.parse(readFileSync(join(folder, 'node_modules', 'aspara', 'package.json'), 'utf8'))
    assert.deepEqual([manifest.dependencies, manifest.private], [undefined, undefined])
  })

  for (const [name, node] of [
    ['ours', process.execPath],
    ['that of the machine', otherNode()],
  ] as const) {
    test(`it logs and reads back on Node, ${name}`, { skip: !node && 'there is no other Node on PATH' }, async () => {
      const project = name === 'ours' ? 'ours' : 'machine'
      writeFileSync(join(folder, 'script.mjs'), script)
      const env = { ASPARA_TRACKER_URI: tracker.url, ASPARA_DATA_DIR: join(folder, 'data'), ASPARA_SILENT: '1' }
      const printed = run(node as string, ['script.mjs', project], folder, env)
      assert.equal(printed, 'true r 1000 999 0.001\n')
      assert.equal((await exportPoints(tracker.api, project, 'r')).length, 2_000)
    })
  }

  for (const [name, node] of [
    ['ours', process.execPath],
    ['that of the machine', otherNode()],
  ] as const) {
    test(`require brings the same on Node, ${name}`, { skip: !node && 'there is no other Node on PATH' }, async () => {
      const project = name === 'ours' ? 'required' : 'required-by-machine'
      const source = `
        const { init } = require('aspara')
        async function main() {
          const run = await init({ project: process.argv[2], name: 'r' })
          for (let step = 0; step < 100; step++) run.log({ loss: step })
          await run.finish()
        }
        main()
      `
      writeFileSync(join(folder, 'required.cjs'), source)
      const env = { ASPARA_TRACKER_URI: tracker.url, ASPARA_DATA_DIR: join(folder, 'data'), ASPARA_SILENT: '1' }
      run(node as string, ['required.cjs', project], folder, env)
      assert.equal((await exportPoints(tracker.api, project, 'r')).length, 100)
    })
  }

  test('its declarations stand alone in a strict project, for Node and for a browser', () => {
    const source = `
      import { init, type Run } from 'aspara'
      const run: Run = await init({ project: 'p', tags: ['a'], settings: { quiet: true } })
      run.log({ loss: 0.5, nested: { deep: { value: 1 } } }, { step: 3, commit: false })
      run.config.lr = 0.1
      await run.logArtifact(new Blob(['x']), { name: 'x.txt', category: 'data' })
      run.defineMetric('loss', { summary: ['min', 'best'] })
      const { isSent, rowsWaiting }: { isSent: boolean; rowsWaiting: number } = await run.finish({ exitCode: 1 })
      console.log(isSent, rowsWaiting)
      interface Optimizer { name: string; betas?: readonly number[] }
      interface Config { lr: number; optimizer: Optimizer; seed: number | null }
      const config: Config = { lr: 0.1, optimizer: { name: 'adam' }, seed: null }
      await init({ config })
      run.config.update(config)
      interface Losses { total: number; aux?: number | null; isGood: boolean }
      interface Metrics { train: Losses; steps: bigint }
      const metrics: Metrics = { train: { total: 1, isGood: true }, steps: 2n }
      run.log(metrics)
      const total: Record<string, number> = { a: 1 }
      run.log(total, { timestamp: new Date() })
      run.log(new Map([['loss', 1]]))
      async function step(): Promise<number> { return 1 }
      // @ts-expect-error: the await is forgotten
      run.log({ loss: step() })
      // @ts-expect-error: the await is forgotten
      run.log(Promise.resolve({ loss: 1 }))
      // @ts-expect-error: several numbers are no metric
      run.log({ loss: [1, 2], nested: { a: new Float32Array(2) } })
      // @ts-expect-error: a step goes into an object
      run.log({ loss: 1 }, 5)
      // @ts-expect-error: text is no metric
      run.log({ loss: 'x' })
      // @ts-expect-error: there is no such mode
      await init({ mode: 'sometimes' })
    `
    writeFileSync(join(folder, 'script.ts'), source)
    const required = `
      import { Api, init, type Run } from 'aspara'
      import aspara = require('aspara')
      async function main(): Promise<void> {
        const run: Run = await init({ project: 'p' })
        run.log({ loss: 0.5 })
        await (await aspara.init()).finish()
        console.log(await new Api('http://localhost:3142').run('p', 'r'))
      }
      void main()
      // @ts-expect-error: there is no such mode
      void init({ mode: 'sometimes' })
    `
    writeFileSync(join(folder, 'required.cts'), required)
    const options = { strict: true, noEmit: true, target: 'esnext', skipLibCheck: false, types: [] as string[] }
    const projects = {
      'node.json': { module: 'nodenext', lib: ['esnext', 'dom', 'dom.iterable'], types: ['node'] },
      'required.json': { module: 'nodenext', lib: ['esnext', 'dom', 'dom.iterable'], types: ['node'] },
      'browser.json': {
        module: 'esnext',
        moduleResolution: 'bundler',
        customConditions: ['browser'],
        lib: ['esnext', 'dom', 'dom.iterable'],
      },
    }
    for (const [name, more] of Object.entries(projects)) {
      const typeRoots = [join(root, 'node_modules', '@types')]
      const compilerOptions = { ...options, ...more, typeRoots }
      writeFileSync(
        join(folder, name),
        JSON.stringify({ compilerOptions, files: [name === 'required.json' ? 'required.cts' : 'script.ts'] }),
      )
      run(join(root, 'node_modules', '.bin', 'tsc'), ['-p', name], folder)
    }
  })
})

suite('in a browser', () => {
  const bundle = readBundle()
  let browser: Browser
  before(async () => {
    browser = await launchChromium()
  })
  after(() => browser.close())

  function readBundle(): () => Buffer {
    let bytes: Buffer | undefined
    return () => {
      bytes ??= readFileSync(join(root, 'build', 'client', 'browser.js'))
      return bytes
    }
  }

  /** A page whose origin is the tracker, on which the client is `aspara`. */
  async function openPage(t: TestContext): Promise<{ page: Page; warnings: string[] }> {
    const context = await browser.newContext()
    t.after(() => context.close())
    const page = await context.newPage()
    const warnings: string[] = []
    page.on('console', (message) => warnings.push(message.text()))
    await page.route(`${tracker.url}/training`, (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: '<script type="module">import * as aspara from "/aspara.js"; window.aspara = aspara</script>',
      }),
    )
    await page.route(`${tracker.url}/aspara.js`, (route) =>
      route.fulfill({ contentType: 'text/javascript', body: bundle() }),
    )
    await page.goto(`${tracker.url}/training`)
    await page.waitForFunction('window.aspara')
    return { page, warnings }
  }

  /** What the page's code finds. */
  interface Window {
    aspara: { init: typeof import('aspara').init }
    run: Run
  }

  test('it takes at most 6 kB to send', () => {
    const bytes = gzipSync(bundle(), { level: 9 }).length
    assert.ok(bytes <= 6_000, `${bytes} bytes`)
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
        await told(() => aspara.init({ project: 'a b' })),
        await told(() => aspara.init({ mode: 'offline' })),
        await told(() => run.log({ loss: 'x' as unknown as number })),
        await told(() => run.log({ loss: 1 }, { step: 0.5 })),
        await told(() => run.logArtifact('a path')),
        JSON.stringify(await run.finish()),
      ]
    })
    assert.deepEqual(sentences, [
      'TypeError: a project or id is 1 to 255 letters, digits, _ or -, not "a b"',
      'TypeError: mode is one of online, disabled, not "offline"',
      'TypeError: metric "loss" is a number or a boolean, not "x"',
      'TypeError: step is a whole number up to 2^53-1, not 0.5',
      'TypeError: an artifact is a Blob or a File, not "a path"',
      '{"isSent":true,"rowsWaiting":0,"lost":0}',
    ])
    assert.deepEqual(requests, [])
  })
})
