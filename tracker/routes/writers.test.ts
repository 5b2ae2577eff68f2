import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import { ask, type Json, must } from '../testing/ask.ts'
import { startTracker, type TrackerProcess, temporaryFolder } from '../testing/tracker-process.ts'

let tracker: TrackerProcess
let runs: string
before(async () => {
  tracker = await startTracker()
  runs = `${tracker.api}/projects/p/runs`
})
after(() => tracker.stop())

const writer = '6f1c0000-0000-4000-8000-0000000000e2'
/** Its receipt is the one that docs/format/spool.md gives these bytes. */
const rows = {
  steps: [0, 1],
  timestamps: [1_769_850_001_000, 1_769_850_002_000.5],
  metrics: { loss: [0.5, 'NaN'], acc: [null, 0] },
}
const receipt = { rows: 2, points: 3, checksum: '563f9183' }

const writersOf = async (run: string, query = ''): Promise<Json[]> =>
  (await must('GET', `${run}/writers${query}`)).writers

suite('writers', () => {
  test('are told with all that is known of them, alone, in the list, and with the run', async () => {
    const run = `${runs}/told`
    const client = { language: 'python', host: 'a', log_p50_us: 1.5, nested: { of: ['any', null] } }
    await must('POST', `${run}/metrics/batch`, { writer, sequence: 0, ...rows, label: 'rank 3 · host-a', client })
    const [{ heard_at, ...told }, ...more] = await writersOf(run)
    assert.deepEqual(
      [told, more],
      [
        { writer, label: 'rank 3 · host-a', next_sequence: 1, ...receipt, finished_at: null, exit_code: null, client },
        [],
      ],
    )
    assert.ok(Math.abs(Date.parse(heard_at) - Date.now()) < 60_000)
    assert.deepEqual(await writersOf(run, `?writer=${writer}`), [{ heard_at, ...told }])
    assert.deepEqual((await must('GET', run)).writers, [{ heard_at, ...told }])
    assert.deepEqual((await must('PATCH', run, { notes: 'n' })).writers, [{ heard_at, ...told }])
    assert.equal((await must('GET', runs)).runs[0].writers, undefined)
  })

  test('are the same in capitals', async () => {
    const run = `${runs}/capitals`
    await must('POST', `${run}/metrics/batch`, { writer, sequence: 0, ...rows })
    const loud = writer.toUpperCase()
    const again = await must('POST', `${run}/metrics/batch`, { writer: loud, sequence: 0, ...rows })
    assert.deepEqual(again, { status: 'ok', next_sequence: 1, duplicate: true })
    await must('POST', `${run}/finish`, { writer: loud, exit_code: 4 })
    const [{ writer: name, exit_code, finished_at }, ...more] = await writersOf(run, `?writer=${loud}`)
    assert.deepEqual([name, exit_code, more], [writer, 4, []])
    assert.equal((await must('GET', run)).finished_at, finished_at)
  })

  test('send null for what they leave out', async () => {
    const run = `${runs}/nulls`
    await must('POST', `${run}/metrics/batch`, { writer, sequence: 0, ...rows, label: 'l', client: { a: 1 } })
    await must('POST', `${run}/metrics/batch`, { writer, sequence: 1, metrics: {}, label: null, client: null })
    const [{ label, client, rows: count }] = await writersOf(run)
    assert.deepEqual([label, client, count], ['l', { a: 1 }, 2])
    await must('POST', `${run}/finish`, { writer: null, exit_code: 1 })
    const { status, writers } = await must('GET', run)
    assert.deepEqual([status, writers[0].exit_code], ['failed', null], 'the run ended, whoever writes it')
  })

  test('may say as much of themselves as the limit says, counted in bytes', async () => {
    const run = `${runs}/large`
    const client = (chars: number) => ({ host: 'é'.repeat(chars) })
    const most = (16 * 1024 - '{"host":""}'.length - 1) / 2
    await must('POST', `${run}/metrics/batch`, { writer, sequence: 0, metrics: {}, client: client(most) })
    const refused = await ask('POST', `${run}/metrics/batch`, {
      writer,
      sequence: 1,
      metrics: {},
      client: client(most + 1),
    })
    assert.deepEqual([refused.status, refused.body.detail[0].loc], [422, ['body', 'client']])
    assert.equal((await writersOf(run))[0].next_sequence, 1)
  })

  test('of a run that is not there are a 404, of one without any an empty list', async () => {
    assert.equal((await ask('GET', `${runs}/absent/writers`)).status, 404)
    await must('POST', `${runs}/plain/metrics`, { step: 1, metrics: { loss: 1 } })
    assert.deepEqual(await must('GET', `${runs}/plain/writers`), { writers: [], next_cursor: null })
    assert.deepEqual(await writersOf(`${runs}/plain`, `?writer=${writer}`), [])
  })

  test('are read from a tracker that takes no writes', async (t) => {
    const dataDir = await temporaryFolder()
    t.after(() => rm(dataDir, { recursive: true, force: true }))
    const written = await startTracker({ dataDir })
    await must('POST', `${written.api}/projects/p/runs/kept/metrics/batch`, { writer, sequence: 0, ...rows })
    await written.stop()
    const reading = await startTracker({ dataDir, args: ['--read-only'] })
    const [{ checksum }] = await writersOf(`${reading.api}/projects/p/runs/kept`)
    await reading.stop()
    assert.equal(checksum, receipt.checksum)
  })
})

suite('a run with an id', () => {
  test('is made once, however often and by however many it is asked for', async () => {
    const body = { name: 'many', id: 'job-1', config: { lr: 1 }, group: 'g', job_type: null, display_name: null }
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask('POST', runs, body)))
    for (const { status, body } of answers) {
      assert.deepEqual([status, body], [200, { status: 'ok', project: 'p', name: 'many', run_id: 'many' }])
    }
    assert.deepEqual(await must('POST', runs, { id: 'job-1' }), answers[0].body, 'without its name too')
    const { id, group, job_type } = await must('GET', `${runs}/many`)
    assert.deepEqual({ id, group, job_type }, { id: 'job-1', group: 'g', job_type: null })
    const other = await ask('POST', runs, { name: 'many', id: 'job-2' })
    assert.deepEqual([other.status, other.body], [409, { detail: 'Run already exists' }])
  })

  test('is found by its group and its kind of job', async () => {
    for (const [name, job_type] of [
      ['one', 'train'],
      ['two', 'eval'],
    ])
      await must('POST', runs, { name, group: 'sweep', job_type })
    const found = async (query: string) =>
      (await must('GET', `${runs}?${new URLSearchParams(query)}`)).runs.map((run: Json) => run.name)
    assert.deepEqual(await found('filter=group = "sweep" and job_type = "eval"'), ['two'])
    assert.deepEqual(await found('filter=group = "sweep"&sort=-job_type'), ['one', 'two'])
  })
})
