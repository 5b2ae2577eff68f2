import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commitAt } from '../catalog/commit.ts'
import { deleteRun, restoreRun } from '../catalog/deletions.ts'
import { createRun } from '../catalog/write-catalog.ts'
import { newRun, refused } from '../testing/ask-store.ts'
import { record } from '../testing/plain-appends.ts'
import { randomFromEnvironment } from '../testing/random.ts'
import { SeriesDatabase } from '../testing/series-database.ts'
import { listProjectMetrics } from './project-metrics.ts'
import { Tails } from './tails.ts'

const names = ['loss', 'val/loss', 'Loss', 'épochs', '実験', '🦊', '\uffee', 'a,b', 'lr'].concat(
  Array.from({ length: 20 }, (_, index) => `system/${index}`),
)

test('the metrics of a project are those of its runs, wherever their points are', async (t) => {
  const random = randomFromEnvironment()
  t.diagnostic(`ASPARA_TEST_SEED=${random.seed}`)
  await using database = await SeriesDatabase.open()
  const { db } = database
  const tails = new Tails()
  /** Of each run the points of each metric, by project and run. */
  const logged = new Map<string, Map<string, number>>()
  const trashed = new Map<string, string>()
  const expected = (project: string) => {
    const metrics = new Map<string, { metric: string; runs: number; points: number }>()
    for (const [key, its] of logged) {
      if (!key.startsWith(`${project}/`) || trashed.has(key)) continue
      for (const [metric, points] of its) {
        const known = metrics.get(metric) ?? { metric, runs: 0, points: 0 }
        metrics.set(metric, { metric, runs: known.runs + 1, points: known.points + points })
      }
    }
    const byBytes = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other))
    return [...metrics.values()].sort((one, other) => byBytes(one.metric, other.metric))
  }
  const readAll = async (project: string, limit: number) => {
    const metrics = []
    for (let cursor: string | undefined; ; ) {
      const page = await listProjectMetrics(db, tails, { project, page: { limit, cursor } })
      metrics.push(...page.metrics)
      if (page.next_cursor === null) return metrics
      assert.equal(page.metrics.length, limit, 'only the last page is not full')
      cursor = page.next_cursor
    }
  }

  for (let turn = 0; turn < 150; turn++) {
    const project = random.pick(['p', 'q'])
    const run = random.pick(['a', 'b', 'c', 'd'])
    const key = `${project}/${run}`
    const trashId = trashed.get(key)
    if (trashId !== undefined) {
      await restoreRun(db, { project, trashId }, commitAt(Date.now(), turn))
      trashed.delete(key)
    } else if (logged.has(key) && random.chance(0.1)) {
      trashed.set(key, (await deleteRun(db, { project, run }, commitAt(Date.now(), turn))).trashId)
    } else if (logged.has(key) && random.chance(0.3)) {
      await database.compactOnce(await database.runId(run, project))
    } else {
      const its = logged.get(key) ?? new Map<string, number>()
      logged.set(key, its)
      const metrics = random.shuffle(names).slice(0, random.between(1, 6))
      for (const metric of metrics) its.set(metric, (its.get(metric) ?? 0) + 1)
      await database.append([
        { ...record(run, null, Object.fromEntries(metrics.map((metric) => [metric, random.next()]))), project },
      ])
    }
    for (const each of ['p', 'q'].filter((its) => [...logged.keys()].some((key) => key.startsWith(its)))) {
      assert.deepEqual(await readAll(each, random.between(1, 40)), expected(each), `after turn ${turn}`)
    }
  }
})

test('a project without metrics has none, and one that is not there is refused', async () => {
  await using database = await SeriesDatabase.open()
  const { db } = database
  await createRun(db, newRun('p', 'r'), commitAt(Date.now()))
  const page = await listProjectMetrics(db, new Tails(), { project: 'p', page: {} })
  assert.deepEqual(page, { metrics: [], next_cursor: null })
  await refused(listProjectMetrics(db, new Tails(), { project: 'q', page: {} }), 'projectNotFound')
})
