// What the README files show is run as it stands there, in the order in which it stands there, on a tracker at its usual
// address that also has runs without the metrics and configs of the examples.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { must } from '@aspara/tracker/testing/ask.ts'
import { startTracker, type TrackerProcess, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import { runPython } from './python.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

interface Block {
  language: string
  text: string
}

/** The blocks that are programs: not those that show the shell's own commands, or a file of configuration. */
async function blocksOf(path: string): Promise<Block[]> {
  const page = await readFile(join(root, path), 'utf8')
  const blocks = Array.from(page.matchAll(/^```(\w+)\n(.*?)^```$/gms), ([, language, text]) => ({ language, text }))
  return blocks.filter(({ language, text }) => (language === 'sh' ? text.startsWith('curl') : language !== 'js'))
}

interface Reader {
  tracker: TrackerProcess
  folder: string
  /** Runs a block; answers what it prints. */
  run: (block: Block) => Promise<string>
}

/** Somebody who copies the examples into files and runs them. */
async function startReading(t: TestContext): Promise<Reader> {
  const folder = await temporaryFolder()
  // Packages are found from a file's place: that of a TypeScript example is in the clone.
  const scripts = join(root, '.test-output', 'readme')
  await mkdir(scripts, { recursive: true })
  const tracker = await startTracker({ port: 3142 })
  t.after(async () => {
    await tracker.stop()
    await Promise.all([folder, scripts].map((path) => rm(path, { recursive: true, force: true })))
  })
  const runs = `${tracker.api}/projects/my_project/runs`
  await must('POST', runs, { name: 'nothing' })
  await must('POST', `${runs}/other/metrics`, { step: 3, metrics: { other: 1 } })
  await must('POST', runs, { name: 'no-metrics', config: { learning_rate: 0.005 } })
  const env = { ASPARA_DATA_DIR: folder, PYTHONPATH: join(root, 'python', 'src'), ASPARA_SILENT: '1' }
  let files = 0
  const run = async ({ language, text }: Block) => {
    if (language === 'python') {
      const { exitCode, stdout, stderr } = await runPython(['-c', text], { env, cwd: folder })
      assert.equal(exitCode, 0, stderr)
      return stdout
    }
    const script = join(scripts, `${files++}.${language}`)
    await writeFile(
      script,
      language === 'sh' ? text.replaceAll(/^(curl .*\/stream')$/gm, '$1 --max-time 1 || true') : text,
    )
    const [command, args] =
      language === 'ts' ? [process.execPath, [script]] : ['bash', ['-e', '-c', await readFile(script, 'utf8')]]
    const { status, stdout, stderr } = spawnSync(command, args, {
      env: { ...process.env, ...env, NO_PROXY: '127.0.0.1' },
      cwd: folder,
      encoding: 'utf8',
      timeout: 30_000,
    })
    assert.equal(status, 0, stderr)
    return stdout
  }
  return { tracker, folder, run }
}

async function assertLogged({ api }: TrackerProcess, name: string): Promise<void> {
  const run = await must('GET', `${api}/projects/my_project/runs/${name}`)
  assert.equal(run.status, 'finished')
  assert.deepEqual(run.config, { learning_rate: 0.001 })
  assert.deepEqual(
    run.metrics.map(({ metric, count, last }: { metric: string; count: number; last: number }) => [
      metric,
      count,
      last,
    ]),
    [
      ['loss', 100, 0.5 - 99 * 0.005],
      ['accuracy', 100, 0.5 + 99 * 0.005],
    ],
  )
}

test('the examples of README run as they stand, and what they logged is there', { timeout: 120_000 }, async (t) => {
  const { tracker, run } = await startReading(t)
  const blocks = await blocksOf('README.md')
  assert.deepEqual(new Set(blocks.map(({ language }) => language)), new Set(['python', 'ts', 'sh']))
  let all = ''
  for (const block of blocks) all += await run(block)
  for (const name of ['experiment_001', 'experiment_002']) await assertLogged(tracker, name)
  assert.match(all, /^experiment_001 0\.001 0\.995$/m)
  assert.match(all, /^nothing None None$/m)
  assert.match(all, /^no-metrics 0\.005 None$/m)
  assert.match(all, /metric,step,timestamp,value\nloss,1,\d+(\.\d+)?,0\.5$/m)
})

test('so do those of the TypeScript client', {
  timeout: 120_000,
}, async (t) => {
  const { tracker, run } = await startReading(t)
  const blocks = await blocksOf('client/README.md')
  assert.deepEqual(
    blocks.map(({ language }) => language),
    ['ts', 'ts'],
  )
  let all = ''
  for (const block of blocks) all += await run(block)
  await assertLogged(tracker, 'experiment_001')
  assert.match(all, /^experiment_001 .* 0\.995 100 0\.005\d*$/m)
  assert.match(all, /^no-metrics .* undefined 0 undefined$/m)
})

test('so do those of the Python client', { timeout: 120_000 }, async (t) => {
  const { tracker, folder, run } = await startReading(t)
  const blocks = await blocksOf('python/README.md')
  const [logging, ...reading] = blocks.filter(({ language }) => language === 'python')
  assert.ok(reading.length > 0)
  await run(logging)
  await assertLogged(tracker, 'experiment_001')
  const form = new FormData()
  form.set('file', new Blob(['weights']), 'model.bin')
  const artifacts = `${tracker.api}/projects/my_project/runs/experiment_001/artifacts`
  assert.equal((await fetch(artifacts, { method: 'POST', body: form })).status, 200)
  await mkdir(join(folder, 'models'))
  let all = ''
  for (const block of reading) all += await run(block)
  assert.match(all, /^experiment_001 .* 0\.995$/m)
  assert.match(all, /^no-metrics .* None$/m)
  assert.equal(await readFile(join(folder, 'models', 'model.bin'), 'utf8'), 'weights')
})
