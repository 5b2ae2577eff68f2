// The npm package `aspara` as people get it: in an empty folder, on the Node that a machine has, checked by a strict compiler.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startTracker, type TrackerProcess, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import { exportPoints } from './read-back.ts'

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
