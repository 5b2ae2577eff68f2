// Runs that are deleted while their clients log on, and are taken out of the trash again: nothing is missing or there twice.

import assert from 'node:assert/strict'
import { readFile, rm } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { must } from '@aspara/tracker/testing/ask.ts'
import { startTracker, type TrackerProcess, temporaryFolder } from '@aspara/tracker/testing/tracker-process.ts'
import { init } from 'aspara'
import { runPython } from './python.ts'
import { downloadArtifact, exportSeries, getRun, type Json, send } from './read-back.ts'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))

let tracker: TrackerProcess
let dir: string
before(async () => {
  dir = await temporaryFolder()
  tracker = await startTracker({ dataDir: dir })
})
after(async () => {
  await tracker.stop()
  await rm(dir, { recursive: true, force: true })
})

const addressOf = (project: string) => `${tracker.api}/projects/${project}`

async function restore(project: string, trashId: string): Promise<Json> {
  return must('POST', `${addressOf(project)}/trash/${trashId}/restore`)
}

async function assertGone(project: string): Promise<void> {
  assert.equal((await send('GET', `${addressOf(project)}/runs/r`)).status, 404)
  assert.deepEqual((await must('GET', `${addressOf(project)}/runs`)).runs, [])
}

/** `rows` values, each its step. */
async function assertWhole(project: string, rows: number): Promise<void> {
  const expected = Array.from({ length: rows }, (_, step) => [step, step])
  assert.deepEqual(await exportSeries(tracker.api, project, 'r', 'loss'), expected)
  const { writers } = await getRun(tracker.api, project, 'r')
  assert.deepEqual(
    writers.map((writer: Json) => writer.rows),
    [rows],
  )
}

test('a Python run is deleted twice while it logs, the tracker killed between, and ends in the trash', async () => {
  const project = 'trash'
  let made: Json
  let trashId = ''
  /** What happens when so many rows are acknowledged, and how many are logged then; 0: it ends. */
  const acts: [number, () => Promise<unknown>, number][] = [
    [
      100,
      async () => {
        made = await getRun(tracker.api, project, 'r')
        trashId = (await must('DELETE', `${addressOf(project)}/runs/r`)).trash_id
      },
      5_000,
    ],
    [5_100, () => assertGone(project), 7],
    [
      5_107,
      async () => {
        const back = await restore(project, trashId)
        assert.deepEqual([back.id, back.number, back.config], [made.id, made.number, made.config])
        await assertWhole(project, 5_107)
        trashId = (await must('DELETE', `${addressOf(project)}/runs/r`)).trash_id
        await tracker.kill()
        tracker = await startTracker({ dataDir: dir, port: tracker.port })
      },
      300,
    ],
    [5_407, () => assertGone(project), 0],
  ]
  const env = { PYTHONPATH: file('../python/src'), ASPARA_TRACKER_URI: tracker.url, ASPARA_DATA_DIR: dir }
  const failures: unknown[] = []
  const { exitCode, stderr } = await runPython([file('./trash_logger.py')], {
    env,
    onLine(line, answer) {
      if (line === 'started') return answer('100\n')
      const act = acts.shift()
      if (!act) return
      assert.equal(Number(line), act[0])
      act[1]()
        .catch((error) => failures.push(error))
        .finally(() => answer(`${act[2]}\n`))
    },
  })
  assert.deepEqual(failures, [])
  assert.equal(exitCode, 0, stderr)
  await assertGone(project)
  assert.deepEqual(
    (await must('GET', `${addressOf(project)}/trash`)).runs.map(({ status }: Json) => status),
    ['finished'],
  )
  const back = await restore(project, trashId)
  assert.deepEqual([back.id, back.number, back.created_at], [made.id, made.number, made.created_at])
  assert.deepEqual([back.status, back.summary.best, back.tags], ['finished', 0, ['late']])
  await assertWhole(project, 5_407)
  const script = await readFile(file('./trash_logger.py'))
  assert.deepEqual(await downloadArtifact(tracker.api, project, 'r', 'script.py'), script)
})

test('a TypeScript run that is deleted goes on in the trash to its end, and comes back whole', async () => {
  const project = 'trash-ts'
  const run = await init({ project, name: 'r', trackerUri: tracker.url, dir, settings: { quiet: true } })
  for (let step = 0; step < 100; step++) run.log({ loss: step })
  await run.flush()
  const made = await getRun(tracker.api, project, 'r')
  const { trash_id } = await must('DELETE', `${addressOf(project)}/runs/r`)
  for (let step = 100; step < 3_000; step++) run.log({ loss: step })
  run.summary.best = 0
  run.setNotes('late')
  assert.equal((await run.finish()).isSent, true)
  await assertGone(project)
  const back = await restore(project, trash_id)
  assert.deepEqual([back.id, back.number, back.notes], [made.id, made.number, 'late'])
  assert.deepEqual([back.status, back.summary.best], ['finished', 0])
  await assertWhole(project, 3_000)
})
