import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { startTracker, type TrackerProcess } from '@aspara/tracker/testing/tracker-process.ts'
import { getJson, getRun, type Json, post, runSnapshot, send } from './read-back.ts'

/**
 * Clients of other versions, and other people's, send fields that this tracker does not know. They are ignored: they bring
 * no error, and above all they set nothing, whatever the tracker's own tables call their columns.
 */

const unknown = {
  id: 1,
  run: 1,
  run_id: 'other',
  project: 'other',
  status: 'failed',
  exit_code: 77,
  created_at: 0,
  finished_at: 0,
  finish_reason: 'none',
  heard_at: 0,
  duration: 0,
  next_position: 0,
  last_step: 99,
  metrics: [],
  'no such column': 1,
  'notes" = 1 --': 1,
}

suite('fields that a call does not know set nothing', () => {
  let tracker: TrackerProcess
  let runs: string

  before(async () => {
    tracker = await startTracker()
    runs = `${tracker.api}/projects/known/runs`
    await post(runs, { name: 'known', tags: ['a'], notes: 'n', config: { a: 1 } })
    await post(`${runs}/known/metrics`, { step: 1, metrics: { loss: 0.5 } })
  })
  after(() => tracker.stop())

  for (const what of ['run', 'project']) {
    test(`in a change of a ${what}`, async () => {
      const url = what === 'run' ? `${runs}/known` : `${tracker.api}/projects/known`
      const held: Json = await getJson(url)
      const heldRun = await runSnapshot(tracker.api, 'known', 'known')
      const { project: _, ...ofProject } = unknown
      const fields = { ...(what === 'run' ? unknown : ofProject), name: 'other', config: '{}', summary: '{}' }
      for (const body of [fields, ...Object.entries(fields).map(([field, value]) => ({ [field]: value }))]) {
        assert.deepEqual(await send('PATCH', url, body), { status: 200, body: held }, JSON.stringify(body))
        assert.deepEqual(await runSnapshot(tracker.api, 'known', 'known'), heldRun)
      }
      const changed = await send('PATCH', url, { ...fields, display_name: 'Known' })
      assert.deepEqual(changed, { status: 200, body: { ...held, display_name: 'Known' } })
    })
  }

  test('in a new run', async () => {
    const { id: _, ...others } = unknown
    await post(runs, { ...others, name: 'new' })
    const { created_at, heard_at, ...run } = await getRun(tracker.api, 'known', 'new')
    assert.ok(Date.parse(created_at) > 0 && heard_at === created_at)
    assert.deepEqual(run, {
      project: 'known',
      name: 'new',
      run_id: 'new',
      number: 2,
      id: null,
      display_name: null,
      group: null,
      job_type: null,
      status: 'running',
      exit_code: null,
      tags: [],
      notes: '',
      config: {},
      summary: {},
      finished_at: null,
      duration: 0,
      finish_reason: null,
      metrics: [],
      writers: [],
    })
  })

  test('in a config, a summary, tags, and the end of a run', async () => {
    const { metrics: _, ...others } = unknown
    const { heard_at, ...held } = await getRun(tracker.api, 'known', 'known')
    await post(`${runs}/known/config`, { ...others, config: { b: 2 } })
    await post(`${runs}/known/summary`, { ...others, config: {}, summary: { c: 3 } })
    await post(`${runs}/known/tags`, { ...others, notes: '', tags: ['b'] })
    const { exit_code, ...ended } = others
    await post(`${runs}/known/finish`, { ...ended, exit_code: 0 })
    const run = await getRun(tracker.api, 'known', 'known')
    assert.ok(run.heard_at >= heard_at && Date.parse(run.finished_at) > 0)
    assert.deepEqual(run, {
      ...held,
      config: { a: 1, b: 2 },
      summary: { c: 3 },
      tags: ['b'],
      status: 'finished',
      exit_code: 0,
      heard_at: run.heard_at,
      duration: run.duration,
      finished_at: run.finished_at,
    })
  })

  test('in a record and in a batch', async () => {
    const { metrics: _, ...others } = unknown
    await post(`${runs}/known/metrics`, { ...others, step: 5, metrics: { loss: 0.25 } })
    const batch = {
      writer: '11111111-1111-4111-8111-111111111111',
      sequence: 0,
      steps: [6],
      metrics: { loss: [0.125] },
    }
    await post(`${runs}/known/metrics/batch`, { ...others, next_sequence: 7, ...batch })
    const { metrics } = await getJson(`${runs}/known/metrics`)
    const [loss] = metrics
    assert.deepEqual([loss.count, loss.last_step, loss.last], [3, 6, 0.125])
    assert.equal((await send('GET', `${tracker.api}/projects/other`)).status, 404)
  })
})
