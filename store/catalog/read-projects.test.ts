import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from '@aspara/protocol/limits.ts'
import { activityDays } from '@aspara/protocol/projects.ts'
import { newRun } from '../testing/ask-store.ts'
import { openDatabase } from '../testing/open-database.ts'
import { commitAt } from './commit.ts'
import { deleteRun } from './deletions.ts'
import { finishRun } from './finish-run.ts'
import { listProjects, readProject } from './read-projects.ts'
import { createRun } from './write-catalog.ts'

const dayMs = 24 * 3_600_000
const midnight = Date.UTC(2026, 2, 1)
const nowMs = midnight + 1

test('a project tells on which of the last 30 days of UTC its runs were made, today last', async () => {
  await using opened = await openDatabase()
  const { db } = opened
  const make = (project: string, madeMs: number) => createRun(db, newRun(project), commitAt(madeMs))
  const oldest = midnight - 29 * dayMs
  for (const madeMs of [oldest - 1, oldest, oldest, midnight - dayMs, midnight - 1, midnight]) await make('p', madeMs)
  for (let run = 0; run < 3; run++) await make('other', midnight)
  await make('old', oldest - 1)
  const expected = new Array<number>(activityDays).fill(0)
  expected[0] = 2
  expected[28] = 2
  expected[29] = 1
  const { activity, runs } = await readProject(db, { project: 'p', nowMs })
  assert.deepEqual([activity, runs], [expected, 6])
  const { projects } = await listProjects(db, { page: {}, nowMs })
  assert.deepEqual(
    projects.map(({ name, activity }) => [name, activity.length, activity.reduce((sum, count) => sum + count)]),
    [
      ['old', 30, 0],
      ['other', 30, 3],
      ['p', 30, 5],
    ],
  )
  const tomorrow = await readProject(db, { project: 'p', nowMs: nowMs + dayMs })
  assert.deepEqual(tomorrow.activity, [...expected.slice(1), 0])
})

test('it tells how many of its runs are running: none that ended, was deleted, or whose client fell silent', async () => {
  await using opened = await openDatabase()
  const { db } = opened
  const runningAt = async (atMs: number) => (await readProject(db, { project: 'p', nowMs: atMs })).running
  for (const name of ['ended', 'deleted', 'silent', 'steady'])
    await createRun(db, newRun('p', name), commitAt(midnight))
  assert.equal(await runningAt(nowMs), 4)
  await finishRun(db, { project: 'p', run: 'ended', exitCode: 0 }, commitAt(nowMs))
  await deleteRun(db, { project: 'p', run: 'deleted' }, commitAt(nowMs))
  assert.equal(await runningAt(nowMs), 2)
  const { id } = await db.selectFrom('runs').select('id').where('name', '=', 'silent').executeTakeFirstOrThrow()
  await db.updateTable('heads').set({ has_heartbeats: 1 }).where('run', '=', id).execute()
  assert.equal(await runningAt(midnight + limits.lostMs), 2)
  assert.equal(await runningAt(midnight + limits.lostMs + 1), 1)
  const { runs, activity } = await readProject(db, { project: 'p', nowMs })
  assert.deepEqual([runs, activity.at(-1)], [3, 3])
})
