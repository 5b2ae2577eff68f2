import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { ask, type Json, must } from '../testing/ask.ts'
import { startTracker, type TrackerProcess } from '../testing/tracker-process.ts'

let tracker: TrackerProcess
let runs: string
before(async () => {
  tracker = await startTracker()
  runs = `${tracker.api}/projects/p/runs`
  for (const [name, lr, acc] of [
    ['slow', 0.001, 0.95],
    ['fast', 0.5, 0.7],
    ['mid', 0.005, 0.99],
  ] as const) {
    await must('POST', runs, { name, config: { lr }, tags: name === 'mid' ? ['baseline', 'a&b=c'] : ['baseline'] })
    await must('POST', `${runs}/${name}/metrics`, { metrics: { 'val/acc': acc, 'a,b:c': acc } })
    await must('POST', `${runs}/${name}/metrics`, { metrics: { 'val/acc': 'NaN' } })
  }
})
after(() => tracker.stop())

const list = (query: Record<string, string>) => ask('GET', `${runs}?${new URLSearchParams(query)}`)
const namesOf = async (query: Record<string, string>): Promise<string[]> => {
  const { status, body } = await list(query)
  assert.equal(status, 200, JSON.stringify(body))
  return body.runs.map((run: Json) => run.name)
}

test('runs are filtered and sorted by what they are at this moment', async () => {
  const filter = 'config.lr < 0.01 and metric.val/acc.max > 0.9 and "baseline" in tags'
  assert.deepEqual(await namesOf({ filter }), ['mid', 'slow'])
  assert.deepEqual(await namesOf({ filter, sort: 'metric:val/acc:max' }), ['slow', 'mid'])
  assert.deepEqual(await namesOf({ sort: '-metric.val/acc.max' }), ['mid', 'slow', 'fast'])
  assert.deepEqual(await namesOf({ sort: 'metric:"a,b:c":min,name' }), ['fast', 'slow', 'mid'])
  assert.deepEqual(await namesOf({ filter: '"a&b=c" in tags' }), ['mid'])
  assert.deepEqual(await namesOf({ filter: 'created > now' }), [])
})

test('pages of a filtered and sorted list follow each other, and no other list', async () => {
  const query = { filter: 'metric.val/acc.nonfinite = 1', sort: 'config.lr', limit: '2' }
  const first = (await list(query)).body
  assert.deepEqual(await namesOf({ ...query, cursor: first.next_cursor }), ['fast'])
  for (const other of [{ ...query, sort: '-config.lr' }, { ...query, filter: 'config.lr > 0' }, { limit: '2' }]) {
    const { status, body } = await list({ ...other, cursor: first.next_cursor })
    assert.deepEqual([status, body.detail[0].loc], [422, ['query', 'cursor']])
  }
})

test('a list tells of the metrics that are asked for, and of all unless any are named', async () => {
  const metricsOf = async (query: string) => {
    const { runs: listed } = await must('GET', `${runs}?sort=name${query}`)
    return listed.map((run: Json) => run.metrics.map(({ metric }: Json) => metric).join(' + '))
  }
  const each = (metrics: string) => [metrics, metrics, metrics]
  assert.deepEqual(await metricsOf(''), each('val/acc + a,b:c'))
  assert.deepEqual(await metricsOf('&metrics=val/acc'), each('val/acc'))
  assert.deepEqual(await metricsOf('&metrics=absent,val/acc,val/acc'), each('val/acc'))
  assert.deepEqual(await metricsOf('&metric=a,b:c&metric=absent'), each('a,b:c'))
  assert.deepEqual(await metricsOf('&metrics=val/acc&metric=a,b:c'), each('val/acc + a,b:c'))
  assert.deepEqual(await metricsOf('&metrics='), each(''))
  assert.deepEqual(await metricsOf('&metrics=&metric=val/acc'), each('val/acc'))
  // What is filtered and sorted by needs not be told.
  assert.deepEqual(await namesOf({ filter: 'metric.val/acc.max > 0.9', sort: '-metric.val/acc.max', metrics: '' }), [
    'mid',
    'slow',
  ])
  const [run] = (await list({ metrics: 'val/acc', filter: 'name = "mid"' })).body.runs
  const [, whole] = (await must('GET', `${runs}/mid/metrics`)).metrics.map((metric: Json) => metric.metric)
  assert.equal(whole, 'a,b:c')
  assert.deepEqual(run.metrics, [(await must('GET', `${runs}/mid/metrics`)).metrics[0]])
})

test('a filter or a sort that cannot be read is a 422 that names it and points at the place', async () => {
  const cases: [string, string, string][] = [
    ['filter', 'config.lr < and', 'expected a number or a text at character 13: "config.lr < →and"'],
    ['filter', '', 'expected a comparison such as config.lr < 0.01 or "baseline" in tags at the end: "→"'],
    [
      'filter',
      'status = "done"',
      'expected "running", "lost", "finished" or "failed", and no run is "done", at character 10: "status = →"done""',
    ],
    [
      'sort',
      '-loss',
      'expected a field (name, display_name, id, group, job_type, notes, tags, status, exit_code, created, heard, finished, duration, config.…, summary.… or metric.…), and "loss" is none at character 2: "-→loss"',
    ],
    [
      'sort',
      'metric:loss:best',
      'expected count, nonfinite, first, last, min, max or mean, and not "best", at character 13: "metric:loss:→best"',
    ],
  ]
  for (const [field, text, msg] of cases) {
    const { status, body } = await list({ [field]: text })
    assert.deepEqual([status, body], [422, { detail: [{ loc: ['query', field], msg, type: 'value_error' }] }])
  }
  const long = await list({ filter: `name = "${'x'.repeat(5_000)}"` })
  assert.deepEqual([long.status, long.body.detail[0].loc], [422, ['query', 'filter']])
  const twice = await ask('GET', `${runs}?filter=name="a"&filter=name="b"`)
  assert.deepEqual([twice.status, twice.body.detail[0].loc[1]], [422, 'filter'])
  assert.equal((await ask('GET', `${tracker.api}/projects/absent/runs?filter=name="a"`)).status, 404)
})

test('a run with heartbeats that falls silent is lost, and running again when it speaks', async () => {
  const run = `${runs}/beating`
  const status = async () => (await must('GET', run)).status
  const batch = (sequence: number) => ({ writer: '7f9c24e8-3b12-4fef-91e0-5629c1a2a5d3', sequence, metrics: {} })
  await must('POST', `${run}/metrics/batch`, batch(0))
  assert.equal(await status(), 'running')
  const database = new DatabaseSync(join(tracker.dataDir, 'aspara.db'))
  database.exec('update heads set heard_at = heard_at - 121000')
  database.close()
  assert.equal(await status(), 'lost')
  assert.deepEqual(await namesOf({ filter: 'status = "lost"' }), ['beating'])
  await must('POST', `${run}/metrics/batch`, batch(1))
  assert.equal(await status(), 'running')
})
