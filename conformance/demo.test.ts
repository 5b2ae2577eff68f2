import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startTracker, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import { downloadArtifact, exportPoints, getJson, type Point } from './read-back.ts'

const script = (name: string) => join(fileURLToPath(new URL('..', import.meta.url)), 'scripts', name)
const build = script('build.mjs')
const demo = script('demo.ts')

interface Run {
  name: string
  status: string
  exit_code: number | null
  group: string
  tags: string[]
  notes: string | null
  config: { optimizer: { learning_rate: number }; model: { width: number }; seed: number }
  summary: Record<string, unknown>
  metrics: { metric: string; count: number; last_step: number; nonfinite: number; max: number }[]
}

test('the demo fills a project with trainings that converge, diverge, crash and go on', async (t) => {
  const tracker = await startTracker()
  const folder = await temporaryFolder()
  const pids: number[] = []
  t.after(async () => {
    for (const pid of pids) await killed(pid)
    await tracker.stop()
    await rm(folder, { recursive: true, force: true })
  })
  const started = performance.now()
  const { exitCode, stdout, stderr } = await runDemo([], tracker.url, folder)
  t.diagnostic(`the demo took ${((performance.now() - started) / 1_000).toFixed(1)} s`)
  pids.push(...processesIn(stdout))
  assert.deepEqual([exitCode, stderr], [0, ''], stdout)
  assert.match(stdout, new RegExp(`\\n  ${tracker.url}/projects/digits-sweep\\n$`))
  assert.doesNotMatch(stdout, /No tracker answered/)

  const base = `${tracker.api}/projects/digits-sweep`
  const project = await getJson(base)
  assert.equal(project.display_name, 'Handwritten digits')
  assert.match(project.notes, /\*\*handwritten digits\*\*/)
  const { runs }: { runs: Run[] } = await getJson(`${base}/runs?limit=100`)
  assert.equal(runs.length, 26)
  const having = (tag: string) => runs.filter(({ tags }) => tags.includes(tag))

  const [running, ...others] = runs.filter(({ status }) => status === 'running')
  assert.ok(running && others.length === 0, 'one still runs')
  assert.equal(pids.length, 1, 'and the process that trains it is named')
  const countOf = async () => (await getJson(`${base}/runs/${running.name}`)).metrics[0].count
  const before = await countOf()
  await until(async () => (await countOf()) > before, 'it goes on logging')

  const failed = runs.filter(({ status }) => status === 'failed')
  assert.deepEqual(
    failed.map(({ exit_code, group }) => [exit_code, group]),
    [[1, 'sgd lr=0.1 128x2 growing batches']],
  )
  const log = await downloadArtifact(tracker.api, 'digits-sweep', failed[0]!.name, 'train.log')
  assert.match(log.toString(), /ValueError: Cannot take a larger sample than population/)

  const diverged = having('diverged')
  assert.ok(diverged.length > 0, 'some diverge')
  for (const { name, metrics, summary, config } of diverged) {
    assert.equal(config.optimizer.learning_rate, 1)
    const losses = valuesOf(await exportPoints(tracker.api, 'digits-sweep', name, 'train/loss'))
    assert.ok(
      losses.some((loss) => loss > 1e6),
      `the loss of ${name} grows`,
    )
    assert.equal(losses.at(-1), Number.NaN)
    assert.ok(metrics.find(({ metric }) => metric === 'train/loss')!.nonfinite >= 100)
    assert.ok((summary.diverged_at as number) > 0)
  }

  const [best, ...more] = having('best')
  assert.ok(best && more.length === 0, 'one is told to be the best')
  const accuracy = (run: Run) => run.metrics.find(({ metric }) => metric === 'val/acc')!.max
  assert.equal(accuracy(best), Math.max(...runs.map(accuracy)))
  assert.ok(accuracy(best) > 0.95, `it has learnt the digits: ${accuracy(best)}`)
  assert.match(best.notes!, /best `val\/acc` of the sweep/)
  for (const { name, group, metrics } of runs.filter(
    ({ status, tags }) => status === 'finished' && !tags.includes('diverged'),
  )) {
    const loss = metrics.find(({ metric }) => metric === 'train/loss')!
    assert.deepEqual([loss.count, loss.last_step, loss.nonfinite], [1_500, 1_499, 0], name)
    assert.equal(runs.filter((run) => run.group === group).length, 3, `${group} has three seeds`)
  }

  const [baseline] = having('baseline')
  const { artifacts } = await getJson(`${base}/runs/${baseline!.name}/artifacts`)
  assert.deepEqual(
    artifacts.map(({ name }: { name: string }) => name),
    ['confusion.png', 'mistakes.png', 'model.npz', 'predictions.csv', 'report.json', 'train.log'],
  )
  const csv = await downloadArtifact(tracker.api, 'digits-sweep', baseline!.name, 'predictions.csv')
  const rows = csv.toString().trim().split(/\r?\n/).slice(1)
  const right = rows.filter((row) => row.endsWith(',1')).length
  assert.equal(right / rows.length, baseline!.summary.test_acc, 'the predictions are those of the model in the summary')
})

test('where no tracker runs, the demo starts one that outlives it', async (t) => {
  const built = spawnSync(process.execPath, [build], { encoding: 'utf8' })
  assert.equal(built.status, 0, built.stderr)
  const folder = await temporaryFolder()
  const address = `http://127.0.0.1:${await freePort()}`
  const pids: number[] = []
  t.after(async () => {
    for (const pid of pids) await killed(pid)
    await rm(folder, { recursive: true, force: true })
  })
  const { exitCode, stdout, stderr } = await runDemo(['--runs', '2', '--project', 'small'], address, folder)
  pids.push(...processesIn(stdout))
  assert.deepEqual([exitCode, stderr], [0, ''], stdout)
  assert.match(stdout, /^No tracker answered on http:\/\/127\.0\.0\.1:\d+: started one \(process \d+, /)
  const { runs }: { runs: Run[] } = await getJson(`${address}/tracker/api/v1/projects/small/runs`)
  assert.deepEqual(
    runs.map(({ status }) => status),
    ['finished', 'finished'],
  )
})

test('the demo starts no tracker on another machine', async () => {
  const folder = await temporaryFolder()
  const { exitCode, stderr } = await runDemo([], 'http://tracker.invalid:3142', folder)
  await rm(folder, { recursive: true, force: true })
  assert.deepEqual(
    [exitCode, stderr],
    [1, 'demo: No tracker answers on http://tracker.invalid:3142, and one can be started on this machine only.\n'],
  )
})

async function runDemo(args: string[], address: string, folder: string) {
  const child = spawn(process.execPath, [demo, ...args], {
    env: { ...process.env, ASPARA_TRACKER_URI: address, ASPARA_DATA_DIR: folder, NO_PROXY: '127.0.0.1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { exitCode: child.exitCode, stdout, stderr }
}

/** What the demo leaves running. */
const processesIn = (stdout: string) => Array.from(stdout.matchAll(/\(process (\d+)/g), ([, pid]) => Number(pid))

async function killed(pid: number): Promise<void> {
  process.kill(pid, 'SIGTERM')
  await until(() => !isThere(pid), `process ${pid} ends`)
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, what)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const valuesOf = (points: Point[]) => points.map(({ value }) => Number(value))

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
